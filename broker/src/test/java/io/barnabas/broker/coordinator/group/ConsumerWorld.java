package io.barnabas.broker.coordinator.group;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.broker.coordinator.Decision;
import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.Reply;
import io.barnabas.broker.coordinator.group.assignor.Assignors;
import io.barnabas.protocol.coordinator.ConsumerGroupMetadataKey;
import io.barnabas.protocol.coordinator.ConsumerGroupMetadataValue;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponse;
import io.barnabas.protocol.record.RecordBatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** One seed's world of consumer groups: a shard, its log of which an end may be uncommitted, topics, and members. */
final class ConsumerWorld {
    static final int SESSION_MS = 10_000;
    private static final int STEPS = 500;
    private static final int GROUPS = 2;
    private static final int TOPICS = 4;
    private static final long PEACE_MS = 5 * 60 * 1000;

    private final boolean mixed;
    private final Random random;
    private final ConsumerGroupConfig config;
    private final List<GroupClient> members = new ArrayList<>();
    private final List<CoordinatorRecord> log = new ArrayList<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final RebalanceCheck rebalances = new RebalanceCheck();
    private GroupShard shard;
    private FakeTopics topics = FakeTopics.NONE.with("t0", 3);
    private int committed;
    private long epochMs = 1_700_000_000_000L;
    private long steadyMs;
    private int uuids;

    /** An answer that is given when the log is committed up to here. */
    private record Waiting(int records, Reply reply) {}

    ConsumerWorld(long seed, boolean mixed) {
        this.mixed = mixed;
        random = new Random(seed);
        var pace = new ConsumerGroupConfig.Pace(SESSION_MS, 1_000, random.nextInt(3) * 500);
        config = new ConsumerGroupConfig(
                !mixed && random.nextInt(4) == 0 ? 3 : Integer.MAX_VALUE,
                Assignors.named(List.of("uniform", "range")),
                ConsumerGroupConfig.Migration.BIDIRECTIONAL,
                60_000,
                group -> pace);
        shard = newShard();
        take(shard.loaded(now()));
        int size = 1 + random.nextInt(6);
        for (int i = 0; i < size; i++) {
            String group = "g" + random.nextInt(GROUPS);
            String instance = random.nextInt(3) == 0 ? "i" + i : null;
            boolean classic = mixed && random.nextBoolean();
            members.add(classic ? new ClassicClient(this, group, instance) : new ConsumerClient(this, group, instance));
        }
    }

    private GroupShard newShard() {
        return new GroupShard(
                ShardDriver.config(Integer.MAX_VALUE), config, () -> topics, FakeTopics.PATTERNS, () -> "u" + uuids++);
    }

    Random random() {
        return random;
    }

    GroupShard shard() {
        return shard;
    }

    FakeTopics topics() {
        return topics;
    }

    Moment now() {
        return new Moment(epochMs, steadyMs);
    }

    String newMemberId() {
        return "m" + uuids++;
    }

    String someTopic() {
        return "t" + random.nextInt(TOPICS);
    }

    void run() {
        for (int step = 0; step < STEPS; step++) {
            chaos();
            checkOwners();
            if (step % 16 == 0) {
                checkReplay();
            }
        }
        calm();
    }

    private void chaos() {
        int event = random.nextInt(100);
        if (event < 65) {
            members.get(random.nextInt(members.size())).act();
        } else if (event < 80) {
            pass(random.nextInt(2_000));
        } else if (event < 81) {
            pass(random.nextInt(60_000));
        } else if (event < 83) {
            epochMs += random.nextInt(7_200_000) - 3_600_000;
        } else if (event < 91) {
            commit();
        } else if (event < 93) {
            failOver();
        } else if (event < 95) {
            members.get(random.nextInt(members.size())).die();
        } else if (event < 99) {
            changeTopics();
        } else {
            take(shard.deleteGroups(now(), List.of("g" + random.nextInt(GROUPS)), new Call()));
        }
    }

    private void changeTopics() {
        String topic = someTopic();
        var known = topics.byName(topic);
        // The classic protocol knows topics by name only, so it takes one that is made anew for the old one.
        topics = known != null && !mixed && random.nextInt(3) == 0
                ? topics.without(topic)
                : topics.with(topic, (known == null ? 0 : known.partitionCount()) + 1 + random.nextInt(4));
    }

    /** Time passes, with every deadline on the way. */
    private void pass(long ms) {
        long untilMs = steadyMs + ms;
        while (shard.nextDeadlineMs() <= untilMs) {
            long stepMs = Math.max(0, shard.nextDeadlineMs() - steadyMs);
            steadyMs += stepMs;
            epochMs += stepMs;
            take(shard.tick(now()));
            assertTrue(shard.nextDeadlineMs() > steadyMs, "A deadline was left behind");
        }
        epochMs += untilMs - steadyMs;
        steadyMs = untilMs;
    }

    void take(Decision decision) {
        rebalances.hear(decision);
        for (var record : decision.records()) {
            log.add(LoggedRecords.read(record.encodedKey(), record.encodedValue()));
        }
        decision.replies().forEach(reply -> waiting.add(new Waiting(log.size(), reply)));
        if (random.nextBoolean()) {
            commit();
        }
    }

    private void commit() {
        committed = log.size();
        while (!waiting.isEmpty()) {
            var reply = waiting.poll().reply();
            ((Call) reply.to()).answer(reply.response());
        }
    }

    /** The leader is gone with what was not committed, and with all requests that waited. */
    private void failOver() {
        log.subList(committed, log.size()).clear();
        waiting.clear();
        rebalances.failOver();
        shard = rebuilt();
        take(shard.loaded(now()));
        members.forEach(GroupClient::coordinatorLost);
    }

    private GroupShard rebuilt() {
        var rebuilt = newShard();
        log.forEach(record -> rebuilt.evolve(record, RecordBatch.NO_PRODUCER_ID));
        return rebuilt;
    }

    private void checkReplay() {
        var replayed = rebuilt();
        CountsCheck.check(shard);
        rebalances.check(shard);
        CountsCheck.check(replayed);
        for (int i = 0; i < GROUPS; i++) {
            assertEquals(described(shard, "g" + i), described(replayed, "g" + i));
        }
        assertEquals(types(shard), types(replayed));
        Map<Object, Integer> epochs = new HashMap<>();
        for (var record : log) {
            if (record.key() instanceof ConsumerGroupMetadataKey) {
                if (record.isTombstone()) {
                    epochs.remove(record.key());
                } else {
                    int epoch = ((ConsumerGroupMetadataValue) record.value()).epoch();
                    var before = epochs.put(record.key(), epoch);
                    assertTrue(before == null || before < epoch, () -> record + " after " + before);
                }
            }
        }
    }

    private static Map<String, String> types(GroupShard shard) {
        var types = new TreeMap<String, String>();
        shard.list(List.of(), List.of()).forEach(group -> types.put(group.groupId(), group.groupType()));
        return types;
    }

    /** In one order: that of hash tables depends on their history. */
    private static String described(GroupShard shard, String group) {
        var described = shard.describeConsumer(group);
        var members = new TreeMap<String, String>();
        for (var member : described.members()) {
            members.put(
                    member.memberId(),
                    member.memberEpoch() + " " + member.instanceId() + " " + member.subscribedTopicRegex() + " "
                            + new HashSet<>(member.subscribedTopicNames()) + sorted(member.assignment())
                            + sorted(member.targetAssignment()));
        }
        return group + " " + described.errorCode() + " " + described.groupState() + " " + described.groupEpoch() + "/"
                + described.assignmentEpoch() + " " + members;
    }

    private static Map<String, List<Integer>> sorted(ConsumerGroupDescribeResponse.Assignment assignment) {
        var sorted = new TreeMap<String, List<Integer>>();
        assignment.topicPartitions().forEach(topic -> {
            var partitions = new ArrayList<>(topic.partitions());
            partitions.sort(null);
            sorted.put(topic.topicName(), partitions);
        });
        return sorted;
    }

    /** No partition is two members', neither by what the shard says nor by what the members believe. */
    private void checkOwners() {
        for (int i = 0; i < GROUPS; i++) {
            var owned = new HashMap<String, String>();
            for (var member : shard.describeConsumer("g" + i).members()) {
                sorted(member.assignment())
                        .forEach((topic, partitions) -> partitions.forEach(partition -> {
                            var other = owned.put(topic + "-" + partition, member.memberId());
                            assertTrue(
                                    other == null,
                                    () -> topic + "-" + partition + " is of " + other + " and of " + member);
                        }));
            }
            String group = "g" + i;
            var believed = new HashMap<Object, GroupClient>();
            for (var member : members) {
                if (member.groupId().equals(group) && member.isAlive(shard)) {
                    for (var partition : member.owned()) {
                        var other = believed.put(partition, member);
                        assertTrue(other == null, () -> partition + " is used by " + other + " and by " + member);
                    }
                }
            }
        }
    }

    /** Nobody dies any more: all must come together, and all partitions subscribed to must be owned. */
    private void calm() {
        members.forEach(GroupClient::refresh);
        for (long untilMs = steadyMs + PEACE_MS; steadyMs < untilMs; ) {
            members.forEach(GroupClient::live);
            commit();
            pass(300 + random.nextInt(700));
            commit();
        }
        checkReplay();
        checkOwners();
        for (int i = 0; i < GROUPS; i++) {
            String group = "g" + i;
            var wanted = new HashSet<String>();
            var owned = new HashSet<String>();
            int settled = 0;
            for (var member : members) {
                if (!member.groupId().equals(group) || !member.isAlive(shard)) {
                    continue;
                }
                settled++;
                for (var name : topics.names()) {
                    if (member.subscribesTo(name)) {
                        for (int p = 0; p < topics.byName(name).partitionCount(); p++) {
                            wanted.add(name + "-" + p);
                        }
                    }
                }
                member.owned()
                        .forEach(partition ->
                                owned.add(topics.byId(partition.topic()).name() + "-" + partition.partition()));
            }
            long expected = Math.min(
                    members.stream()
                            .filter(member -> member.groupId().equals(group))
                            .count(),
                    config.maxSize());
            assertEquals(expected, settled, () -> group + " did not settle: " + members);
            assertEquals(wanted, owned, () -> described(shard, group));
            if (settled > 0) {
                assertEquals(
                        List.of("Stable"),
                        shard.list(List.of(), List.of()).stream()
                                .filter(listed -> listed.groupId().equals(group))
                                .map(listed -> listed.groupState())
                                .toList());
            }
        }
    }
}
