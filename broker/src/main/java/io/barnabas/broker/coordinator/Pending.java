package io.barnabas.broker.coordinator;

/**
 * A request that waits for its answer. A shard only carries it, perhaps for a whole rebalance, and hands it back in a
 * {@link Reply}; what it is, only the shard's host knows.
 */
public interface Pending {}
