package io.barnabas.broker.coordinator.group;

/** Where a consumer group is. */
enum ConsumerState {
    /** No members; perhaps offsets. */
    EMPTY("Empty", GroupCounts.Count.CONSUMER_EMPTY),
    /** The epoch has risen; there is no assignment for it yet. */
    ASSIGNING("Assigning", GroupCounts.Count.CONSUMER_ASSIGNING),
    /** Members are on their way to their assignment. */
    RECONCILING("Reconciling", GroupCounts.Count.CONSUMER_RECONCILING),
    /** Every member has what it is to have. */
    STABLE("Stable", GroupCounts.Count.CONSUMER_STABLE);

    private final String text;
    private final GroupCounts.Count count;

    ConsumerState(String text, GroupCounts.Count count) {
        this.text = text;
        this.count = count;
    }

    /** As responses spell it. */
    String text() {
        return text;
    }

    GroupCounts.Count count() {
        return count;
    }
}
