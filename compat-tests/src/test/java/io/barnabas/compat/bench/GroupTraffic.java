package io.barnabas.compat.bench;

import java.io.IOException;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What settled members send: 200 groups of five, each with a connection of its own, heartbeat and commit two partitions ten times as
 * often as the Java consumer does by default. Open loop: when each request is due is fixed beforehand, so both brokers get the same.
 */
final class GroupTraffic implements Load {
    private static final int GROUPS = 200;
    private static final int MEMBERS_EACH = 5;
    private static final int MEMBERS = GROUPS * MEMBERS_EACH;
    private static final long COMMIT_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int SETTLE_S = 60;
    private static final int PAUSE_MS = 200;

    private final String protocol;
    private final long heartbeatPeriodNanos;
    private final int seconds;
    private final Map<Contender, Crowd> crowds = new HashMap<>();

    private record Crowd(Selector selector, List<RawGroup> groups, List<RawMember> members) {}

    private GroupTraffic(String protocol, int heartbeatPeriodMs, int seconds) {
        this.protocol = protocol;
        this.heartbeatPeriodNanos = TimeUnit.MILLISECONDS.toNanos(heartbeatPeriodMs);
        this.seconds = seconds;
    }

    static GroupTraffic classic(int seconds) {
        return new GroupTraffic("classic", 300, seconds);
    }

    static GroupTraffic consumer(int seconds) {
        return new GroupTraffic("consumer", 500, seconds);
    }

    @Override
    public String name() {
        return "group-heartbeat-commit-" + protocol;
    }

    @Override
    public void prepare(Contender contender) throws Exception {
        Topics.create(contender, name(), MEMBERS_EACH * RawGroup.PARTITIONS_EACH);
        Topics.awaitCoordinators(contender);
        var groups = new ArrayList<RawGroup>();
        for (int i = 0; i < GROUPS; i++) {
            groups.add(RawGroup.of(protocol, name() + "-" + i, name(), MEMBERS_EACH, contender.port()));
        }
        for (var group : groups) {
            group.join();
        }
        var unsettled = new ArrayList<>(groups);
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_S);
        while (!unsettled.isEmpty()) {
            if (System.nanoTime() > endNanos) {
                throw new IllegalStateException(unsettled.size() + " groups do not settle");
            }
            var still = new ArrayList<RawGroup>();
            for (var group : unsettled) {
                if (!group.settle()) {
                    still.add(group);
                }
            }
            unsettled = still;
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
        var selector = Selector.open();
        var members = new ArrayList<RawMember>();
        for (var group : groups) {
            group.ready(selector);
            members.addAll(group.members);
        }
        crowds.put(contender, new Crowd(selector, groups, members));
    }

    @Override
    public Work run(Contender contender) throws IOException {
        var crowd = crowds.get(contender);
        long heartbeatNanos = heartbeatPeriodNanos / MEMBERS;
        long commitNanos = COMMIT_PERIOD_NANOS / MEMBERS;
        long heartbeats = TimeUnit.SECONDS.toNanos(seconds) / heartbeatNanos;
        long commits = TimeUnit.SECONDS.toNanos(seconds) / commitNanos;
        long sentHeartbeats = 0;
        long sentCommits = 0;
        long answers = 0;
        long begin = System.nanoTime();
        while (answers < heartbeats + commits) {
            long elapsedNanos = System.nanoTime() - begin;
            for (; sentHeartbeats < heartbeats && sentHeartbeats * heartbeatNanos <= elapsedNanos; sentHeartbeats++) {
                crowd.members.get((int) (sentHeartbeats % MEMBERS)).beat();
            }
            for (; sentCommits < commits && sentCommits * commitNanos <= elapsedNanos; sentCommits++) {
                // Not those whose heartbeats are due at the same time.
                crowd.members.get((int) ((sentCommits + MEMBERS / 2) % MEMBERS)).commit();
            }
            crowd.selector.select(1);
            for (var key : crowd.selector.selectedKeys()) {
                answers += ((RawMember) key.attachment()).answers();
            }
            crowd.selector.selectedKeys().clear();
        }
        return new Work(answers, Unit.REQUEST, (System.nanoTime() - begin) / 1e9);
    }

    @Override
    public void finish(Contender contender) throws IOException {
        var crowd = crowds.remove(contender);
        try (var connection = new RawConnection(contender.port())) {
            for (var group : crowd.groups) {
                group.leave(connection);
                group.close();
            }
        }
        crowd.selector.close();
    }
}
