package io.barnabas.broker.coordinator.group;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.protocol.coordinator.ConsumerGroupCurrentMemberAssignmentKey;
import io.barnabas.protocol.coordinator.ConsumerGroupCurrentMemberAssignmentValue;
import io.barnabas.protocol.coordinator.ConsumerGroupMemberMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupMemberMetadataValue;
import io.barnabas.protocol.coordinator.ConsumerGroupMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupMetadataValue;
import io.barnabas.protocol.coordinator.ConsumerGroupPartitionMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupPartitionMetadataValue;
import io.barnabas.protocol.coordinator.ConsumerGroupRegularExpressionKey;
import io.barnabas.protocol.coordinator.ConsumerGroupRegularExpressionValue;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMemberKey;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMemberValue;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMetadataValue;
import io.barnabas.protocol.coordinator.GroupMetadataKey;
import io.barnabas.protocol.coordinator.GroupMetadataValue;
import io.barnabas.protocol.coordinator.LegacyOffsetCommitKey;
import io.barnabas.protocol.coordinator.LegacyOffsetCommitValue;
import io.barnabas.protocol.coordinator.OffsetCommitKey;
import io.barnabas.protocol.coordinator.OffsetCommitValue;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.protocol.wire.WireReader;

/** Reads the records of {@code __consumer_offsets}, of any version Kafka ever wrote. Stateless. */
public final class LoggedRecords {
    private static final short KEY_VERSION = 0;
    private static final Map<Short, Kind> KINDS = new HashMap<>();

    /** Keys that begin with the same number have values of the same schema. */
    private record Kind(
            BiFunction<WireReader, Short, ApiMessage> key,
            BiFunction<WireReader, Short, ApiMessage> value,
            short lowestVersion,
            short highestVersion) {}

    static {
        add(
                LegacyOffsetCommitKey.API_KEY,
                LoggedRecords::legacyKey,
                LegacyOffsetCommitValue::read,
                LegacyOffsetCommitValue.LOWEST_VERSION,
                LegacyOffsetCommitValue.HIGHEST_VERSION);
        add(
                OffsetCommitKey.API_KEY,
                OffsetCommitKey::read,
                OffsetCommitValue::read,
                OffsetCommitValue.LOWEST_VERSION,
                OffsetCommitValue.HIGHEST_VERSION);
        add(
                GroupMetadataKey.API_KEY,
                GroupMetadataKey::read,
                GroupMetadataValue::read,
                GroupMetadataValue.LOWEST_VERSION,
                GroupMetadataValue.HIGHEST_VERSION);
        add(
                ConsumerGroupMetadataKey.API_KEY,
                ConsumerGroupMetadataKey::read,
                ConsumerGroupMetadataValue::read,
                ConsumerGroupMetadataValue.LOWEST_VERSION,
                ConsumerGroupMetadataValue.HIGHEST_VERSION);
        add(
                ConsumerGroupPartitionMetadataKey.API_KEY,
                ConsumerGroupPartitionMetadataKey::read,
                ConsumerGroupPartitionMetadataValue::read,
                ConsumerGroupPartitionMetadataValue.LOWEST_VERSION,
                ConsumerGroupPartitionMetadataValue.HIGHEST_VERSION);
        add(
                ConsumerGroupMemberMetadataKey.API_KEY,
                ConsumerGroupMemberMetadataKey::read,
                ConsumerGroupMemberMetadataValue::read,
                ConsumerGroupMemberMetadataValue.LOWEST_VERSION,
                ConsumerGroupMemberMetadataValue.HIGHEST_VERSION);
        add(
                ConsumerGroupTargetAssignmentMetadataKey.API_KEY,
                ConsumerGroupTargetAssignmentMetadataKey::read,
                ConsumerGroupTargetAssignmentMetadataValue::read,
                ConsumerGroupTargetAssignmentMetadataValue.LOWEST_VERSION,
                ConsumerGroupTargetAssignmentMetadataValue.HIGHEST_VERSION);
        add(
                ConsumerGroupTargetAssignmentMemberKey.API_KEY,
                ConsumerGroupTargetAssignmentMemberKey::read,
                ConsumerGroupTargetAssignmentMemberValue::read,
                ConsumerGroupTargetAssignmentMemberValue.LOWEST_VERSION,
                ConsumerGroupTargetAssignmentMemberValue.HIGHEST_VERSION);
        add(
                ConsumerGroupCurrentMemberAssignmentKey.API_KEY,
                ConsumerGroupCurrentMemberAssignmentKey::read,
                ConsumerGroupCurrentMemberAssignmentValue::read,
                ConsumerGroupCurrentMemberAssignmentValue.LOWEST_VERSION,
                ConsumerGroupCurrentMemberAssignmentValue.HIGHEST_VERSION);
        add(
                ConsumerGroupRegularExpressionKey.API_KEY,
                ConsumerGroupRegularExpressionKey::read,
                ConsumerGroupRegularExpressionValue::read,
                ConsumerGroupRegularExpressionValue.LOWEST_VERSION,
                ConsumerGroupRegularExpressionValue.HIGHEST_VERSION);
    }

    private LoggedRecords() {}

    private static void add(
            short type,
            BiFunction<WireReader, Short, ApiMessage> key,
            BiFunction<WireReader, Short, ApiMessage> value,
            short lowestVersion,
            short highestVersion) {
        KINDS.put(type, new Kind(key, value, lowestVersion, highestVersion));
    }

    /** The key of Kafka 0.8's offsets says the same as today's. */
    private static OffsetCommitKey legacyKey(WireReader reader, short version) {
        var read = LegacyOffsetCommitKey.read(reader, version);
        return new OffsetCommitKey().group(read.group()).topic(read.topic()).partition(read.partition());
    }

    /**
     * Reads one record of the log.
     *
     * @param value null for a tombstone
     * @return null if the record is of a type this version does not know: it belongs to another kind of group
     * @throws MalformedMessageException if the bytes are not what their type says
     */
    public static CoordinatorRecord read(ByteBuffer key, ByteBuffer value) {
        var keyReader = new WireReader(key);
        var kind = KINDS.get(keyReader.int16());
        if (kind == null) {
            return null;
        }
        var readKey = kind.key().apply(keyReader, KEY_VERSION);
        if (value == null) {
            return CoordinatorRecord.tombstone(readKey);
        }
        var reader = new WireReader(value);
        short version = reader.int16();
        if (version < kind.lowestVersion() || version > kind.highestVersion()) {
            throw new MalformedMessageException("A coordinator record's version is " + version + ", not within "
                    + kind.lowestVersion() + " to " + kind.highestVersion() + "; was it written by a newer release?");
        }
        return CoordinatorRecord.of(readKey, kind.value().apply(reader, version), version);
    }
}
