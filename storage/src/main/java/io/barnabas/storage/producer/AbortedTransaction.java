package io.barnabas.storage.producer;

/**
 * One entry of a transaction index.
 *
 * @param lastOffset offset of the abort marker
 * @param lastStableOffset what the log's last stable offset became by this marker
 */
public record AbortedTransaction(long producerId, long firstOffset, long lastOffset, long lastStableOffset) {}
