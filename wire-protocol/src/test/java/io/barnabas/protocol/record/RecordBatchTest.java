package io.barnabas.protocol.record;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xerial.snappy.Snappy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RecordBatchTest {
    @Test
    void walksConsecutiveBatches() {
        var all = ByteBuffer.allocate(4_096);
        for (int i = 0; i < 3; i++) {
            all.put(new RecordBatchBuilder()
                    .baseOffset(10 * i)
                    .append(i, null, new byte[20])
                    .append(i, null, new byte[20])
                    .build());
        }
        all.put(new byte[11]).flip();
        var batches = new RecordBatches(all);
        var bases = new ArrayList<Long>();
        for (var batch : batches) {
            bases.add(batch.baseOffset());
        }
        assertEquals(List.of(0L, 10L, 20L), bases);
        assertTrue(batches.endsWithPartialBatch());
        assertFalse(new RecordBatches(all.limit(all.limit() - 11)).endsWithPartialBatch());
    }

    @Test
    void namesOldFormats() {
        var batch = new RecordBatchBuilder().append(0, null, new byte[20]).build();
        batch.put(RecordBatch.MAGIC_AT, (byte) 1);
        var error = assertThrows(
                CorruptRecordsException.class,
                () -> new RecordBatches(batch).iterator().hasNext());
        assertTrue(error.getMessage().contains("old message format 1"), error.getMessage());
    }

    @Test
    void sequencesWrap() {
        assertEquals(0, RecordBatch.sequenceAfter(Integer.MAX_VALUE, 1));
        assertEquals(Integer.MAX_VALUE, RecordBatch.sequenceAfter(Integer.MAX_VALUE - 1, 1));
        assertEquals(4, RecordBatch.sequenceAfter(Integer.MAX_VALUE - 5, 10));
    }

    @Test
    void compactedBatchesKeepTheirRangeAndHorizon() {
        var bytes = new RecordBatchBuilder()
                .baseOffset(100)
                .deleteHorizon(5_000)
                .append(new Record(103, 1_000, null, null, List.of()))
                .append(new Record(107, 7_000, null, null, List.of()))
                .lastOffset(120)
                .build();
        var kafka = MemoryRecords.readableRecords(bytes).batches().iterator().next();
        kafka.ensureValid();
        assertEquals(OptionalLong.of(5_000), kafka.deleteHorizonMs());
        var ours = new RecordBatch().wrap(bytes, 0);
        assertEquals(OptionalLong.of(5_000), ours.deleteHorizonMs());
        assertEquals(120, ours.lastOffset());
        assertEquals(7_000, ours.maxTimestamp());
        var read = RandomRecords.read(ours);
        assertEquals(List.of(103L, 107L), read.stream().map(Record::offset).toList());
        assertEquals(
                List.of(1_000L, 7_000L), read.stream().map(Record::timestamp).toList());
        try (var walk = ours.walk()) {
            assertTrue(walk.advance());
            assertFalse(walk.offsetsSequential());
        }
    }

    @Test
    void transactionMarkersAreKafkas() {
        var bytes = new EndTransactionMarker(false, 9).toBatch(42, (short) 6, 1_234);
        var kafka = MemoryRecords.readableRecords(bytes).batches().iterator().next();
        kafka.ensureValid();
        var marker = org.apache.kafka.common.record.internal.EndTransactionMarker.deserialize(
                kafka.iterator().next());
        assertEquals(9, marker.coordinatorEpoch());
        assertEquals(org.apache.kafka.common.record.internal.ControlRecordType.ABORT, marker.controlType());
        assertTrue(kafka.isControlBatch());
        assertTrue(kafka.isTransactional());
        var theirs = MemoryRecords.withEndTransactionMarker(
                0,
                1_234,
                -1,
                42,
                (short) 6,
                new org.apache.kafka.common.record.internal.EndTransactionMarker(
                        org.apache.kafka.common.record.internal.ControlRecordType.ABORT, 9));
        assertEquals(theirs.buffer(), bytes);
        assertEquals(
                Optional.of(new EndTransactionMarker(false, 9)),
                EndTransactionMarker.of(new RecordBatch().wrap(bytes, 0)));
    }

    @Test
    void readsBareSnappyBlocks() throws IOException {
        var content = "some text some text some text".getBytes(StandardCharsets.UTF_8);
        try (var in = Compression.SNAPPY.decompress(ByteBuffer.wrap(Snappy.compress(content)))) {
            assertArrayEquals(content, in.readAllBytes());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "SNAPPY", "ZSTD"})
    void readsConcatenatedStreams(Compression codec) throws IOException {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < 2; i++) {
            var part = new ByteArrayOutputStream();
            try (var compressor = codec.compress(part, codec.defaultLevel())) {
                compressor.write(("part " + i).getBytes(StandardCharsets.UTF_8));
            }
            out.write(part.toByteArray());
        }
        try (var in = codec.decompress(RandomRecords.direct(ByteBuffer.wrap(out.toByteArray())))) {
            assertEquals("part 0part 1", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void refusesRecordsBehindTheStatedCount(Compression codec) {
        var bytes = RandomRecords.batch(codec, codec.defaultLevel(), RandomRecords.of(new Random(1), 5, 0));
        bytes.putInt(RecordBatch.COUNT_AT, 4);
        assertThrows(CorruptRecordsException.class, () -> RandomRecords.read(new RecordBatch().wrap(bytes, 0)));
        bytes.putInt(RecordBatch.COUNT_AT, 6);
        assertThrows(CorruptRecordsException.class, () -> RandomRecords.read(new RecordBatch().wrap(bytes, 0)));
    }
}
