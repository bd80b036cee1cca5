package io.barnabas.broker.coordinator.group;

/** Where one group stands in the counts of groups by state, while it is one of the shard's. */
final class Standing {
    private GroupCounts.Count count;
    /** Null while the group is none of the shard's. */
    private GroupCounts counts;

    Standing(GroupCounts.Count count) {
        this.count = count;
    }

    void enter(GroupCounts shard) {
        counts = shard;
        counts.add(count, 1);
    }

    void move(GroupCounts.Count next) {
        if (counts != null && next != count) {
            counts.add(count, -1);
            counts.add(next, 1);
        }
        count = next;
    }

    void leave() {
        if (counts != null) {
            counts.add(count, -1);
            counts = null;
        }
    }
}
