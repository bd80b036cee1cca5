package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.coordinator.ConsumerGroupCurrentMemberAssignmentKey;
import io.barnabas.protocol.coordinator.ConsumerGroupMemberMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupMetadataValue;
import io.barnabas.protocol.coordinator.ConsumerGroupPartitionMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupRegularExpressionKey;
import io.barnabas.protocol.coordinator.ConsumerGroupRegularExpressionValue;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMemberKey;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMemberValue;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMetadataValue;

/** Records of one consumer group in {@code __consumer_offsets}, in the versions Kafka 4.3.1 writes. Collects them in order. */
final class ConsumerRecords {
    private static final int VERSION = 0;

    private final String groupId;
    private final List<CoordinatorRecord> records = new ArrayList<>();

    ConsumerRecords(String groupId) {
        this.groupId = groupId;
    }

    List<CoordinatorRecord> all() {
        return records;
    }

    void add(CoordinatorRecord record) {
        records.add(record);
    }

    void addAll(List<CoordinatorRecord> more) {
        records.addAll(more);
    }

    void epoch(int epoch, long metadataHash) {
        add(CoordinatorRecord.of(
                groupKey(), new ConsumerGroupMetadataValue().epoch(epoch).metadataHash(metadataHash), VERSION));
    }

    private ConsumerGroupMetadataKey groupKey() {
        return new ConsumerGroupMetadataKey().groupId(groupId);
    }

    void profile(String memberId, MemberProfile profile) {
        add(CoordinatorRecord.of(profileKey(memberId), profile.toRecord(), VERSION));
    }

    private ConsumerGroupMemberMetadataKey profileKey(String memberId) {
        return new ConsumerGroupMemberMetadataKey().groupId(groupId).memberId(memberId);
    }

    void progress(String memberId, MemberProgress progress) {
        add(CoordinatorRecord.of(progressKey(memberId), progress.toRecord(), VERSION));
    }

    private ConsumerGroupCurrentMemberAssignmentKey progressKey(String memberId) {
        return new ConsumerGroupCurrentMemberAssignmentKey().groupId(groupId).memberId(memberId);
    }

    void target(String memberId, Map<Uuid, Set<Integer>> partitions) {
        var value = new ConsumerGroupTargetAssignmentMemberValue();
        partitions.forEach((topic, numbers) -> value.topicPartitions()
                .add(new ConsumerGroupTargetAssignmentMemberValue.TopicPartition()
                        .topicId(topic)
                        .partitions(new ArrayList<>(numbers))));
        add(CoordinatorRecord.of(targetKey(memberId), value, VERSION));
    }

    private ConsumerGroupTargetAssignmentMemberKey targetKey(String memberId) {
        return new ConsumerGroupTargetAssignmentMemberKey().groupId(groupId).memberId(memberId);
    }

    void targetEpoch(int epoch, long timestampMs) {
        add(CoordinatorRecord.of(
                targetEpochKey(),
                new ConsumerGroupTargetAssignmentMetadataValue()
                        .assignmentEpoch(epoch)
                        .assignmentTimestamp(timestampMs),
                VERSION));
    }

    private ConsumerGroupTargetAssignmentMetadataKey targetEpochKey() {
        return new ConsumerGroupTargetAssignmentMetadataKey().groupId(groupId);
    }

    void regex(String regex, ResolvedRegex resolved) {
        var topics = new ArrayList<>(resolved.topics());
        topics.sort(null);
        add(CoordinatorRecord.of(
                regexKey(regex),
                new ConsumerGroupRegularExpressionValue()
                        .topics(topics)
                        .version(resolved.version())
                        .timestamp(resolved.timestampMs()),
                VERSION));
    }

    void regexGone(String regex) {
        add(CoordinatorRecord.tombstone(regexKey(regex)));
    }

    private ConsumerGroupRegularExpressionKey regexKey(String regex) {
        return new ConsumerGroupRegularExpressionKey().groupId(groupId).regularExpression(regex);
    }

    void partitionMetadataGone() {
        add(CoordinatorRecord.tombstone(new ConsumerGroupPartitionMetadataKey().groupId(groupId)));
    }

    void memberGone(String memberId) {
        add(CoordinatorRecord.tombstone(progressKey(memberId)));
        add(CoordinatorRecord.tombstone(targetKey(memberId)));
        add(CoordinatorRecord.tombstone(profileKey(memberId)));
    }

    /** A static member takes the place of its former self under another id, or the same. */
    void replacement(ConsumerGroup group, ConsumerMember former, ConsumerMember next) {
        memberGone(former.id());
        profile(next.id(), next.profile());
        target(next.id(), group.target(former.id()));
        progress(next.id(), next.progress());
    }

    /** @param memberIds all that records of the group are about */
    void groupGone(ConsumerGroup group, Iterable<String> memberIds) {
        memberIds.forEach(memberId -> add(CoordinatorRecord.tombstone(progressKey(memberId))));
        memberIds.forEach(memberId -> add(CoordinatorRecord.tombstone(targetKey(memberId))));
        add(CoordinatorRecord.tombstone(targetEpochKey()));
        memberIds.forEach(memberId -> add(CoordinatorRecord.tombstone(profileKey(memberId))));
        group.interest().resolved().keySet().forEach(this::regexGone);
        partitionMetadataGone();
        add(CoordinatorRecord.tombstone(groupKey()));
    }
}
