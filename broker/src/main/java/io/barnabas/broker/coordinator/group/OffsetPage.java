package io.barnabas.broker.coordinator.group;

import java.util.List;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;

/**
 * Committed offsets of some of a shard's groups. Immutable.
 *
 * @param lastGroupId what to ask for the next page with; null if this is the last
 */
public record OffsetPage(List<Position> positions, String lastGroupId) {
    public OffsetPage {
        positions = List.copyOf(positions);
    }

    /**
     * How far one group has come in one partition.
     *
     * @param topicId {@link Uuid#ZERO} if it was not recorded
     * @param offset that it consumes next
     */
    public record Position(String groupId, TopicPartition partition, Uuid topicId, long offset) {}
}
