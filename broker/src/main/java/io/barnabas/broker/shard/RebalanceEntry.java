package io.barnabas.broker.shard;

import io.barnabas.broker.coordinator.Cause;

/**
 * One rebalance of a group, over or under way. Immutable.
 *
 * @param beganEpochMs wall-clock time
 * @param cause what began it
 * @param detail who or why, in words; cut to {@link #MAX_DETAIL_LENGTH}
 * @param furtherCauses how many more followed before it was over
 * @param protocol the group's, when it was told last: classic or consumer
 * @param generation the group's generation or epoch, when it was told last
 * @param membersBefore when the group was last stable or empty
 * @param members when it was told last
 * @param durationMs until it was over; 0 while it is under way
 */
public record RebalanceEntry(
        long beganEpochMs,
        Cause cause,
        String detail,
        int furtherCauses,
        String protocol,
        int generation,
        int membersBefore,
        int members,
        long durationMs,
        Outcome outcome) {
    static final int MAX_DETAIL_LENGTH = 200;

    public RebalanceEntry {
        detail = detail.length() <= MAX_DETAIL_LENGTH ? detail : detail.substring(0, MAX_DETAIL_LENGTH) + "…";
    }

    /** How it ended. */
    public enum Outcome {
        UNDER_WAY("under way"),
        STABLE("stable"),
        EMPTY("empty"),
        /** The coordinator moved, or forgot what it could not record. */
        INTERRUPTED("interrupted");

        private final String text;

        Outcome(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}
