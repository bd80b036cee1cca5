package io.barnabas.broker.coordinator.group.assignor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

import io.barnabas.protocol.Uuid;

/**
 * Gives each subscriber of a topic a run of its partitions. Subscribers stand in the same order for every topic (static members by
 * instance id, then the others by member id), so topics with equal counts are split alike and can be joined. Not sticky.
 */
public final class RangeAssignor implements Assignor {
    public static final String NAME = "range";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Map<Uuid, Set<Integer>>> assign(GroupSpec group, ToIntFunction<Uuid> partitionCounts) {
        var assignment = new HashMap<String, Map<Uuid, Set<Integer>>>();
        var subscribers = new HashMap<Uuid, List<String>>();
        for (String memberId : inOrder(group.members())) {
            assignment.put(memberId, new HashMap<>());
            for (var topic : group.members().get(memberId).topics()) {
                subscribers.computeIfAbsent(topic, id -> new ArrayList<>()).add(memberId);
            }
        }
        subscribers.forEach((topic, memberIds) -> {
            int partitions = partitionCounts.applyAsInt(topic);
            int share = partitions / memberIds.size();
            int extra = partitions % memberIds.size();
            int first = 0;
            for (int i = 0; i < memberIds.size(); i++) {
                int end = first + share + (i < extra ? 1 : 0);
                if (end > first) {
                    assignment.get(memberIds.get(i)).put(topic, run(first, end));
                }
                first = end;
            }
        });
        return assignment;
    }

    private static List<String> inOrder(Map<String, MemberSpec> members) {
        var ids = new ArrayList<>(members.keySet());
        ids.sort(Comparator.comparing(
                        (String id) -> members.get(id).instanceId(), Comparator.nullsLast(Comparator.naturalOrder()))
                .thenComparing(Comparator.naturalOrder()));
        return ids;
    }

    private static Set<Integer> run(int first, int end) {
        var partitions = new HashSet<Integer>();
        for (int partition = first; partition < end; partition++) {
            partitions.add(partition);
        }
        return partitions;
    }
}
