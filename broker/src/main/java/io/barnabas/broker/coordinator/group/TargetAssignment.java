package io.barnabas.broker.coordinator.group;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import io.barnabas.broker.coordinator.group.assignor.GroupSpec;
import io.barnabas.broker.coordinator.group.assignor.MemberSpec;
import io.barnabas.protocol.Uuid;

/**
 * What the members of a consumer group are to have.
 *
 * @param epoch the group epoch it is for
 * @param partitions of the member that was asked about
 */
record TargetAssignment(int epoch, Map<Uuid, Set<Integer>> partitions) {
    private static final float LOAD = 0.75f;

    /** The one that is recorded. */
    static TargetAssignment recorded(ConsumerGroup group, ConsumerMember member) {
        return new TargetAssignment(group.targetEpoch(), group.targetOf(member));
    }

    /**
     * A new one, and what it changes is recorded.
     *
     * @param before the member as it is, or as it takes the place of its former self
     * @param member the member as it will be
     */
    static TargetAssignment compute(
            ConsumerGroup group,
            int epoch,
            ConsumerMember before,
            ConsumerMember member,
            boolean homogeneous,
            ConsumerGroupConfig config,
            Topics topics,
            long nowEpochMs,
            ConsumerRecords records) {
        var members = new HashMap<String, MemberSpec>();
        for (var other : group.members()) {
            members.put(other.id(), spec(group, other, group.target(other.id()), topics));
        }
        members.put(member.id(), spec(group, member, group.targetBefore(member), topics));
        var former = group.staticMember(member.profile().instanceId());
        if (former != null && !former.id().equals(member.id())) {
            members.remove(former.id());
        }
        String wanted = group.preferredAssignor(before, member);
        var assignor = config.assignors().get(wanted == null ? config.defaultAssignor() : wanted);
        if (assignor == null) {
            assignor = config.assignors().get(config.defaultAssignor());
        }
        var assigned = assignor.assign(
                new GroupSpec(members, homogeneous), id -> topics.byId(id).partitionCount());
        for (String id : members.keySet()) {
            var next = assigned.getOrDefault(id, Map.of());
            if (!group.hasTarget(id) || !next.equals(group.target(id))) {
                records.target(id, next);
            }
        }
        records.targetEpoch(epoch, nowEpochMs);
        return new TargetAssignment(epoch, assigned.getOrDefault(member.id(), Map.of()));
    }

    private static MemberSpec spec(
            ConsumerGroup group, ConsumerMember member, Map<Uuid, Set<Integer>> owned, Topics topics) {
        return new MemberSpec(
                member.profile().instanceId(),
                ids(group.interest().topicsOf(member.profile()), topics),
                existing(owned, topics));
    }

    /** Without partitions that no topic has: the log is another's word. Usually the same map. */
    private static Map<Uuid, Set<Integer>> existing(Map<Uuid, Set<Integer>> owned, Topics topics) {
        var existing = owned;
        for (var entry : owned.entrySet()) {
            var topic = topics.byId(entry.getKey());
            int count = topic == null ? Integer.MAX_VALUE : topic.partitionCount();
            if (entry.getValue().stream().anyMatch(partition -> partition < 0 || partition >= count)) {
                if (existing == owned) {
                    existing = new HashMap<>(owned);
                }
                var kept = new HashSet<>(entry.getValue());
                kept.removeIf(partition -> partition < 0 || partition >= count);
                existing.put(entry.getKey(), kept);
            }
        }
        return existing;
    }

    private static Set<Uuid> ids(Collection<String> names, Topics topics) {
        // As large as Kafka makes it, so that it is walked in the same order.
        var ids = new HashSet<Uuid>(Math.max((int) (names.size() / LOAD) + 1, 16));
        for (String name : names) {
            var topic = topics.byName(name);
            if (topic != null) {
                ids.add(topic.id());
            }
        }
        return ids;
    }
}
