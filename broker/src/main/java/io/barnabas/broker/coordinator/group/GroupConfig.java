package io.barnabas.broker.coordinator.group;

/**
 * What the operator sets for classic groups and offsets.
 *
 * @param minSessionTimeoutMs {@code group.min.session.timeout.ms}
 * @param maxSessionTimeoutMs {@code group.max.session.timeout.ms}
 * @param initialRebalanceDelayMs {@code group.initial.rebalance.delay.ms}
 * @param maxSize {@code group.max.size}, in members
 * @param offsetMetadataMaxLength {@code offset.metadata.max.bytes}; Kafka counts characters
 * @param offsetsRetentionMs {@code offsets.retention.minutes}
 * @param offsetsRetentionCheckIntervalMs {@code offsets.retention.check.interval.ms}
 * @param maxRecordBytes a larger record is refused before it reaches the log
 */
public record GroupConfig(
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int initialRebalanceDelayMs,
        int maxSize,
        int offsetMetadataMaxLength,
        long offsetsRetentionMs,
        long offsetsRetentionCheckIntervalMs,
        int maxRecordBytes) {
    /** A parked JoinGroup of a member that does not know its id yet is given up after this time. */
    static final int NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000;
}
