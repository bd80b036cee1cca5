package io.barnabas.broker.config;

/** Weight of a key in documentation. */
public enum Importance {
    HIGH,
    MEDIUM,
    LOW
}
