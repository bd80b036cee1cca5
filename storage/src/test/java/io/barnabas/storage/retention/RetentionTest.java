package io.barnabas.storage.retention;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class RetentionTest {
    private final List<SegmentFacts> segments = List.of(
            new SegmentFacts(0, 10, 100, 1_000),
            new SegmentFacts(10, 20, 100, 2_000),
            new SegmentFacts(20, 30, 100, 3_000),
            new SegmentFacts(30, 35, 50, 4_000));

    private int deletable(boolean delete, long retentionMs, long retentionBytes, long logStart, long highWatermark) {
        return Retention.deletable(segments, delete, retentionMs, retentionBytes, logStart, highWatermark, 5_000);
    }

    @Test
    void byTime() {
        assertEquals(0, deletable(true, -1, -1, 0, 35));
        assertEquals(1, deletable(true, 3_500, -1, 0, 35));
        assertEquals(2, deletable(true, 2_999, -1, 0, 35));
        assertEquals(4, deletable(true, 0, -1, 0, 35));
    }

    @Test
    void bySize() {
        assertEquals(0, deletable(true, -1, 350, 0, 35));
        assertEquals(0, deletable(true, -1, 251, 0, 35));
        assertEquals(1, deletable(true, -1, 250, 0, 35));
        assertEquals(4, deletable(true, -1, 0, 0, 35));
    }

    @Test
    void nothingAboveTheHighWatermark() {
        assertEquals(1, deletable(true, 0, 0, 0, 19));
        assertEquals(2, deletable(true, 0, 0, 0, 20));
    }

    @Test
    void segmentsBelowTheLogStartGoWhateverThePolicy() {
        assertEquals(2, deletable(false, 0, 0, 20, 35));
        assertEquals(2, deletable(false, 0, 0, 29, 35));
        assertEquals(3, deletable(false, 0, 0, 35, 35));
    }

    @Test
    void anEmptyActiveSegmentStays() {
        var log = List.of(new SegmentFacts(0, 10, 100, 1), new SegmentFacts(10, 10, 0, -1));
        assertEquals(1, Retention.deletable(log, true, 0, 0, 0, 10, 5_000));
    }
}
