package io.barnabas.broker.coordinator.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.coordinator.ConsumerGroupCurrentMemberAssignmentKey;
import io.barnabas.protocol.coordinator.ConsumerGroupCurrentMemberAssignmentValue;
import io.barnabas.protocol.coordinator.ConsumerGroupMemberMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupMemberMetadataValue;
import io.barnabas.protocol.coordinator.ConsumerGroupMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupMetadataValue;
import io.barnabas.protocol.coordinator.ConsumerGroupPartitionMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupRegularExpressionKey;
import io.barnabas.protocol.coordinator.ConsumerGroupRegularExpressionValue;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMemberKey;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMemberValue;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupTargetAssignmentMetadataValue;

/** Applies records of consumer groups. The first that is not a tombstone makes the group; tombstones of what is gone say nothing. */
final class ConsumerReplay {
    private final Groups groups;

    ConsumerReplay(Groups groups) {
        this.groups = groups;
    }

    /** @throws IllegalArgumentException if the record is of another kind */
    void evolve(CoordinatorRecord record) {
        var group = groups.find(groupId(record)) instanceof ConsumerGroup known ? known : null;
        if (group == null && record.isTombstone()) {
            return;
        }
        if (group == null) {
            group = groups.consumerOrNew(groupId(record));
        }
        if (record.isTombstone()) {
            evolveGone(group, record);
        } else {
            evolve(group, record);
        }
    }

    private static String groupId(CoordinatorRecord record) {
        var key = record.key();
        if (key instanceof ConsumerGroupCurrentMemberAssignmentKey progress) {
            return progress.groupId();
        } else if (key instanceof ConsumerGroupMemberMetadataKey profile) {
            return profile.groupId();
        } else if (key instanceof ConsumerGroupTargetAssignmentMemberKey target) {
            return target.groupId();
        } else if (key instanceof ConsumerGroupTargetAssignmentMetadataKey targetEpoch) {
            return targetEpoch.groupId();
        } else if (key instanceof ConsumerGroupMetadataKey epoch) {
            return epoch.groupId();
        } else if (key instanceof ConsumerGroupRegularExpressionKey regex) {
            return regex.groupId();
        } else if (key instanceof ConsumerGroupPartitionMetadataKey partitions) {
            return partitions.groupId();
        }
        throw new IllegalArgumentException("No record of a group: " + record);
    }

    private static void evolve(ConsumerGroup group, CoordinatorRecord record) {
        var value = record.value();
        if (value instanceof ConsumerGroupCurrentMemberAssignmentValue progress) {
            group.evolve(
                    ((ConsumerGroupCurrentMemberAssignmentKey) record.key()).memberId(), MemberProgress.of(progress));
        } else if (value instanceof ConsumerGroupMemberMetadataValue profile) {
            group.evolve(((ConsumerGroupMemberMetadataKey) record.key()).memberId(), MemberProfile.of(profile));
        } else if (value instanceof ConsumerGroupTargetAssignmentMemberValue target) {
            group.evolveTarget(((ConsumerGroupTargetAssignmentMemberKey) record.key()).memberId(), partitions(target));
        } else if (value instanceof ConsumerGroupTargetAssignmentMetadataValue targetEpoch) {
            group.evolve(targetEpoch);
        } else if (value instanceof ConsumerGroupMetadataValue epoch) {
            group.evolve(epoch);
        } else if (value instanceof ConsumerGroupRegularExpressionValue regex) {
            group.evolve(
                    ((ConsumerGroupRegularExpressionKey) record.key()).regularExpression(),
                    new ResolvedRegex(new HashSet<>(regex.topics()), regex.version(), regex.timestamp()));
        } else {
            group.evolvePartitionMetadata(true);
        }
    }

    private static Map<Uuid, Set<Integer>> partitions(ConsumerGroupTargetAssignmentMemberValue target) {
        var partitions = new HashMap<Uuid, Set<Integer>>();
        target.topicPartitions().forEach(topic -> partitions.put(topic.topicId(), new HashSet<>(topic.partitions())));
        return partitions;
    }

    private void evolveGone(ConsumerGroup group, CoordinatorRecord record) {
        var key = record.key();
        if (key instanceof ConsumerGroupCurrentMemberAssignmentKey progress) {
            group.evolveProgressGone(progress.memberId());
        } else if (key instanceof ConsumerGroupMemberMetadataKey profile) {
            group.evolveGone(profile.memberId());
        } else if (key instanceof ConsumerGroupTargetAssignmentMemberKey target) {
            group.evolveTarget(target.memberId(), null);
        } else if (key instanceof ConsumerGroupTargetAssignmentMetadataKey) {
            group.evolve((ConsumerGroupTargetAssignmentMetadataValue) null);
        } else if (key instanceof ConsumerGroupRegularExpressionKey regex) {
            group.evolve(regex.regularExpression(), (ResolvedRegex) null);
        } else if (key instanceof ConsumerGroupPartitionMetadataKey) {
            group.evolvePartitionMetadata(false);
        } else {
            groups.remove(group.id());
        }
    }
}
