package io.barnabas.broker.coordinator.group.assignor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

import io.barnabas.protocol.Uuid;

/**
 * The uniform assignment where members subscribe to different topics. Members keep what they have; what nobody has goes, topic by
 * topic, to the subscribers with the least; then partitions move, topic by topic and round after round, from subscribers with the
 * most to those with the least, until a round changes nothing or {@link #MOST_ROUNDS} are over. Topics with the most partitions for
 * each subscriber come first: they leave the least choice.
 *
 * <p>Members are numbers here, by the order of the group.
 */
final class BalancedShares {
    /** Each round about halves what is out of balance. */
    private static final int MOST_ROUNDS = 16;

    private final List<String> memberIds;
    private final List<Topic> topics = new ArrayList<>();
    /** How many partitions each member has. */
    private final int[] loads;

    /** One topic and who owns its partitions, {@link #NOBODY} or a member. */
    private static final class Topic {
        private static final int NOBODY = -1;

        private final Uuid id;
        private final int[] owners;
        private final List<Integer> subscribers = new ArrayList<>();

        private Topic(Uuid id, int partitions) {
            this.id = id;
            this.owners = new int[partitions];
            Arrays.fill(owners, NOBODY);
        }

        private Uuid id() {
            return id;
        }

        private int subscriberCount() {
            return subscribers.size();
        }

        private double partitionsPerSubscriber() {
            return (double) owners.length / subscribers.size();
        }
    }

    BalancedShares(GroupSpec group, ToIntFunction<Uuid> partitionCounts) {
        memberIds = new ArrayList<>(group.members().keySet());
        loads = new int[memberIds.size()];
        var byId = new HashMap<Uuid, Topic>();
        for (int member = 0; member < memberIds.size(); member++) {
            var spec = group.members().get(memberIds.get(member));
            for (var id : spec.topics()) {
                var topic = byId.computeIfAbsent(id, missing -> new Topic(id, partitionCounts.applyAsInt(id)));
                topic.subscribers.add(member);
                for (int partition : spec.owned().getOrDefault(id, Set.of())) {
                    topic.owners[partition] = member;
                    loads[member]++;
                }
            }
        }
        topics.addAll(byId.values());
        topics.sort(Comparator.comparingDouble(Topic::partitionsPerSubscriber)
                .reversed()
                .thenComparingInt(Topic::subscriberCount)
                .thenComparing(Topic::id));
    }

    Map<String, Map<Uuid, Set<Integer>>> assign() {
        topics.forEach(this::giveAway);
        balance();
        var assignment = new HashMap<String, Map<Uuid, Set<Integer>>>();
        memberIds.forEach(id -> assignment.put(id, new HashMap<>()));
        for (var topic : topics) {
            for (int partition = 0; partition < topic.owners.length; partition++) {
                assignment
                        .get(memberIds.get(topic.owners[partition]))
                        .computeIfAbsent(topic.id, id -> new HashSet<>())
                        .add(partition);
            }
        }
        return assignment;
    }

    private void giveAway(Topic topic) {
        var levels = new LoadLevels(loads, topic.subscribers);
        for (int partition = 0; partition < topic.owners.length; partition++) {
            if (topic.owners[partition] == Topic.NOBODY) {
                give(topic, partition, levels.nextLeast());
            }
        }
    }

    private void give(Topic topic, int partition, int member) {
        if (topic.owners[partition] != Topic.NOBODY) {
            loads[topic.owners[partition]]--;
        }
        topic.owners[partition] = member;
        loads[member]++;
    }

    private void balance() {
        var movable =
                topics.stream().filter(topic -> topic.subscriberCount() > 1).toList();
        int lastChanged = movable.isEmpty() ? 0 : -1;
        for (int round = 0; round < MOST_ROUNDS; round++) {
            for (int i = 0; i < movable.size(); i++) {
                if (i == lastChanged) {
                    return;
                }
                if (balance(movable.get(i)) || lastChanged < 0) {
                    lastChanged = i;
                }
            }
        }
    }

    /** Moves partitions of one topic; false if none moved. */
    private boolean balance(Topic topic) {
        var levels = new LoadLevels(loads, topic.subscribers);
        if (levels.spread() <= 1) {
            return false;
        }
        var owned = new Holdings(topic.owners, memberIds.size());
        boolean moved = false;
        while (true) {
            int giver = levels.nextMost();
            while (giver != LoadLevels.NOBODY && !owned.has(giver)) {
                levels.dismissMost();
                giver = levels.nextMost();
            }
            if (giver == LoadLevels.NOBODY) {
                return moved;
            }
            int partition = owned.takeLast(giver);
            int taker = levels.nextLeast();
            if (levels.areEven()) {
                return moved;
            }
            give(topic, partition, taker);
            moved = true;
        }
    }

    /** The partitions that each member had of one topic, to be taken away from the highest down. */
    private static final class Holdings {
        private final int[] partitions;
        private final int[] starts;
        private final int[] ends;

        private Holdings(int[] owners, int members) {
            starts = new int[members + 1];
            for (int owner : owners) {
                starts[owner + 1]++;
            }
            for (int member = 0; member < members; member++) {
                starts[member + 1] += starts[member];
            }
            ends = Arrays.copyOf(starts, members);
            partitions = new int[owners.length];
            for (int partition = 0; partition < owners.length; partition++) {
                partitions[ends[owners[partition]]++] = partition;
            }
        }

        private boolean has(int member) {
            return ends[member] > starts[member];
        }

        private int takeLast(int member) {
            return partitions[--ends[member]];
        }
    }
}
