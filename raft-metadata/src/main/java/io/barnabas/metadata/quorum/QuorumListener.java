package io.barnabas.metadata.quorum;

/**
 * Told what the quorum decides, one call at a time, on the quorum's apply thread ({@link #onFatal}: on one of its own). An exception from any
 * of these is fatal: the node stops to follow the log, because its state would no longer be that of the others.
 */
public interface QuorumListener {
    /** The next batch of the log. Indexes rise, with gaps where the protocol keeps entries for itself. */
    void onCommitted(long index, long term, byte[] recordBatch);

    /** This node leads in the term, and has been told all that was committed before. */
    void onLeaderStart(long term);

    /** This node leads no more. Batches it proposed may be committed yet. */
    void onLeaderStop();

    /** Another node leads in the term. */
    void onFollowing(int leaderId, long term);

    /** All that was committed so far, in a form of the listener's choice. */
    byte[] saveSnapshot();

    /** Replaces all state by what {@link #saveSnapshot} once gave, here or on another node. */
    void loadSnapshot(byte[] snapshot);

    /** This node cannot follow the log any more; nothing else is called from now on. The process should end. At most once. */
    void onFatal(Throwable failure);
}
