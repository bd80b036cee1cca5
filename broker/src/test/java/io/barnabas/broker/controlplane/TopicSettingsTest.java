package io.barnabas.broker.controlplane;

import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TopicSettingsTest {
    @Test
    void internalSegmentBytesComeFirst() {
        assertEquals(
                2_000_000,
                TopicSettings.of(Map.of("segment.bytes", "2000000")).log().segmentBytes());
        assertEquals(
                1_000,
                TopicSettings.of(Map.of("segment.bytes", "2000000", "internal.segment.bytes", "1000"))
                        .log()
                        .segmentBytes());
    }

    @Test
    void anEmptyPolicyNeitherDeletesNorCompacts() {
        var none = TopicSettings.of(Map.of("cleanup.policy", "")).log();
        assertFalse(none.delete());
        assertFalse(none.compact());
        var both = TopicSettings.of(Map.of("cleanup.policy", "compact,delete")).log();
        assertTrue(both.delete());
        assertTrue(both.compact());
        assertTrue(TopicSettings.of(Map.of()).log().delete());
    }
}
