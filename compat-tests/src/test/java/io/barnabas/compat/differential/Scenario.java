package io.barnabas.compat.differential;

import java.util.Map;

/**
 * Something a client may do, run on Apache Kafka and on Barnabas, whose transcripts must be equal.
 *
 * @param name unique, fit for a topic name
 * @param settings broker properties beside those of every scenario; brokers are started for them
 */
public record Scenario(String name, Map<String, String> settings, Script script) {
    /** The steps; whatever matters goes into the session's transcript. */
    @FunctionalInterface
    public interface Script {
        void run(Session session) throws Exception;
    }

    public Scenario(String name, Script script) {
        this(name, Map.of(), script);
    }

    Transcript transcriptOn(int port) {
        try (Session session = new Session(name, port)) {
            script.run(session);
            return session.transcript();
        } catch (Exception e) {
            throw new IllegalStateException("scenario " + name + " failed", e);
        }
    }
}
