package io.barnabas.compat.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.barnabas.compat.cluster.BrokerPair;
import io.barnabas.compat.cluster.ChildBroker;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

/**
 * A user at the keyboard of Apache Kafka and then of its peer, who compares what he reads. The sessions are written to
 * {@code target/sessions}, one file per scenario and product.
 */
final class SideBySide implements AutoCloseable {
    private final BrokerPair brokers;

    private SideBySide(BrokerPair brokers) {
        this.brokers = brokers;
    }

    static SideBySide started(Path folder, Map<String, String> settings) {
        InThisJvm.quiet();
        return new SideBySide(BrokerPair.started(folder, settings));
    }

    @FunctionalInterface
    interface Scenario {
        void play(Session session) throws Exception;
    }

    /** A session at each, Apache Kafka's first; to be closed. */
    List<Session> sessions() {
        return List.of(new Session(brokers.kafka()), new Session(brokers.peer()));
    }

    /** A session at the peer alone; to be closed. */
    Session peerSession() {
        return new Session(brokers.peer());
    }

    /** Plays a scenario on both products and compares step by step. */
    void same(String name, Scenario scenario) throws Exception {
        List<String> expected = play(name, brokers.kafka(), scenario);
        List<String> actual = play(name, brokers.peer(), scenario);
        assertTrue(expected.size() > 5, "the scenario took place");
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            if (!expected.get(i).equals(actual.get(i))) {
                differences.add("Apache Kafka:\n" + expected.get(i) + "Barnabas:\n" + actual.get(i));
            }
        }
        if (!differences.isEmpty()) {
            fail(differences.size() + " steps of " + expected.size() + " differ\n" + String.join("\n", differences));
        }
    }

    private static List<String> play(String name, ChildBroker broker, Scenario scenario) throws Exception {
        try (var session = new Session(broker)) {
            try {
                scenario.play(session);
            } finally {
                Path sessions = Files.createDirectories(Path.of("target", "sessions"));
                Files.write(sessions.resolve(name + "-" + broker.product() + ".txt"), session.steps());
            }
            return session.steps();
        }
    }

    @Override
    public void close() {
        brokers.close();
    }
}
