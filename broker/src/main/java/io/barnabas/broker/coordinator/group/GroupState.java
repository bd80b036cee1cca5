package io.barnabas.broker.coordinator.group;

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

    GroupState(String text) {
        this.text = text;
    }

    /** As responses spell it. */
    String text() {
        return text;
    }
}
