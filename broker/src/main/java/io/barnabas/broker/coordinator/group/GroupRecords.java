package io.barnabas.broker.coordinator.group;

import java.nio.ByteBuffer;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.protocol.coordinator.GroupMetadataKey;
import io.barnabas.protocol.coordinator.GroupMetadataValue;
import io.barnabas.protocol.coordinator.LegacyOffsetCommitKey;
import io.barnabas.protocol.coordinator.LegacyOffsetCommitValue;
import io.barnabas.protocol.coordinator.OffsetCommitKey;
import io.barnabas.protocol.coordinator.OffsetCommitValue;
import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.protocol.wire.WireReader;

/** Records of classic groups and offsets in {@code __consumer_offsets}, written in the versions Kafka 4.3.1 writes. */
public final class GroupRecords {
    private static final short LEGACY_OFFSET = 0;
    private static final short OFFSET = 1;
    private static final short GROUP = 2;
    private static final short KEY_VERSION = 0;
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
                .leader(group.leaderId())
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

    /**
     * Reads one record of the log, of any version Kafka ever wrote.
     *
     * @param value null for a tombstone
     * @return null if the record is of a type this version does not know: it belongs to another kind of group
     * @throws MalformedMessageException if the bytes are not what their type says
     */
    public static CoordinatorRecord read(ByteBuffer key, ByteBuffer value) {
        var keyReader = new WireReader(key);
        switch (keyReader.int16()) {
            case LEGACY_OFFSET -> {
                var read = LegacyOffsetCommitKey.read(keyReader, KEY_VERSION);
                var known = offsetKey(read.group(), read.topic(), read.partition());
                if (value == null) {
                    return CoordinatorRecord.tombstone(known);
                }
                var reader = new WireReader(value);
                short version = version(
                        reader, LegacyOffsetCommitValue.LOWEST_VERSION, LegacyOffsetCommitValue.HIGHEST_VERSION);
                return CoordinatorRecord.of(known, LegacyOffsetCommitValue.read(reader, version), version);
            }
            case OFFSET -> {
                var read = OffsetCommitKey.read(keyReader, KEY_VERSION);
                if (value == null) {
                    return CoordinatorRecord.tombstone(read);
                }
                var reader = new WireReader(value);
                short version = version(reader, OffsetCommitValue.LOWEST_VERSION, OffsetCommitValue.HIGHEST_VERSION);
                return CoordinatorRecord.of(read, OffsetCommitValue.read(reader, version), version);
            }
            case GROUP -> {
                var read = GroupMetadataKey.read(keyReader, KEY_VERSION);
                if (value == null) {
                    return CoordinatorRecord.tombstone(read);
                }
                var reader = new WireReader(value);
                short version = version(reader, GroupMetadataValue.LOWEST_VERSION, GroupMetadataValue.HIGHEST_VERSION);
                return CoordinatorRecord.of(read, GroupMetadataValue.read(reader, version), version);
            }
            default -> {
                return null;
            }
        }
    }

    private static short version(WireReader reader, short lowest, short highest) {
        short version = reader.int16();
        if (version < lowest || version > highest) {
            throw new MalformedMessageException("A coordinator record's version is " + version + ", not within "
                    + lowest + " to " + highest + "; was it written by a newer release?");
        }
        return version;
    }
}
