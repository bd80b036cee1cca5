package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Three nodes while connections break, messages get lost or late, and nodes die and come back. What was acknowledged stays, in one order,
 * on every node; no term has two leaders. {@code -Dseed=N} repeats the choice of faults, not the moments they meet.
 */
@Timeout(600)
class QuorumFaultTest {
    @TempDir
    Path home;

    @Test
    void threeNodesAgreeAndOneDescribesThem() throws Exception {
        try (var cluster = new FaultyCluster(home, 1)) {
            int leader = cluster.awaitLeader();
            Await.until(
                    "ten are committed",
                    () -> proposed(cluster) && cluster.acknowledged().size() >= 10);
            Await.until("the leader knows that all have them", () -> {
                var state = cluster.quorum(cluster.awaitLeader()).describe();
                return state.replicaIndex().keySet().containsAll(FaultyCluster.NODES)
                        && state.replicaIndex().values().stream().allMatch(index -> index >= state.committedIndex());
            });
            var state = cluster.quorum(cluster.awaitLeader()).describe();
            assertEquals(FaultyCluster.NODES, state.voters());
            assertTrue(state.leaderId() == leader || cluster.witness().terms() > 1);
            cluster.check();
        }
    }

    private static boolean proposed(FaultyCluster cluster) {
        try {
            cluster.propose(1);
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aNodeThatWasAwayForLongGetsASnapshot() throws Exception {
        try (var cluster = new FaultyCluster(home, 2)) {
            int away = cluster.awaitLeader() % 3 + 1;
            cluster.kill(away, true);
            Await.until(
                    "the others have written a lot",
                    () -> proposed(cluster) && cluster.acknowledged().size() >= 150);
            cluster.start(away);
            cluster.check();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void allAtOnceDieAndComeBack(boolean withinWrite) throws Exception {
        try (var cluster = new FaultyCluster(home, 3)) {
            for (int round = 1; round <= 3; round++) {
                int enough = 5 * round;
                Await.until(
                        "some are committed",
                        () -> proposed(cluster) && cluster.acknowledged().size() >= enough);
                for (int node : FaultyCluster.NODES) {
                    cluster.kill(node, withinWrite);
                }
                for (int node : FaultyCluster.NODES) {
                    cluster.start(node);
                }
            }
            cluster.check();
        }
    }

    /** A follower that only ever heard heartbeats, and one that is asked while it closes, leave as little as any other. */
    @Test
    void noThreadIsLeftOfAQuorumThatClosesAtOnce() throws Exception {
        for (int round = 0; round < 3; round++) {
            try (var cluster = new FaultyCluster(home.resolve("r" + round), round)) {
                cluster.awaitLeader();
            }
        }
        Await.until(() -> "the threads are gone: " + QuorumThreads.running(), () -> QuorumThreads.running()
                .isEmpty());
    }

    @Test
    void noThreadIsLeft() throws Exception {
        try (var cluster = new FaultyCluster(home, 4)) {
            Await.until(
                    "one is committed",
                    () -> proposed(cluster) && !cluster.acknowledged().isEmpty());
            assertNotEquals(List.of(), QuorumThreads.running());
        }
        Await.until(() -> "the threads are gone: " + QuorumThreads.running(), () -> QuorumThreads.running()
                .isEmpty());
    }

    @Test
    void holdsThroughPartitionsAndKills() throws Exception {
        run(Long.getLong("seed", System.nanoTime()), 12);
    }

    @Test
    @Tag("long")
    void holdsThroughManyPartitionsAndKills() throws Exception {
        long seed = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            run(seed + i, 30);
        }
    }

    private void run(long seed, int faults) throws Exception {
        System.out.println("QuorumFaultTest -Dseed=" + seed);
        var random = new SplittableRandom(seed);
        try (var cluster = new FaultyCluster(home.resolve("s" + seed), seed)) {
            cluster.awaitLeader();
            for (int fault = 0; fault < faults; fault++) {
                cluster.propose(2);
                doHarm(cluster, random);
                cluster.network().heal();
                cluster.propose(2);
            }
            cluster.check();
            System.out.println(cluster.acknowledged().size() + " acknowledged, "
                    + cluster.witness().terms() + " terms with a leader");
        } catch (Exception | AssertionError e) {
            throw new AssertionError("-Dseed=" + seed, e);
        }
    }

    private static void doHarm(FaultyCluster cluster, SplittableRandom random)
            throws IOException, InterruptedException {
        int any = random.nextInt(1, 4);
        int leader = Math.max(1, cluster.leader());
        var network = cluster.network();
        switch (random.nextInt(8)) {
            case 0 -> network.isolate(any);
            case 1 -> network.isolate(leader);
            case 2 -> network.cutOneWay(any, any % 3 + 1);
            case 3 -> network.cutOneWay(leader % 3 + 1, leader);
            case 4 -> network.lose(random.nextInt(10, 40));
            case 5 -> network.delay(random.nextInt(10, 300));
            case 6 -> killAndRestart(cluster, List.of(random.nextBoolean() ? leader : any), random);
            default -> killAndRestart(cluster, List.of(any, any % 3 + 1), random);
        }
        cluster.propose(4);
    }

    private static void killAndRestart(FaultyCluster cluster, List<Integer> nodes, SplittableRandom random)
            throws IOException, InterruptedException {
        for (int node : nodes) {
            cluster.kill(node, random.nextBoolean());
        }
        cluster.propose(3);
        for (int node : nodes) {
            cluster.start(node);
        }
    }
}
