package io.barnabas.storage.log;

/** Who appends: decides which checks a batch must pass. */
public enum AppendOrigin {
    /** A Produce request: every check, and idempotent duplicates are answered, not written. */
    CLIENT,
    /** A group, transaction or share coordinator on this broker: trusted batches, control batches allowed. */
    COORDINATOR,
    /** A batch fetched from the leader: offsets, epochs and timestamps are kept as they are. */
    REPLICATION
}
