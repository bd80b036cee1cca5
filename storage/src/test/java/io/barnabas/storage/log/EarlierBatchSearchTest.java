package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.concurrent.atomic.AtomicInteger;

import io.barnabas.storage.file.SimulatedDisk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the search for batches before the newest snapshot costs at most, and that nothing depends on it. */
class EarlierBatchSearchTest {
    private static final long NOW = 1_000_000;
    private static final int IN_FLIGHT = 5;
    private static final int NO_INDEX = 1 << 30;

    private final SimulatedDisk disk = new SimulatedDisk();
    private LogConfig config;
    private LogStore store;
    private PartitionLog log;

    @AfterEach
    void close() {
        store.abandon();
    }

    private void open(LogConfig.Builder newConfig) throws IOException {
        config = newConfig.build();
        open();
    }

    private void open() throws IOException {
        store = StoredLogs.open(disk, config, Path.of("/a"));
        log = store.create(StoredLogs.partition(0), config);
    }

    private static ByteBuffer batch(long producerId, int sequence, int valueBytes) {
        return Batches.idempotent(producerId, (short) 0, sequence, record(NOW, "k", "v".repeat(valueBytes)));
    }

    private long append(ByteBuffer batch) throws IOException {
        var result = log.append(batch, 1, AppendOrigin.CLIENT, NOW);
        return assertInstanceOf(AppendResult.Appended.class, result, result::toString)
                .baseOffset();
    }

    /** Of no producer. */
    private void fill(int batches, int valueBytes) throws IOException {
        for (int i = 0; i < batches; i++) {
            var batch = Batches.of(record(NOW, "k", "v".repeat(valueBytes)));
            var result = log.stage(batch, 1, AppendOrigin.CLIENT, 0, (short) 0, NOW);
            assertInstanceOf(AppendResult.Appended.class, result, result::toString);
            if (i % 100 == 99 || i == batches - 1) {
                log.writeStaged(NOW);
            }
        }
    }

    private void assertKnown(long offset, ByteBuffer batch) throws IOException {
        assertEquals(
                new AppendResult.Duplicate(offset, offset, NOW, log.view().logStartOffset()),
                log.append(batch, 1, AppendOrigin.CLIENT, NOW));
    }

    /** In several segments. */
    private void openWithTenBatches() throws IOException {
        open(LogConfig.builder().segmentBytes(200).indexIntervalBytes(100));
        for (int i = 0; i < 10; i++) {
            append(batch(7, i, 2));
        }
    }

    private long lastBaseOffset() {
        var segments = log.view().segments();
        return segments.get(segments.size() - 1).baseOffset();
    }

    /** How often data is read when the log is opened after a clean stop. */
    private int readsAtStart() throws IOException {
        store.close();
        var reads = new AtomicInteger();
        disk.failWhen((operation, path) -> {
            if (operation.equals("read") && isLog(path)) {
                reads.incrementAndGet();
            }
            return false;
        });
        open();
        disk.failWhen((operation, path) -> false);
        return reads.get();
    }

    /** How often data is read more for a producer of which a batch is looked for in vain. */
    private void assertReadsForOneMissing(int most, int valueBytes) throws IOException {
        int without = readsAtStart();
        append(batch(8, 3, valueBytes));
        int reads = readsAtStart() - without;
        assertTrue(reads <= most, "reads: " + reads);
    }

    private static boolean isLog(Path path) {
        return path.toString().endsWith(".log");
    }

    /** Of all segments between the first, whose format is looked at, and one. What a start reads first is a file's size. */
    private void failReadsBelow(long baseOffset, boolean startsFirst) {
        var sized = new HashSet<Path>();
        disk.failWhen((operation, path) -> operation.equals("read")
                && isLog(path)
                && !path.endsWith("%020d.log".formatted(0))
                && !path.endsWith("%020d.log".formatted(baseOffset))
                && !(startsFirst && sized.add(path)));
    }

    @Test
    void dataThatCannotBeReadStopsNoStart() throws IOException {
        openWithTenBatches();
        long newest = lastBaseOffset();
        store.close();
        failReadsBelow(newest, true);
        open();
        disk.failWhen((operation, path) -> false);
        assertKnown(9, batch(7, 9, 2));
        assertEquals(10, append(batch(7, 10, 2)));
    }

    @Test
    void dataThatCannotBeReadStopsNoCut() throws IOException {
        openWithTenBatches();
        long cut = lastBaseOffset();
        failReadsBelow(cut, false);
        log.truncateTo(cut, NOW);
        disk.failWhen((operation, path) -> false);
        assertKnown(cut - 1, batch(7, (int) cut - 1, 2));
        assertEquals(cut, append(batch(7, (int) cut, 2)));
    }

    @Test
    void littleIsReadWhereOneBatchIsMissing() throws IOException {
        open(LogConfig.builder());
        fill(20_000, 200);
        assertReadsForOneMissing(24, 2);
    }

    @Test
    void fewHeadersOfLargeBatchesAreReadWhereOneIsMissing() throws IOException {
        open(LogConfig.builder());
        fill(600, 16_000);
        assertReadsForOneMissing(160, 16_000);
    }

    @Test
    void fewOfManySegmentsAreReadWhereOneBatchIsMissing() throws IOException {
        open(LogConfig.builder().segmentBytes(100));
        fill(1_000, 2);
        assertReadsForOneMissing(260, 2);
    }

    @Test
    void aSegmentWithoutIndexEntriesIsReadWhileItIsSmall() throws IOException {
        open(LogConfig.builder().indexIntervalBytes(NO_INDEX));
        fill(500, 200);
        var offsets = new ArrayList<Long>();
        for (int i = 0; i < IN_FLIGHT; i++) {
            offsets.add(append(batch(7, i, 2)));
        }
        readsAtStart();
        for (int i = 0; i < IN_FLIGHT; i++) {
            assertKnown(offsets.get(i), batch(7, i, 2));
        }
    }

    @Test
    void manyBatchesWithoutIndexEntriesAreNotWalked() throws IOException {
        open(LogConfig.builder().indexIntervalBytes(NO_INDEX));
        fill(60_000, 20);
        assertReadsForOneMissing(60, 2);
    }

    @Test
    void manyBytesWithoutIndexEntriesAreNotWalked() throws IOException {
        open(LogConfig.builder().indexIntervalBytes(NO_INDEX));
        fill(100, 100_000);
        assertReadsForOneMissing(24, 2);
    }

    /** A small segment of a log whose older one has no index entries. */
    @Test
    void whatLiesBeforeBatchesThatCannotBeReachedIsNotKnown() throws IOException {
        open(LogConfig.builder().indexIntervalBytes(NO_INDEX));
        append(batch(7, 0, 2));
        fill(100, 100_000);
        long last = append(batch(7, 1, 2));
        readsAtStart();
        assertKnown(last, batch(7, 1, 2));
        var again = log.append(batch(7, 0, 2), 1, AppendOrigin.CLIENT, NOW);
        assertInstanceOf(AppendResult.Rejected.class, again, again::toString);
    }

    @Test
    void batchesBeforeTheSequencesWrapped() throws IOException {
        open(LogConfig.builder());
        log.truncateFullyAndStartAt(1L << 31, NOW);
        int[] sequences = {Integer.MAX_VALUE - 1, Integer.MAX_VALUE, 0, 1};
        for (int newest = 0; newest < sequences.length; newest++) {
            append(batch(7, sequences[newest], 2));
            readsAtStart();
            for (int i = 0; i <= newest; i++) {
                assertKnown((1L << 31) + i, batch(7, sequences[i], 2));
            }
        }
    }
}
