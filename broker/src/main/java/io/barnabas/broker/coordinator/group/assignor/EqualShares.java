package io.barnabas.broker.coordinator.group.assignor;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

import io.barnabas.protocol.Uuid;

/**
 * The uniform assignment where all subscribe to the same topics. Every member is due the same number of partitions; if that does not
 * come out even, one more for some: those that have it already first. Members keep what they have up to what they are due; the rest
 * goes to those that have less.
 */
final class EqualShares {
    private final GroupSpec group;
    private final ToIntFunction<Uuid> partitionCounts;
    private final Set<Uuid> topics;
    private final Map<String, Map<Uuid, Set<Integer>>> assignment = new HashMap<>();
    private final ArrayDeque<Slot> unowned = new ArrayDeque<>();
    /** How many partitions members still miss, in the members' order. */
    private final Map<String, Integer> missing = new LinkedHashMap<>();

    private record Slot(Uuid topic, int partition) {}

    EqualShares(GroupSpec group, ToIntFunction<Uuid> partitionCounts) {
        this.group = group;
        this.partitionCounts = partitionCounts;
        this.topics = group.members().values().iterator().next().topics();
    }

    Map<String, Map<Uuid, Set<Integer>>> assign() {
        int partitions = findUnowned();
        int members = group.members().size();
        int share = partitions / members;
        int extras = partitions % members;
        int membersLeft = members;
        for (var member : group.members().entrySet()) {
            int kept = keep(member.getKey(), member.getValue().owned(), share + (extras > 0 ? 1 : 0));
            boolean takesExtra = extras > 0 && (kept > share || membersLeft <= extras);
            int missed = share + (takesExtra ? 1 : 0) - kept;
            if (missed > 0) {
                missing.put(member.getKey(), missed);
            }
            if (takesExtra) {
                extras--;
            }
            membersLeft--;
        }
        missing.forEach(this::fill);
        return assignment;
    }

    /** How many partitions there are in all. */
    private int findUnowned() {
        var owned = new HashMap<Uuid, BitSet>();
        for (var member : group.members().values()) {
            member.owned().forEach((topic, partitions) -> {
                var bits = owned.computeIfAbsent(topic, id -> new BitSet());
                partitions.forEach(bits::set);
            });
        }
        var none = new BitSet();
        int total = 0;
        for (var topic : topics) {
            int count = partitionCounts.applyAsInt(topic);
            var ownedHere = owned.getOrDefault(topic, none);
            for (int partition = ownedHere.nextClearBit(0);
                    partition < count;
                    partition = ownedHere.nextClearBit(partition + 1)) {
                unowned.add(new Slot(topic, partition));
            }
            total += count;
        }
        return total;
    }

    /** Lets a member keep at most so many of what it has; the rest is free. Returns how many it keeps. */
    private int keep(String memberId, Map<Uuid, Set<Integer>> owned, int most) {
        var kept = new HashMap<Uuid, Set<Integer>>();
        int count = 0;
        for (var entry : owned.entrySet()) {
            var topic = entry.getKey();
            if (!topics.contains(topic)) {
                continue;
            }
            if (entry.getValue().size() <= most - count) {
                kept.put(topic, new HashSet<>(entry.getValue()));
                count += entry.getValue().size();
                continue;
            }
            for (int partition : entry.getValue()) {
                if (count < most) {
                    kept.computeIfAbsent(topic, id -> new HashSet<>()).add(partition);
                    count++;
                } else {
                    unowned.add(new Slot(topic, partition));
                }
            }
        }
        assignment.put(memberId, kept);
        return count;
    }

    private void fill(String memberId, int missed) {
        var partitions = assignment.get(memberId);
        for (int i = 0; i < missed && !unowned.isEmpty(); i++) {
            var slot = unowned.remove();
            partitions.computeIfAbsent(slot.topic(), id -> new HashSet<>()).add(slot.partition());
        }
    }
}
