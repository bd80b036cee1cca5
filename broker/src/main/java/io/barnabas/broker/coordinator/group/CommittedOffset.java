package io.barnabas.broker.coordinator.group;

import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.coordinator.LegacyOffsetCommitValue;
import io.barnabas.protocol.coordinator.OffsetCommitValue;

/**
 * How far a group has come in a partition.
 *
 * @param leaderEpoch as it was committed, negative too; -1 if unknown
 * @param metadata the client's own words; not null
 * @param commitTimestampMs wall-clock time of the commit
 * @param expireTimestampMs -1 unless an old client set a retention of its own
 * @param topicId {@link Uuid#ZERO} if not recorded
 */
record CommittedOffset(
        long offset, int leaderEpoch, String metadata, long commitTimestampMs, long expireTimestampMs, Uuid topicId) {
    static final long NO_EXPIRY = -1;
    static final int NO_EPOCH = -1;

    static CommittedOffset of(OffsetCommitValue value) {
        return new CommittedOffset(
                value.offset(),
                value.leaderEpoch(),
                value.metadata(),
                value.commitTimestamp(),
                value.expireTimestamp() < 0 ? NO_EXPIRY : value.expireTimestamp(),
                value.topicId());
    }

    static CommittedOffset of(LegacyOffsetCommitValue value) {
        return new CommittedOffset(
                value.offset(), NO_EPOCH, value.metadata(), value.commitTimestamp(), NO_EXPIRY, Uuid.ZERO);
    }

    /** A topic that was deleted and created again has another id: what was committed for the old one says nothing. */
    boolean isOfTopic(Uuid id) {
        return topicId.equals(Uuid.ZERO) || id.equals(Uuid.ZERO) || topicId.equals(id);
    }

    /** @param sinceMs what the retention counts from, unless an old client said when the offset ends */
    boolean isExpired(long nowMs, long sinceMs, long retentionMs) {
        return expireTimestampMs == NO_EXPIRY ? nowMs - sinceMs >= retentionMs : nowMs >= expireTimestampMs;
    }
}
