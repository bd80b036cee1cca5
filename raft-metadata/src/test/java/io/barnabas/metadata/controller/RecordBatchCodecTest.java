package io.barnabas.metadata.controller;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.metadata.NoOpRecord;
import io.barnabas.protocol.wire.MalformedMessageException;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RecordBatchCodecTest {
    private static final MetadataImage IMAGE =
            Deciders.withElr(Deciders.topic(Deciders.cluster(1, 2, 3), "t", 20, 2, 3, 1));

    @Test
    void recordsComeBack() {
        var records = IMAGE.toRecords();

        var decoded = RecordBatchCodec.decode(RecordBatchCodec.encode(records));

        assertEquals(records, decoded);
        assertEquals(IMAGE.at(0), MetadataImage.EMPTY.applyAll(decoded));
        assertTrue(RecordBatchCodec.decode(RecordBatchCodec.encode(List.of())).isEmpty());
    }

    @Test
    void snapshotsComeBack() {
        assertEquals(IMAGE, SnapshotCodec.decode(SnapshotCodec.encode(IMAGE)));
        assertEquals(MetadataImage.EMPTY, SnapshotCodec.decode(SnapshotCodec.encode(MetadataImage.EMPTY)));
        assertThrows(MalformedMessageException.class, () -> SnapshotCodec.decode(new byte[3]));
        assertThrows(MalformedMessageException.class, () -> SnapshotCodec.decode(new byte[8]));
    }

    @Test
    void knowsEveryKindOfRecord() {
        // One empty record of each API key, read as such.
        for (int key = 0; key <= 28; key++) {
            byte[] batch = {1, 1, (byte) key, 99, 0};
            var thrown = assertThrows(MalformedMessageException.class, () -> RecordBatchCodec.decode(batch));
            assertTrue(thrown.getMessage().contains("version 99"), thrown.getMessage());
        }
        var noOp = RecordBatchCodec.encode(List.of(new NoOpRecord()));
        assertEquals(List.of(new NoOpRecord()), RecordBatchCodec.decode(noOp));
    }

    @Test
    void refusesOtherSchemasAndImpossibleCounts() {
        for (byte[] batch : List.of(
                new byte[0],
                new byte[] {2, 0},
                new byte[] {1},
                new byte[] {1, 1},
                new byte[] {1, 0, 0},
                new byte[] {1, -1, -1, -1, -1, 7},
                new byte[] {1, -1, -1, -1, -1, -1, 1},
                new byte[] {1, 1, 20, 0, 5, 0})) {
            assertThrows(MalformedMessageException.class, () -> RecordBatchCodec.decode(batch), Arrays.toString(batch));
        }
    }

    @Test
    void damageIsEitherReadOrRefusedCleanly() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var batch = RecordBatchCodec.encode(IMAGE.toRecords());
        for (int round = 0; round < 3_000; round++) {
            var damaged = Arrays.copyOf(batch, random.nextBoolean() ? batch.length : random.nextInt(batch.length));
            for (int flips = random.nextInt(4); flips >= 0 && damaged.length > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                RecordBatchCodec.decode(damaged);
            } catch (MalformedMessageException expected) {
                // the only exception there may be
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
    }
}
