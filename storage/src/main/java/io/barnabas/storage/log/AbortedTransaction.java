package io.barnabas.storage.log;

/** A transaction whose records a read-committed consumer must skip, starting at this offset. */
public record AbortedTransaction(long producerId, long firstOffset) {}
