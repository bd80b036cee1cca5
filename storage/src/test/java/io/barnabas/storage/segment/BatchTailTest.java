package io.barnabas.storage.segment;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

class BatchTailTest {
    @Test
    void findsRecentBatchesAndForgetsOldOnes() {
        var tail = BatchTail.startingAt(100, 0);
        for (int i = 0; i < 2_000; i++) {
            tail = tail.add(100 + 3L * i + 2, 10 * (i + 1));
        }
        assertEquals(new BatchTail.Place(19_990, 20_000), tail.find(tail.count(), 100 + 3L * 1_999));
        assertEquals(new BatchTail.Place(18_000, 18_010), tail.find(tail.count(), 100 + 3L * 1_800 + 1));
        assertNull(tail.find(tail.count(), 100 + 3L * 2_000));
        assertNull(tail.find(tail.count(), 100));
    }

    @Test
    void aReaderSeesOnlyWhatItsViewCounts() {
        var tail = BatchTail.startingAt(0, 0);
        tail = tail.add(9, 500);
        int visible = tail.count();
        tail.add(19, 900);
        assertEquals(new BatchTail.Place(0, 500), tail.find(visible, 0));
        assertNull(tail.find(visible, 10));
        assertEquals(500, tail.lastEndUpTo(visible, 10_000));
    }

    @Test
    void lastEndIsAWholeBatchBoundary() {
        var tail = BatchTail.startingAt(0, 70);
        for (int i = 0; i < 100; i++) {
            tail = tail.add(i, 70 + 50 * (i + 1));
        }
        assertEquals(70, tail.lastEndUpTo(tail.count(), 119));
        assertEquals(120, tail.lastEndUpTo(tail.count(), 120));
        assertEquals(2_070, tail.lastEndUpTo(tail.count(), 2_119));
        assertEquals(-1, tail.lastEndUpTo(tail.count(), 69));
    }
}
