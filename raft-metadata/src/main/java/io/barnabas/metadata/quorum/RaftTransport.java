package io.barnabas.metadata.quorum;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * How the nodes of a quorum reach each other: requests of bytes, answers of bytes. Requests between two nodes arrive in the order they
 * were sent in, or not at all; an answer may be given long after the next request was. Any thread.
 */
public interface RaftTransport extends AutoCloseable {
    /**
     * Sends a request and does not block. Fails with {@link java.util.concurrent.TimeoutException} if there was no answer in time, with
     * {@link java.io.IOException} if the node cannot be reached.
     */
    CompletionStage<byte[]> send(int nodeId, byte[] request, long timeoutMs);

    /** Starts to receive. */
    void listen(Receiver receiver);

    /** Stops to receive and to send. */
    @Override
    void close();

    /** Gets one request and does not block; answers through {@code reply}, on any thread, at most once. */
    @FunctionalInterface
    interface Receiver {
        /** @throws IllegalArgumentException if the bytes are no request; the transport should drop the sender's connection */
        void receive(int fromNodeId, byte[] request, Consumer<byte[]> reply);
    }
}
