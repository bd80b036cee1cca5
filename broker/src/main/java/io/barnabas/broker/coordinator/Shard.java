package io.barnabas.broker.coordinator;

/**
 * A coordinator's state for one internal partition, rebuilt from the partition's records and advanced by events. Used by one
 * thread at a time. While it is rebuilt only {@link #evolve} and {@link #endTransaction} are called, then {@link #loaded} once,
 * then events.
 */
public interface Shard {
    /** Applies a record that is in the log. */
    void evolve(CoordinatorRecord record, long producerId);

    /** Applies a marker in the log: the end of a producer's transaction. */
    void endTransaction(long producerId, boolean committed);

    /** All records were applied: timers start. */
    Decision loaded(Moment now);

    /** Does what is due. */
    Decision tick(Moment now);

    /** Steady time before which nothing is due; {@link Deadlines#NEVER} if nothing waits for time. */
    long nextDeadlineMs();
}
