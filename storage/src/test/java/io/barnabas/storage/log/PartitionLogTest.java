package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.record.TimestampType;
import io.barnabas.storage.file.RealDisk;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PartitionLogTest {
    private static final long NOW = 1_000_000;

    @TempDir
    Path directory;

    private LogStore store;

    @AfterEach
    void close() {
        if (store != null) {
            store.abandon();
        }
    }

    private PartitionLog log(LogConfig config) throws IOException {
        store = StoredLogs.open(new RealDisk(), config, directory);
        return store.create(StoredLogs.partition(0), config);
    }

    private static AppendResult append(PartitionLog log, ByteBuffer batch) throws IOException {
        return log.append(batch, 5, AppendOrigin.CLIENT, NOW);
    }

    private static AppendResult.Rejected rejected(PartitionLog log, ByteBuffer batch) throws IOException {
        long end = log.view().logEndOffset();
        var rejected = assertInstanceOf(AppendResult.Rejected.class, append(log, batch));
        assertEquals(end, log.view().logEndOffset());
        return rejected;
    }

    @Test
    void offsetsAndEpochAreAssignedInPlace() throws IOException {
        var log = log(LogConfig.DEFAULTS);
        append(log, Batches.of(record(NOW, "a", "1"), record(NOW, "b", "2")));
        var result = append(log, Batches.of(record(NOW, "c", "3")));
        assertEquals(new AppendResult.Appended(2, 2, -1, 0), result);
        assertEquals(3, log.view().logEndOffset());
        assertEquals(0, log.view().highWatermark());
        var batches = StoredLogs.batches(log, 0, 10_000);
        assertEquals(2, batches.size());
        assertEquals(5, batches.get(1).getInt(12));
    }

    @Test
    void aNewLogCostsNoFile() throws IOException {
        var log = log(LogConfig.DEFAULTS);
        try (var files = Files.list(log.path())) {
            assertEquals(0, files.count());
        }
        append(log, Batches.of(record(NOW, "a", "1")));
        assertTrue(Files.exists(log.path().resolve("00000000000000000000.log")));
    }

    @Test
    void readsStopAtTheIsolationLimit() throws IOException {
        var log = log(LogConfig.DEFAULTS);
        for (int i = 0; i < 10; i++) {
            append(log, Batches.of(record(NOW, "a", "value" + i)));
        }
        assertEquals(
                0,
                log.read(0, 1_000_000, ReadIsolation.HIGH_WATERMARK, true)
                        .records()
                        .sizeBytes());
        log.advanceHighWatermark(4);
        var read = log.read(1, 1_000_000, ReadIsolation.HIGH_WATERMARK, true);
        var bytes = StoredLogs.bytes(read);
        int sizeBytes = 12 + bytes.getInt(8);
        assertEquals(1, bytes.getLong(0));
        assertEquals(3 * sizeBytes, bytes.remaining());
        assertEquals(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                log.read(11, 1, ReadIsolation.LOG_END, true).error());
        assertEquals(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                log.read(-1, 1, ReadIsolation.LOG_END, true).error());
        assertEquals(0, log.read(10, 100, ReadIsolation.LOG_END, true).records().sizeBytes());
        assertEquals(0, log.read(0, 10, ReadIsolation.LOG_END, false).records().sizeBytes());
        assertEquals(
                sizeBytes,
                StoredLogs.bytes(log.read(0, 10, ReadIsolation.LOG_END, true)).remaining());
        assertEquals(
                2 * sizeBytes,
                StoredLogs.bytes(log.read(0, 3 * sizeBytes - 1, ReadIsolation.LOG_END, true))
                        .remaining());
    }

    @Test
    void theWholeBatchIsReturnedForAnOffsetInside() throws IOException {
        var log = log(LogConfig.DEFAULTS);
        append(log, Batches.of(record(NOW, "a", "1"), record(NOW, "b", "2"), record(NOW, "c", "3")));
        assertEquals(
                0, StoredLogs.bytes(log.read(2, 1, ReadIsolation.LOG_END, true)).getLong(0));
    }

    @Test
    void segmentsRollBySizeAndReadsCrossThem() throws IOException {
        var log = log(
                LogConfig.builder().segmentBytes(5_000).indexIntervalBytes(300).build());
        var random = new Random(1);
        for (int i = 0; i < 100; i++) {
            append(log, Batches.random(random, 3, 60, NOW));
        }
        assertTrue(log.view().segmentCount() > 3, log.view()::toString);
        for (int maxBytes : new int[] {1, 700, 3_000, 100_000}) {
            assertEquals(100, StoredLogs.batches(log, 0, maxBytes).size());
        }
        for (long offset = 0; offset < 300; offset++) {
            var first = StoredLogs.bytes(log.read(offset, 1, ReadIsolation.LOG_END, true));
            assertEquals(offset / 3 * 3, first.getLong(0));
        }
    }

    @Test
    void stagedBatchesAreInvisibleUntilWrittenTogether() throws IOException {
        var log = log(LogConfig.builder().segmentBytes(400).build());
        for (int i = 0; i < 10; i++) {
            assertEquals(
                    new AppendResult.Appended(i, i, -1, 0),
                    log.stage(Batches.of(record(NOW, "a", "v" + i)), 1, AppendOrigin.CLIENT, NOW));
        }
        assertEquals(0, log.view().logEndOffset());
        log.writeStaged(NOW);
        assertEquals(10, StoredLogs.batches(log, 0, 1_000).size());
    }

    @Test
    void badBatchesAreRejectedWithKafkasErrors() throws IOException {
        var log = log(LogConfig.builder().maxMessageBytes(500).build());
        var good = Batches.of(record(NOW, "a", "1"));

        var corrupt = Batches.of(record(NOW, "a", "1"));
        corrupt.put(corrupt.limit() - 1, (byte) 99);
        assertEquals(ErrorCode.CORRUPT_MESSAGE, rejected(log, corrupt).error());

        assertEquals(
                ErrorCode.MESSAGE_TOO_LARGE,
                rejected(log, Batches.random(new Random(1), 1, 600, NOW)).error());

        var two = ByteBuffer.allocate(2 * good.remaining());
        two.put(good.duplicate()).put(good.duplicate()).flip();
        assertEquals(ErrorCode.INVALID_RECORD, rejected(log, two).error());

        assertEquals(
                ErrorCode.INVALID_RECORD, rejected(log, ByteBuffer.allocate(0)).error());

        var truncated = good.duplicate().limit(good.limit() - 1).slice();
        assertEquals(ErrorCode.INVALID_RECORD, rejected(log, truncated).error());

        var tiny = ByteBuffer.allocate(70).putInt(8, 3);
        assertEquals(ErrorCode.CORRUPT_MESSAGE, rejected(log, tiny).error());

        var shifted = Batches.of(record(NOW, "a", "1")).putLong(0, 17);
        assertEquals(ErrorCode.INVALID_RECORD, rejected(log, shifted).error());

        log.reconfigure(LogConfig.builder().segmentBytes(60).build());
        assertEquals(
                ErrorCode.RECORD_LIST_TOO_LARGE,
                rejected(log, Batches.of(record(NOW, "a", "1"))).error());
    }

    @Test
    void timestampsOutOfBoundsNameTheRecords() throws IOException {
        var log = log(LogConfig.builder()
                .timestampBeforeMaxMs(1_000)
                .timestampAfterMaxMs(2_000)
                .build());
        var rejected = rejected(
                log, Batches.of(record(NOW, "a", "1"), record(NOW - 1_001, "a", "1"), record(NOW + 2_001, "a", "1")));
        assertEquals(ErrorCode.INVALID_TIMESTAMP, rejected.error());
        assertEquals("One or more records have been rejected due to invalid timestamp", rejected.message());
        assertEquals(
                java.util.List.of(1, 2),
                rejected.recordErrors().stream().map(RecordError::batchIndex).toList());
        assertInstanceOf(
                AppendResult.Appended.class,
                append(log, Batches.of(record(NOW - 1_000, "a", "1"), record(NOW + 2_000, "a", "1"))));
        assertInstanceOf(AppendResult.Appended.class, append(log, Batches.of(record(-1, "a", "1"))));
    }

    @Test
    void aCompactedTopicRefusesRecordsWithoutKey() throws IOException {
        var log = log(LogConfig.builder().compact(true).build());
        for (var compression :
                new Compression[] {Compression.NONE, Compression.gzip().build()}) {
            var rejected = rejected(
                    log,
                    Batches.of(compression, record(NOW, "a", "1"), record(NOW, null, "2"), record(NOW, null, "3")));
            assertEquals(ErrorCode.INVALID_RECORD, rejected.error());
            assertEquals(
                    java.util.List.of(1, 2),
                    rejected.recordErrors().stream()
                            .map(RecordError::batchIndex)
                            .toList());
        }
    }

    @Test
    void logAppendTimeIsStamped() throws IOException {
        var log = log(
                LogConfig.builder().timestampType(TimestampType.LOG_APPEND_TIME).build());
        assertEquals(new AppendResult.Appended(0, 0, NOW, 0), append(log, Batches.of(record(5, "a", "1"))));
        assertEquals(new TimestampOffset(NOW, 0, 5), log.offsetForTimestamp(NOW - 10));
        assertEquals(NOW, log.timestampAt(0));
        assertEquals(TimestampOffset.NONE, log.offsetForTimestamp(NOW + 1));
    }

    @Test
    void theTimeOfAnOffsetIsThatOfItsBatch() throws IOException {
        var log = log(
                LogConfig.builder().segmentBytes(2_000).indexIntervalBytes(100).build());
        assertEquals(-1, log.timestampAt(0));
        for (int i = 0; i < 100; i++) {
            append(log, Batches.of(record(1_000 + 10 * i, "a", "x"), record(1_005 + 10 * i, "b", "y")));
        }
        for (int i = 0; i < 200; i++) {
            assertEquals(1_000 + 10 * (i / 2), log.timestampAt(i));
        }
        assertEquals(-1, log.timestampAt(200));
        log.advanceHighWatermark(200);
        log.advanceLogStart(51);
        assertEquals(1_250, log.timestampAt(0), "what is gone cannot be consumed any more");
    }

    @Test
    void offsetsAreFoundByTimestamp() throws IOException {
        var log = log(
                LogConfig.builder().segmentBytes(2_000).indexIntervalBytes(100).build());
        for (int i = 0; i < 100; i++) {
            append(log, Batches.of(record(1_000 + 10 * i, "a", "x"), record(1_005 + 10 * i, "b", "y")));
        }
        assertEquals(new TimestampOffset(1_000, 0, 5), log.offsetForTimestamp(0));
        for (int i = 0; i < 200; i++) {
            assertEquals(new TimestampOffset(1_000 + 5 * i, i, 5), log.offsetForTimestamp(1_000 + 5 * i));
            assertEquals(new TimestampOffset(1_000 + 5 * i, i, 5), log.offsetForTimestamp(1_000 + 5 * i - 4));
        }
        assertEquals(TimestampOffset.NONE, log.offsetForTimestamp(1_996));
        assertEquals(new TimestampOffset(1_995, 199, 5), log.offsetOfMaxTimestamp());
        append(log, Batches.of(record(500, "late", "x")));
        assertEquals(new TimestampOffset(1_995, 199, 5), log.offsetOfMaxTimestamp());
        log.advanceHighWatermark(201);
        log.advanceLogStart(201);
        assertEquals(new TimestampOffset(1_995, 199, 5), log.offsetOfMaxTimestamp(), "as long as its segment is there");
        assertEquals(TimestampOffset.NONE, log.offsetForTimestamp(0));
    }

    @Test
    void truncationIsByBatch() throws IOException {
        var log = log(LogConfig.builder().segmentBytes(1_000).build());
        for (int i = 0; i < 50; i++) {
            append(log, Batches.of(record(NOW + i, "a", "value" + i)));
        }
        log.truncateTo(20, NOW);
        assertEquals(20, log.view().logEndOffset());
        assertEquals(20, StoredLogs.batches(log, 0, 10_000).size());
        assertEquals(new TimestampOffset(NOW + 19, 19, 5), log.offsetOfMaxTimestamp());
        append(log, Batches.of(record(NOW, "a", "again")));
        assertEquals(21, StoredLogs.batches(log, 0, 10_000).size());
        log.truncateFullyAndStartAt(100, NOW);
        assertEquals(100, log.view().logStartOffset());
        assertEquals(new AppendResult.Appended(100, 100, -1, 100), append(log, Batches.of(record(NOW, "a", "b"))));
    }

    @Test
    void aCleanRestartFindsEverything() throws IOException {
        var config =
                LogConfig.builder().segmentBytes(3_000).indexIntervalBytes(200).build();
        var log = log(config);
        var random = new Random(2);
        for (int i = 0; i < 60; i++) {
            append(log, Batches.random(random, 2, 80, NOW + i));
        }
        log.advanceHighWatermark(100);
        var before = StoredLogs.batches(log, 0, 1_000);
        store.close();
        store = StoredLogs.open(new RealDisk(), config, directory);
        var again = store.logs().iterator().next();
        assertEquals(120, again.view().logEndOffset());
        assertEquals(100, again.view().highWatermark());
        assertEquals(before, StoredLogs.batches(again, 0, 1_000));
        assertEquals(119, again.offsetOfMaxTimestamp().offset());
        assertFalse(Files.exists(directory.resolve(".kafka_cleanshutdown")));
    }

    @Test
    void retentionDeletesWholeSegmentsBelowTheLogStart() throws IOException {
        var config = LogConfig.builder()
                .segmentBytes(1_000)
                .retentionMs(-1)
                .fileDeleteDelayMs(0)
                .build();
        var log = log(config);
        for (int i = 0; i < 50; i++) {
            append(log, Batches.of(record(NOW + i, "a", "value" + i)));
        }
        assertFalse(log.advanceLogStart(30));
        log.advanceHighWatermark(50);
        assertTrue(log.advanceLogStart(30));
        long deletable = log.deletableUpTo(NOW);
        assertTrue(deletable > 0 && deletable <= 30, () -> "up to " + deletable);
        assertTrue(log.deleteSegmentsUpTo(deletable, NOW) > 0);
        assertEquals(deletable, log.view().segment(0).baseOffset());
        assertEquals(30, log.view().logStartOffset());
        store.deleteDue();
        try (var files = Files.list(log.path())) {
            assertEquals(
                    0,
                    files.filter(file -> file.toString().endsWith(".deleted")).count());
        }
        assertEquals(
                20,
                StoredLogs.batches(log, 30, 10_000).stream()
                        .filter(batch -> StoredLogs.lastOffset(batch) >= 30)
                        .count());
        log.reconfigure(config.with().retentionMs(0).build());
        log.deleteSegmentsUpTo(log.deletableUpTo(NOW + 100), NOW);
        assertEquals(50, log.view().logStartOffset());
        assertEquals(50, log.view().logEndOffset());
    }

    /** The check may have been made long before; what it found is looked for in the log as it is now. */
    @Test
    void whatRetentionFoundIsDeletedOnceAndNothingElse() throws IOException {
        var log = log(LogConfig.builder().segmentBytes(500).retentionMs(1_000).build());
        for (int i = 0; i < 30; i++) {
            append(log, Batches.of(record(NOW + (i < 10 ? 0 : 5_000), "a", "value" + i)));
        }
        log.advanceHighWatermark(30);
        long upTo = log.deletableUpTo(NOW + 2_000);
        assertTrue(upTo > 0 && upTo <= 10, () -> "up to " + upTo);
        int deleted = log.deleteSegmentsUpTo(upTo, NOW);
        assertTrue(deleted > 0);
        int left = log.view().segmentCount();
        assertEquals(0, log.deleteSegmentsUpTo(upTo, NOW));
        assertEquals(left, log.view().segmentCount());
    }

    @Test
    void whatIsAppendedAfterRetentionLookedStays() throws IOException {
        var log = log(LogConfig.builder().retentionMs(1_000).build());
        append(log, Batches.of(record(NOW, "a", "old")));
        log.advanceHighWatermark(1);
        long upTo = log.deletableUpTo(NOW + 2_000);
        assertEquals(1, upTo);
        append(log, Batches.of(record(NOW + 2_000, "a", "new")));
        log.advanceHighWatermark(2);
        assertEquals(0, log.deleteSegmentsUpTo(upTo, NOW + 2_000));
        assertEquals(0, log.view().logStartOffset());
    }
}
