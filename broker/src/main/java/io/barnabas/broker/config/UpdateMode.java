package io.barnabas.broker.config;

/** How a key may change while the broker runs (KIP-226). */
public enum UpdateMode {
    READ_ONLY,
    PER_BROKER,
    CLUSTER_WIDE
}
