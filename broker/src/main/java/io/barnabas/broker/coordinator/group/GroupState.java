package io.barnabas.broker.coordinator.group;

/** Where a classic group is in its cycle. */
enum GroupState {
    /** No members; perhaps offsets. */
    EMPTY("Empty", GroupCounts.Count.CLASSIC_EMPTY),
    /** Members are being called together. */
    PREPARING_REBALANCE("PreparingRebalance", GroupCounts.Count.CLASSIC_PREPARING_REBALANCE),
    /** All members are known; the leader assigns. */
    COMPLETING_REBALANCE("CompletingRebalance", GroupCounts.Count.CLASSIC_COMPLETING_REBALANCE),
    /** Everyone has, or can have, an assignment. */
    STABLE("Stable", GroupCounts.Count.CLASSIC_STABLE);

    /** What a group that does not exist is called. */
    static final String DEAD = "Dead";

    private final String text;
    private final GroupCounts.Count count;

    GroupState(String text, GroupCounts.Count count) {
        this.text = text;
        this.count = count;
    }

    GroupCounts.Count count() {
        return count;
    }

    /** As responses spell it. */
    String text() {
        return text;
    }
}
