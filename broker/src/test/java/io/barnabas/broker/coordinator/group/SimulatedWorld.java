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
import io.barnabas.protocol.coordinator.GroupMetadataValue;
import io.barnabas.protocol.coordinator.OffsetCommitKey;
import io.barnabas.protocol.coordinator.OffsetCommitValue;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.barnabas.protocol.record.RecordBatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** One seed's world: a shard, its log of which an end may be uncommitted, and its members. */
final class SimulatedWorld {
    static final int PARTITIONS = 6;
    private static final int STEPS = 600;
    private static final int GROUPS = 2;
    private static final long PEACE_MS = 20 * 60 * 1000;
    private static final Caller ADMIN = new Caller((short) 6, "admin", "/h");
    private static final long LONG_RETENTION_MS = Long.MAX_VALUE / 2;

    private final Random random;
    private final GroupConfig config;
    private final List<SimulatedMember> members = new ArrayList<>();
    private final List<CoordinatorRecord> log = new ArrayList<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final RebalanceCheck rebalances = new RebalanceCheck();
    private GroupShard shard;
    private int committed;
    private long epochMs = 1_700_000_000_000L;
    private long steadyMs;
    private int uuids;
    private long offsets;

    /** An answer that is given when the log is committed up to here. */
    private record Waiting(int records, Reply reply) {}

    SimulatedWorld(long seed) {
        random = new Random(seed);
        config = new GroupConfig(
                6_000,
                1_800_000,
                random.nextInt(2) * 3_000,
                random.nextInt(4) == 0 ? 3 : Integer.MAX_VALUE,
                4_096,
                LONG_RETENTION_MS,
                600_000,
                1_000_000);
        shard = newShard();
        take(shard.loaded(now()));
        int size = 1 + random.nextInt(6);
        for (int i = 0; i < size; i++) {
            members.add(
                    new SimulatedMember(this, "g" + random.nextInt(GROUPS), random.nextInt(3) == 0 ? "i" + i : null));
        }
    }

    private GroupShard newShard() {
        return new GroupShard(
                config,
                ShardDriver.consumerConfig(Integer.MAX_VALUE, ConsumerGroupConfig.Migration.BIDIRECTIONAL),
                () -> FakeTopics.NONE,
                FakeTopics.PATTERNS,
                () -> "u" + uuids++);
    }

    Random random() {
        return random;
    }

    GroupShard shard() {
        return shard;
    }

    Moment now() {
        return new Moment(epochMs, steadyMs);
    }

    long nextOffset() {
        return ++offsets;
    }

    void run() {
        for (int step = 0; step < STEPS; step++) {
            chaos();
            if (step % 16 == 0) {
                checkReplay();
            }
        }
        calm();
    }

    private void chaos() {
        int event = random.nextInt(100);
        if (event < 60) {
            members.get(random.nextInt(members.size())).act();
        } else if (event < 80) {
            pass(random.nextInt(3_000));
        } else if (event < 82) {
            pass(random.nextInt(120_000));
        } else if (event < 84) {
            epochMs += random.nextInt(7_200_000) - 3_600_000;
        } else if (event < 94) {
            commit();
        } else if (event < 96) {
            failOver();
        } else if (event < 98) {
            members.get(random.nextInt(members.size())).die();
        } else {
            deleteSomething();
        }
    }

    private void deleteSomething() {
        String group = "g" + random.nextInt(GROUPS);
        take(shard.deleteGroups(now(), List.of(group), new Call()));
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

    /** The leader is gone with a part of what was not committed, and with all requests that waited. */
    private void failOver() {
        int kept = committed + random.nextInt(log.size() - committed + 1);
        log.subList(kept, log.size()).clear();
        waiting.clear();
        rebalances.failOver();
        shard = rebuilt();
        committed = log.size();
        take(shard.loaded(now()));
        members.forEach(SimulatedMember::coordinatorLost);
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
        assertEquals(committedOffsets(shard), committedOffsets(replayed));
        var expected = new TreeMap<String, Object>();
        var found = new TreeMap<String, Object>();
        for (var group : shard.list(List.of(), List.of())) {
            boolean atRest =
                    group.groupState().equals("Stable") || group.groupState().equals("Empty");
            expected.put(group.groupId(), atRest ? shard.describe(ADMIN, group.groupId()) : "moving");
            found.put(group.groupId(), atRest ? replayed.describe(ADMIN, group.groupId()) : "moving");
        }
        assertEquals(expected, found);
        assertEquals(new HashSet<>(groupIds(shard)), new HashSet<>(groupIds(replayed)), "Every group is in the log");
        checkLog();
    }

    private static List<String> groupIds(GroupShard shard) {
        return shard.list(List.of(), List.of()).stream()
                .map(group -> group.groupId())
                .toList();
    }

    private static Object committedOffsets(GroupShard shard) {
        var all = new TreeMap<String, Object>();
        for (int i = 0; i < GROUPS; i++) {
            var request = new OffsetFetchRequestGroup().groupId("g" + i).topics(null);
            all.put("g" + i, shard.fetchOffsets(request, true));
        }
        return all;
    }

    /** Offsets go back only after a tombstone; generations only after a group is gone. */
    private void checkLog() {
        Map<Object, Long> offsetOf = new HashMap<>();
        Map<Object, Integer> generationOf = new HashMap<>();
        for (var record : log) {
            if (record.isTombstone()) {
                offsetOf.remove(record.key());
                generationOf.remove(record.key());
            } else if (record.key() instanceof OffsetCommitKey) {
                long offset = ((OffsetCommitValue) record.value()).offset();
                var before = offsetOf.put(record.key(), offset);
                assertTrue(before == null || before <= offset, () -> record.key() + " went back to " + offset);
            } else {
                var value = (GroupMetadataValue) record.value();
                var before = generationOf.put(record.key(), value.generation());
                assertTrue(before == null || before <= value.generation(), () -> record.key() + " went back");
                checkOwners(value);
            }
        }
    }

    private static void checkOwners(GroupMetadataValue group) {
        var owned = new HashSet<Integer>();
        for (var member : group.members()) {
            for (int partition : SimulatedMember.partitions(member.assignment())) {
                assertTrue(owned.add(partition), () -> "Two own partition " + partition + " in " + group);
            }
        }
    }

    /** Nobody dies any more: all must come together, and all partitions must be owned. */
    private void calm() {
        for (long untilMs = steadyMs + PEACE_MS; steadyMs < untilMs; ) {
            members.forEach(SimulatedMember::live);
            commit();
            pass(500 + random.nextInt(500));
            commit();
        }
        checkReplay();
        var byGroup = new HashMap<String, List<SimulatedMember>>();
        members.forEach(member -> byGroup.computeIfAbsent(member.groupId(), id -> new ArrayList<>())
                .add(member));
        byGroup.forEach((group, all) -> {
            int expected = Math.min(all.size(), config.maxSize());
            var settled = all.stream().filter(SimulatedMember::isSettled).toList();
            assertEquals(
                    expected,
                    settled.size(),
                    () -> group + " did not settle: " + all + " of " + shard.describe(ADMIN, group));
            var owned = new ArrayList<Integer>();
            settled.forEach(member -> owned.addAll(member.owned()));
            owned.sort(null);
            assertEquals(SimulatedMember.all(), owned, () -> group + " leaves partitions alone: " + all);
            assertEquals("Stable", shard.describe(ADMIN, group).groupState());
        });
    }
}
