package io.barnabas.compat.differential;

/**
 * Something a client may do, run on Apache Kafka and on Barnabas, whose transcripts must be equal.
 *
 * @param name unique, fit for a topic name
 */
public record Scenario(String name, Script script) {
    /** The steps; whatever matters goes into the session's transcript. */
    @FunctionalInterface
    public interface Script {
        void run(Session session) throws Exception;
    }

    String transcriptOn(int port) {
        try (Session session = new Session(name, port)) {
            script.run(session);
            return session.transcript().toString();
        } catch (Exception e) {
            throw new IllegalStateException("scenario " + name + " failed", e);
        }
    }
}
