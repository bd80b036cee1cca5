package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.util.concurrent.CompletionStage;

/** This node's member of the group of nodes that agree on the metadata log. Any thread. */
public interface Quorum extends AutoCloseable {
    /**
     * Loads what is on this node's disk and joins; called once. The listener is called before this returns and after; the only voter
     * of a quorum leads, and its listener knows, when this returns.
     *
     * @throws IOException with a sentence that names the file and the place, if what is on the disk cannot be trusted
     */
    void start(QuorumListener listener) throws IOException;

    /**
     * Appends a batch if this node leads in {@code term}. Completes on the apply thread, with the batch's index, after
     * {@link QuorumListener#onCommitted} returned for it on this node. Any failure means that the outcome is unknown: the batch may be
     * committed, now or later, or never. Failures come as {@link IOException} and on any thread.
     */
    CompletionStage<Long> propose(byte[] recordBatch, long term);

    /** What this node knows now, from memory. */
    QuorumState describe();

    /** Leaves without waiting for other nodes. What is under way fails; the listener is not called afterwards; no thread is left. */
    @Override
    void close();
}
