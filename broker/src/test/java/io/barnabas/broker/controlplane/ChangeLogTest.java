package io.barnabas.broker.controlplane;

import java.util.List;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.metadata.ConfigRecord;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class ChangeLogTest {
    private static final MetadataImage IDLE = with(MetadataImage.EMPTY, "t", "preallocate", "true");

    @Test
    void aConfigWithoutEffectIsNamedWithItsValueOnceForEachValue() {
        assertEquals(
                List.of("The configuration preallocate=true of topic t is accepted but has no effect in this version."),
                ChangeLog.warnings(MetadataImage.EMPTY, IDLE));
        assertEquals(List.of(), ChangeLog.warnings(IDLE, with(IDLE, "t", "retention.ms", "5")));
        assertEquals(List.of(), ChangeLog.warnings(IDLE, with(IDLE, "t", "preallocate", "true")));
        var other = with(IDLE, "t", "local.retention.ms", "7");
        assertEquals(
                List.of(
                        "The configuration local.retention.ms=8 of topic t is accepted but has no effect in this version."),
                ChangeLog.warnings(other, with(other, "t", "local.retention.ms", "8")));
    }

    @Test
    void topicsWithTheSameValueShareALine() {
        assertEquals(
                List.of(
                        "The configuration local.retention.ms=7 of topic u is accepted but has no effect in this version.",
                        "The configuration preallocate=true of topic t and 1 more is accepted but has no effect in this version."),
                ChangeLog.warnings(
                        MetadataImage.EMPTY,
                        with(with(IDLE, "u", "preallocate", "true"), "u", "local.retention.ms", "7")));
    }

    @Test
    void aTopicConfigThatCannotBeUsedIsAnError() {
        var bad = with(IDLE, "t", "retention.ms", "soon");
        assertEquals(
                List.of(
                        "The configuration retention.ms=soon of topic t is ignored: Invalid value soon for configuration"
                                + " retention.ms: Not a number of type LONG. In its place: the broker's default"),
                ChangeLog.errors(IDLE, bad));
        assertEquals(List.of(), ChangeLog.errors(bad, with(bad, "t", "retention.bytes", "5")));
    }

    private static MetadataImage with(MetadataImage image, String topic, String name, String value) {
        return image.apply(new ConfigRecord()
                .resourceType(ResourceType.TOPIC.id())
                .resourceName(topic)
                .name(name)
                .value(value));
    }
}
