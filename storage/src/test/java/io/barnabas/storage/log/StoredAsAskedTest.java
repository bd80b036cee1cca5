package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.record.Compression;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.TimestampType;
import io.barnabas.storage.file.RealDisk;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Topic settings that change a batch before it is stored: ours are the bytes Apache Kafka's log stores. */
class StoredAsAskedTest {
    @TempDir
    Path directory;

    private final long nowMs = System.currentTimeMillis();

    private static SimpleRecord[] records(long timestampMs) {
        var records = new SimpleRecord[20];
        for (int i = 0; i < records.length; i++) {
            records[i] = record(timestampMs + i % 7, i % 3 == 0 ? null : "key" + i, "value ".repeat(i));
        }
        return records;
    }

    private static List<ByteBuffer> offered(long timestampMs) {
        return List.of(
                Batches.of(records(timestampMs)),
                Batches.of(org.apache.kafka.common.compress.Compression.gzip().build(), records(timestampMs)),
                Batches.of(org.apache.kafka.common.compress.Compression.zstd().build(), records(timestampMs)),
                Batches.idempotent(5, (short) 0, 0, records(timestampMs)));
    }

    @Test
    void batchesAreStoredWithTheTopicsCodec() throws Exception {
        for (var codec : Compression.values()) {
            var name = codec == Compression.NONE ? "uncompressed" : codec.configName();
            compare(name, codec, codec.defaultLevel(), Map.of("compression.type", name));
        }
    }

    @Test
    void levelsAreTheTopics() throws Exception {
        var levels = Map.of(
                Compression.GZIP,
                List.of(1, 9),
                Compression.LZ4,
                List.of(1, 12, 17),
                Compression.ZSTD,
                List.of(-7, 1, 19));
        for (var codec : levels.keySet()) {
            for (int level : levels.get(codec)) {
                var name = codec.configName();
                compare(
                        name + level,
                        codec,
                        level,
                        Map.of("compression.type", name, "compression." + name + ".level", "" + level));
            }
        }
    }

    private void compare(String name, Compression codec, int level, Map<String, String> kafkas) throws Exception {
        var config = LogConfig.builder()
                .compression(Optional.of(codec))
                .compressionLevel(level)
                .build();
        try (var kafka = new KafkaLogs()) {
            var theirs = kafka.open(directory.resolve("kafka-" + name).resolve("topic-0"), kafkas, true);
            var store = StoredLogs.open(new RealDisk(), config, directory.resolve("ours-" + name));
            var log = store.create(StoredLogs.partition(0), config);
            for (var batch : offered(nowMs)) {
                theirs.appendAsLeader(KafkaLogs.records(batch), 3);
                assertInstanceOf(AppendResult.Appended.class, log.append(batch, 3, AppendOrigin.CLIENT, nowMs), name);
            }
            assertEquals(KafkaLogs.batches(theirs, 0), StoredLogs.batches(log, 0, 1 << 20), name);
            theirs.close();
            store.abandon();
        }
    }

    @Test
    void aWrongLargestTimestampIsCorrected() throws IOException {
        var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory);
        var log = store.create(StoredLogs.partition(0), LogConfig.DEFAULTS);
        var batch = Batches.of(record(nowMs, "a", "1"), record(nowMs - 5, "b", "2"));
        new RecordBatch().wrap(batch, 0).stampCreateTime(nowMs + 1_000_000_000L);
        assertInstanceOf(AppendResult.Appended.class, log.append(batch, 3, AppendOrigin.CLIENT, nowMs));
        var stored = new RecordBatch().wrap(StoredLogs.batches(log, 0, 1_000).get(0), 0);
        assertEquals(nowMs, stored.maxTimestamp());
        assertTrue(stored.crcIsValid());
        assertEquals(TimestampType.CREATE_TIME, stored.timestampType());
        store.abandon();
    }

    @Test
    void damagedRecordsUnderAGoodChecksumAreRejected() throws IOException {
        var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory);
        var log = store.create(StoredLogs.partition(0), LogConfig.DEFAULTS);
        var batch = Batches.of(record(nowMs, "a", "1"));
        batch.put(RecordBatch.HEADER_SIZE_BYTES, (byte) 120);
        // Any change of the header makes the checksum right again.
        new RecordBatch().wrap(batch, 0).stampCreateTime(nowMs + 1);
        var rejected = assertInstanceOf(AppendResult.Rejected.class, log.append(batch, 3, AppendOrigin.CLIENT, nowMs));
        assertEquals(ErrorCode.INVALID_RECORD, rejected.error());

        var unknownCodec = Batches.of(record(nowMs, "a", "1"));
        unknownCodec.put(22, (byte) 7);
        new RecordBatch().wrap(unknownCodec, 0).stampCreateTime(nowMs + 1);
        rejected =
                assertInstanceOf(AppendResult.Rejected.class, log.append(unknownCodec, 3, AppendOrigin.CLIENT, nowMs));
        assertEquals(ErrorCode.INVALID_RECORD, rejected.error());
        store.abandon();
    }
}
