package io.barnabas.broker.coordinator.group;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.protocol.coordinator.GroupMetadataKey;
import io.barnabas.protocol.coordinator.GroupMetadataValue;
import io.barnabas.protocol.coordinator.OffsetCommitKey;
import io.barnabas.protocol.coordinator.OffsetCommitValue;

/** Records of classic groups and offsets in {@code __consumer_offsets}, in the versions Kafka 4.3.1 writes. */
final class GroupRecords {
    private static final short GROUP_VERSION = 3;
    private static final short OFFSET_VERSION = 4;
    /** The only version that has the time at which an old client wants the offset to expire. */
    private static final short EXPIRING_OFFSET_VERSION = 1;

    private GroupRecords() {}

    /** The group as it is, with the assignments its members have. */
    static CoordinatorRecord group(ClassicGroup group) {
        var value = new GroupMetadataValue()
                .protocol(group.protocolName())
                .protocolType(group.protocolType() == null ? "" : group.protocolType())
                .generation(group.generation())
                .leader(group.members().leaderId())
                .currentStateTimestamp(group.stateSinceEpochMs());
        for (var member : group.members()) {
            value.members()
                    .add(new GroupMetadataValue.MemberMetadata()
                            .memberId(member.id())
                            .groupInstanceId(member.instanceId())
                            .clientId(member.clientId())
                            .clientHost(member.clientHost())
                            .rebalanceTimeout(member.rebalanceTimeoutMs())
                            .sessionTimeout(member.sessionTimeoutMs())
                            .subscription(member.metadata(group.protocolName()))
                            .assignment(member.assignment()));
        }
        return CoordinatorRecord.of(groupKey(group.id()), value, GROUP_VERSION);
    }

    /** A group that came to be; nobody has joined it completely. */
    static CoordinatorRecord newGroup(ClassicGroup group) {
        var value =
                new GroupMetadataValue().protocol(null).leader(null).currentStateTimestamp(group.stateSinceEpochMs());
        return CoordinatorRecord.of(groupKey(group.id()), value, GROUP_VERSION);
    }

    static CoordinatorRecord groupGone(String group) {
        return CoordinatorRecord.tombstone(groupKey(group));
    }

    private static GroupMetadataKey groupKey(String group) {
        return new GroupMetadataKey().group(group);
    }

    static CoordinatorRecord offset(String group, String topic, int partition, CommittedOffset offset) {
        var value = new OffsetCommitValue()
                .offset(offset.offset())
                .leaderEpoch(offset.leaderEpoch())
                .metadata(offset.metadata())
                .commitTimestamp(offset.commitTimestampMs())
                .expireTimestamp(offset.expireTimestampMs())
                .topicId(offset.topicId());
        boolean expires = offset.expireTimestampMs() != CommittedOffset.NO_EXPIRY;
        return CoordinatorRecord.of(
                offsetKey(group, topic, partition), value, expires ? EXPIRING_OFFSET_VERSION : OFFSET_VERSION);
    }

    static CoordinatorRecord offsetGone(String group, String topic, int partition) {
        return CoordinatorRecord.tombstone(offsetKey(group, topic, partition));
    }

    private static OffsetCommitKey offsetKey(String group, String topic, int partition) {
        return new OffsetCommitKey().group(group).topic(topic).partition(partition);
    }
}
