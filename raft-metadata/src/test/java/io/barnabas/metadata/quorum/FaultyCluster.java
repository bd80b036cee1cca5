package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Three nodes in this JVM, the one client that proposes to them, and what it was told. */
final class FaultyCluster implements AutoCloseable {
    static final List<Integer> NODES = List.of(1, 2, 3);
    private static final Map<Integer, String> VOTERS = Map.of(1, "one:1", 2, "two:1", 3, "three:1");
    private static final int ELECTION_TIMEOUT_MS = 400;
    private static final int HEARTBEAT_MS = 40;
    private static final int PATIENCE_MS = 2 * ELECTION_TIMEOUT_MS;
    private static final int SNAPSHOT_AFTER_BYTES = 300;

    private final Path home;
    private final LoopbackTransport.Network network;
    private final Witness witness = new Witness();
    private final Map<Integer, JRaftQuorum> quorums = new TreeMap<>();
    private final Map<Integer, RecordedLog> logs = new TreeMap<>();
    private final List<String> acknowledged = new ArrayList<>();
    private int proposed;

    FaultyCluster(Path home, long seed) throws IOException {
        this.home = home;
        network = new LoopbackTransport.Network(seed);
        for (int node : NODES) {
            start(node);
        }
    }

    LoopbackTransport.Network network() {
        return network;
    }

    Witness witness() {
        return witness;
    }

    List<String> acknowledged() {
        return acknowledged;
    }

    JRaftQuorum quorum(int node) {
        return quorums.get(node);
    }

    void start(int node) throws IOException {
        var config = new QuorumConfig(
                "faulty", node, VOTERS, directory(node), ELECTION_TIMEOUT_MS, HEARTBEAT_MS, SNAPSHOT_AFTER_BYTES, 0);
        var log = new RecordedLog(node, witness);
        var quorum = JRaftQuorum.over(network.transportOf(node), config);
        quorum.start(log);
        logs.put(node, log);
        quorums.put(node, quorum);
    }

    /** Nothing that the node says from now on is heard; maybe it was in the midst of a write. */
    void kill(int node, boolean withinWrite) throws IOException {
        network.kill(node);
        quorums.remove(node).close();
        logs.remove(node);
        if (withinWrite) {
            try (var files = Files.list(directory(node).resolve("log"))) {
                for (var last : files.sorted(Comparator.reverseOrder()).limit(1).toList()) {
                    Files.write(last, new byte[] {0, 0, 0, 60, 9, 9, 9, 9, 1, 0, 0}, StandardOpenOption.APPEND);
                }
            }
        }
    }

    private Path directory(int node) {
        return home.resolve("n" + node);
    }

    /** The running node that leads in the newest term, as far as the nodes know; -1 if none thinks that it leads. */
    int leader() {
        int leader = -1;
        long newest = 0;
        for (var log : logs.entrySet()) {
            if (log.getValue().leadingTerm() > newest) {
                newest = log.getValue().leadingTerm();
                leader = log.getKey();
            }
        }
        return leader;
    }

    int awaitLeader() {
        Await.until("there is a leader", () -> leader() > 0);
        return leader();
    }

    /** Proposes to any node that thinks that it leads, one after the other; a failure leaves the outcome unknown. */
    int propose(int count) throws InterruptedException {
        int done = 0;
        for (int i = 0; i < count; i++) {
            int node = leader();
            if (node > 0 && proposeTo(node)) {
                done++;
            } else if (node < 0) {
                TimeUnit.MILLISECONDS.sleep(HEARTBEAT_MS);
            }
        }
        return done;
    }

    private boolean proposeTo(int node) throws InterruptedException {
        var value = "value " + proposed++;
        CompletableFuture<Long> stage = quorums.get(node)
                .propose(value.getBytes(StandardCharsets.UTF_8), logs.get(node).leadingTerm())
                .toCompletableFuture();
        try {
            witness.acknowledged(stage.get(PATIENCE_MS, TimeUnit.MILLISECONDS), value);
            acknowledged.add(value);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            // Known neither to be committed nor not to be.
            return false;
        }
    }

    /** With nothing broken any more: everything acknowledged is on every node, in one order, once. */
    void check() {
        Await.until("the healed quorum commits again", () -> {
            try {
                return propose(1) == 1;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        var last = acknowledged.get(acknowledged.size() - 1);
        Await.until("all nodes have caught up", () -> logs.values().stream()
                .allMatch(log -> log.values().contains(last)));
        var reference = logs.get(1).values();
        for (var log : logs.values()) {
            assertEquals(
                    reference.subList(0, reference.indexOf(last)), log.values().subList(0, reference.indexOf(last)));
        }
        assertEquals(reference.size(), new HashSet<>(reference).size(), "nothing twice");
        var inOrder = new ArrayList<>(reference);
        inOrder.retainAll(new HashSet<>(acknowledged));
        assertEquals(acknowledged, inOrder, "what was acknowledged");
        assertEquals(List.of(), witness.violations());
    }

    @Override
    public void close() {
        quorums.values().forEach(JRaftQuorum::close);
        network.close();
    }
}
