package io.barnabas.broker.coordinator.group;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What one shard holds and what it has done, for metrics. Changed by the shard's thread with plain additions; read by any thread,
 * which sees whole numbers, perhaps a moment late.
 */
public final class GroupCounts {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] values = new long[Count.values().length];

    /** What is counted. */
    public enum Count {
        CLASSIC_EMPTY,
        CLASSIC_PREPARING_REBALANCE,
        CLASSIC_COMPLETING_REBALANCE,
        CLASSIC_STABLE,
        CONSUMER_EMPTY,
        CONSUMER_ASSIGNING,
        CONSUMER_RECONCILING,
        CONSUMER_STABLE,
        /** Offsets that are committed now. */
        OFFSETS,
        /** The rest only grows, from nothing when the shard is made. */
        OFFSET_COMMITS,
        /** By retention. */
        OFFSET_EXPIRATIONS,
        /** By OffsetDelete. */
        OFFSET_DELETIONS,
        /** Classic groups that became stable. */
        CLASSIC_REBALANCES,
        /** New epochs of consumer groups, but for members that went: what Kafka counts. */
        CONSUMER_REBALANCES;

        /** Counts that only grow, and are still true when the shard has moved elsewhere. */
        public boolean isTotal() {
            return compareTo(OFFSETS) > 0;
        }
    }

    public long get(Count count) {
        return (long) ELEMENT.getOpaque(values, count.ordinal());
    }

    void add(Count count, long amount) {
        ELEMENT.setOpaque(values, count.ordinal(), values[count.ordinal()] + amount);
    }
}
