package io.barnabas.broker.coordinator.group;

import java.util.Locale;

/** Where a classic group is in its cycle. */
enum GroupState {
    /** No members; perhaps offsets. */
    EMPTY("Empty"),
    /** Members are being called together. */
    PREPARING_REBALANCE("PreparingRebalance"),
    /** All members are known; the leader assigns. */
    COMPLETING_REBALANCE("CompletingRebalance"),
    /** Everyone has, or can have, an assignment. */
    STABLE("Stable");

    /** What a group that does not exist is called. */
    static final String DEAD = "Dead";

    private final String text;
    private final String lowerCase;

    GroupState(String text) {
        this.text = text;
        this.lowerCase = text.toLowerCase(Locale.ROOT);
    }

    /** As responses spell it. */
    String text() {
        return text;
    }

    String lowerCase() {
        return lowerCase;
    }
}
