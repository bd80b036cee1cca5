package io.barnabas.protocol.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Kafka's own classes read what we write, and the other way round. */
class KafkaAgreementTest {
    private static final int SEEDS = Integer.getInteger("seeds", 40);

    private static org.apache.kafka.common.compress.Compression kafka(Compression codec) {
        return org.apache.kafka.common.compress.Compression.of(codec.configName())
                .build();
    }

    private static List<Record> fromKafka(MutableRecordBatch batch) {
        var records = new ArrayList<Record>();
        for (var record : batch) {
            var headers = new ArrayList<Header>();
            for (var header : record.headers()) {
                headers.add(Header.of(header.key(), header.value()));
            }
            records.add(new Record(record.offset(), record.timestamp(), record.key(), record.value(), headers));
        }
        return records;
    }

    private static SimpleRecord toKafka(Record record) {
        var headers = record.headers().stream()
                .map(header -> new RecordHeader(
                        header.name(),
                        header.value() == null ? null : header.value().array()))
                .toArray(org.apache.kafka.common.header.Header[]::new);
        return new SimpleRecord(record.timestamp(), record.key(), record.value(), headers);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void kafkaReadsOurBatches(Compression codec) {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var records = RandomRecords.of(random, 1 + random.nextInt(60), random.nextInt(1_000));
            int[] levels = {codec.defaultLevel(), Math.max(codec.minLevel(), -5), Math.min(codec.maxLevel(), 9)};
            var bytes = RandomRecords.batch(codec, levels[seed % 3], records);
            var batch =
                    MemoryRecords.readableRecords(bytes).batches().iterator().next();
            batch.ensureValid();
            assertEquals(records, fromKafka(batch), "seed " + seed);
            assertSameHeader(batch, new RecordBatch().wrap(bytes, 0), "seed " + seed);
            assertEquals(codec.id(), (byte) batch.compressionType().id);
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void weReadKafkasBatches(Compression codec) {
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var records = RandomRecords.of(random, 1 + random.nextInt(60), 0);
            var simple = records.stream().map(KafkaAgreementTest::toKafka).toArray(SimpleRecord[]::new);
            var memory = seed % 2 == 0
                    ? MemoryRecords.withRecords(kafka(codec), simple)
                    : MemoryRecords.withTransactionalRecords(
                            kafka(codec), 9L, (short) 4, Integer.MAX_VALUE - 3, simple);
            for (var bytes : List.of(memory.buffer(), RandomRecords.direct(memory.buffer()))) {
                var batch = new RecordBatch().wrap(bytes, bytes.position());
                assertTrue(batch.crcIsValid());
                assertEquals(records, RandomRecords.read(batch), "seed " + seed);
                assertSameHeader(memory.batches().iterator().next(), batch, "seed " + seed);
                assertWalkAgrees(records, batch);
            }
        }
    }

    private static void assertWalkAgrees(List<Record> records, RecordBatch batch) {
        try (var walk = batch.walk()) {
            for (var record : records) {
                assertTrue(walk.advance());
                assertEquals(record.offset(), walk.offset());
                assertEquals(record.timestamp(), walk.timestamp());
                assertEquals(record.hasKey(), walk.hasKey());
                assertEquals(record.hasValue(), walk.hasValue());
                assertTrue(walk.offsetsSequential());
            }
            assertFalse(walk.advance());
        }
    }

    private static void assertSameHeader(MutableRecordBatch kafka, RecordBatch ours, String message) {
        assertEquals(kafka.baseOffset(), ours.baseOffset(), message);
        assertEquals(kafka.lastOffset(), ours.lastOffset(), message);
        assertEquals(kafka.nextOffset(), ours.nextOffset(), message);
        assertEquals(kafka.sizeInBytes(), ours.sizeBytes(), message);
        assertEquals(kafka.partitionLeaderEpoch(), ours.partitionLeaderEpoch(), message);
        assertEquals(kafka.magic(), ours.magic(), message);
        assertEquals(kafka.checksum(), ours.crc(), message);
        assertEquals(kafka.maxTimestamp(), ours.maxTimestamp(), message);
        assertEquals(kafka.producerId(), ours.producerId(), message);
        assertEquals(kafka.producerEpoch(), ours.producerEpoch(), message);
        assertEquals(kafka.baseSequence(), ours.baseSequence(), message);
        assertEquals(kafka.lastSequence(), ours.lastSequence(), message);
        assertEquals(kafka.countOrNull(), ours.count(), message);
        assertEquals(kafka.isTransactional(), ours.isTransactional(), message);
        assertEquals(kafka.isControlBatch(), ours.isControl(), message);
        assertEquals(kafka.deleteHorizonMs(), ours.deleteHorizonMs(), message);
        assertEquals(kafka.timestampType().name, ours.timestampType().configName(), message);
        assertEquals(kafka.compressionType().id, ours.compression().id(), message);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void stampsAndPatchesAsKafkaDoes(Compression codec) {
        var bytes = RandomRecords.batch(codec, codec.defaultLevel(), RandomRecords.of(new Random(7), 20, 100));
        var copy = ByteBuffer.allocate(bytes.limit()).put(bytes.duplicate()).flip();
        var kafka = MemoryRecords.readableRecords(copy).batches().iterator().next();
        kafka.setMaxTimestamp(org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME, 1_800_000_000_000L);
        kafka.setLastOffset(1_019);
        kafka.setPartitionLeaderEpoch(8);
        var ours = new RecordBatch().wrap(bytes, 0);
        ours.stampAppendTime(1_800_000_000_000L);
        ours.baseOffset(1_000);
        ours.partitionLeaderEpoch(8);
        assertEquals(copy, bytes);
        assertTrue(ours.crcIsValid());
        assertEquals(fromKafka(kafka), RandomRecords.read(ours));
        assertEquals(1_800_000_000_000L, RandomRecords.read(ours).get(3).timestamp());
    }
}
