package io.barnabas.broker.handler;

/** A handler's answer where Kafka's is to close the connection (Produce with acks=0 that failed). Not a bug; not logged as one. */
public final class CloseConnection extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param reason completes the sentence "Closing the connection: …" */
    public CloseConnection(String reason) {
        super(reason, null, false, false);
    }
}
