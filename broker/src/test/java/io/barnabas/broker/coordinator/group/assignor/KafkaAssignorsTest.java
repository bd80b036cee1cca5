package io.barnabas.broker.coordinator.group.assignor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

import io.barnabas.protocol.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.PartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Groups that change at random are assigned, time after time, as Kafka 4.3.1's own assignors do. */
class KafkaAssignorsTest {
    private static final int GROUPS = 1_500;
    private static final int CHANGES = 8;

    @Test
    void uniform() {
        compare(new UniformAssignor(), new org.apache.kafka.coordinator.group.assignor.UniformAssignor());
    }

    @Test
    void range() {
        compare(new RangeAssignor(), new org.apache.kafka.coordinator.group.assignor.RangeAssignor());
    }

    private static void compare(Assignor ours, PartitionAssignor kafkas) {
        Long only = Long.getLong("seed");
        long first = only == null ? System.nanoTime() : only;
        for (long seed = first; seed < first + (only == null ? GROUPS : 1); seed++) {
            var world = new World(new Random(seed));
            for (int change = 0; change < CHANGES; change++) {
                world.change();
                long failing = seed;
                var found = world.normalized(ours.assign(world.spec(), world::partitions));
                assertEquals(world.askKafka(kafkas), found, () -> ours.name() + " with -Dseed=" + failing);
                world.assigned = found;
            }
        }
    }

    private static final class World {
        private final Random random;
        private final Map<Uuid, Integer> topics = new HashMap<>();
        private final Map<String, String> instances = new HashMap<>();
        private final Map<String, Set<Uuid>> subscriptions = new HashMap<>();
        private final boolean homogeneous;
        private Map<String, Map<Uuid, Set<Integer>>> assigned = Map.of();
        private Set<Uuid> common;

        private World(Random random) {
            this.random = random;
            this.homogeneous = random.nextBoolean();
        }

        private void change() {
            int created = random.nextInt(topics.isEmpty() ? 5 : 2);
            for (int i = 0; i < created; i++) {
                topics.put(new Uuid(random.nextLong(), random.nextLong()), 1 + random.nextInt(20));
            }
            topics.replaceAll((id, count) -> random.nextInt(8) == 0 ? count + random.nextInt(5) : count);
            topics.keySet().removeIf(id -> random.nextInt(20) == 0);
            subscriptions.keySet().removeIf(id -> random.nextInt(6) == 0);
            int joining = random.nextInt(subscriptions.isEmpty() ? 12 : 3);
            for (int i = 0; i < joining; i++) {
                String id = "m" + random.nextInt(1_000_000);
                subscriptions.put(id, Set.of());
                instances.put(id, random.nextInt(3) == 0 ? "i" + random.nextInt(1_000_000) : null);
            }
            if (subscriptions.isEmpty()) {
                subscriptions.put("m", Set.of());
            }
            common = someTopics();
            subscriptions.replaceAll((id, old) -> {
                if (homogeneous) {
                    return common;
                }
                var kept = new HashSet<>(old);
                kept.retainAll(topics.keySet());
                return old.isEmpty() || random.nextInt(5) == 0 ? someTopics() : kept;
            });
        }

        private Set<Uuid> someTopics() {
            var some = new HashSet<Uuid>();
            for (var id : topics.keySet()) {
                if (random.nextInt(4) != 0) {
                    some.add(id);
                }
            }
            return some;
        }

        private int partitions(Uuid topic) {
            return topics.get(topic);
        }

        private Map<Uuid, Set<Integer>> owned(String member) {
            return assigned.getOrDefault(member, Map.of());
        }

        private GroupSpec spec() {
            var members = new HashMap<String, MemberSpec>();
            subscriptions.forEach(
                    (id, subscribed) -> members.put(id, new MemberSpec(instances.get(id), subscribed, owned(id))));
            return new GroupSpec(members, homogeneous);
        }

        private Map<String, Map<Uuid, Set<Integer>>> askKafka(PartitionAssignor assignor) {
            var members = new HashMap<String, MemberSubscriptionAndAssignmentImpl>();
            var owners = new HashMap<org.apache.kafka.common.Uuid, Map<Integer, String>>();
            subscriptions.forEach((id, subscribed) -> {
                var owned = new HashMap<org.apache.kafka.common.Uuid, Set<Integer>>();
                owned(id).forEach((topic, partitions) -> {
                    owned.put(kafkas(topic), new HashSet<>(partitions));
                    partitions.forEach(partition -> owners.computeIfAbsent(kafkas(topic), missing -> new HashMap<>())
                            .put(partition, id));
                });
                var ids = new HashSet<org.apache.kafka.common.Uuid>();
                subscribed.forEach(topic -> ids.add(kafkas(topic)));
                members.put(
                        id,
                        new MemberSubscriptionAndAssignmentImpl(
                                Optional.empty(), Optional.ofNullable(instances.get(id)), ids, new Assignment(owned)));
            });
            var type = homogeneous ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
            var answer = assignor.assign(new GroupSpecImpl(members, type, owners), describer());
            var assignment = new HashMap<String, Map<Uuid, Set<Integer>>>();
            answer.members().forEach((id, member) -> {
                var partitions = new HashMap<Uuid, Set<Integer>>();
                member.partitions().forEach((topic, set) -> partitions.put(ours(topic), new HashSet<>(set)));
                assignment.put(id, partitions);
            });
            return normalized(assignment);
        }

        private SubscribedTopicDescriber describer() {
            return new SubscribedTopicDescriber() {
                @Override
                public int numPartitions(org.apache.kafka.common.Uuid topic) {
                    return topics.getOrDefault(ours(topic), -1);
                }

                @Override
                public Set<String> racksForPartition(org.apache.kafka.common.Uuid topic, int partition) {
                    return Set.of();
                }
            };
        }

        /** In tables as a group has them that learns its assignment from the log. */
        private Map<String, Map<Uuid, Set<Integer>>> normalized(Map<String, Map<Uuid, Set<Integer>>> assignment) {
            var normalized = new HashMap<String, Map<Uuid, Set<Integer>>>();
            for (String id : subscriptions.keySet()) {
                var partitions = new HashMap<Uuid, Set<Integer>>();
                assignment.getOrDefault(id, Map.of()).forEach((topic, set) -> {
                    List<Integer> sorted = new ArrayList<>(set);
                    sorted.sort(null);
                    partitions.put(topic, new HashSet<>(sorted));
                });
                normalized.put(id, partitions);
            }
            return normalized;
        }

        private static org.apache.kafka.common.Uuid kafkas(Uuid id) {
            return new org.apache.kafka.common.Uuid(id.mostSignificantBits(), id.leastSignificantBits());
        }

        private static Uuid ours(org.apache.kafka.common.Uuid id) {
            return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
        }
    }
}
