package io.barnabas.broker.coordinator;

import java.util.List;

/**
 * What a shard decided on an event; the shard's state already includes it. The host appends the records, gives the replies
 * once those records and all earlier ones are committed, and drops the shard if they cannot be.
 *
 * @param atomic the records must be in one batch; otherwise they may be spread over several
 * @param notices for the log and the timeline of rebalances
 */
public record Decision(List<CoordinatorRecord> records, boolean atomic, List<Reply> replies, List<Notice> notices) {
    public static final Decision NOTHING = new Decision(List.of(), true, List.of(), List.of());
}
