package io.barnabas.storage.log;

/** What an acknowledgement of an append promises ({@code durability}). */
public enum Durability {
    /** Kafka's: it is in the page cache of every replica in sync; {@code flush.messages} and {@code flush.ms} may add more. */
    REPLICATED,
    /** It is on the stable storage of every replica in sync. */
    FSYNC
}
