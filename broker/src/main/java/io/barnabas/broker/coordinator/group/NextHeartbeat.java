package io.barnabas.broker.coordinator.group;

/**
 * When a member of a consumer group is to be heard of next (ConsumerGroupHeartbeat: "HeartbeatIntervalMs"). Kafka always tells the
 * configured interval, so that a group whose members come one by one settles an interval or two later. Here that is the longest; after
 * a change, members come back as soon as they may learn something new, and less and less often as the group stays as it is
 * (decisions/0003).
 */
final class NextHeartbeat {
    private static final int SHORTEST_MS = 100;
    /** Who waits for others to give up partitions asks again after this part of the time that has taken so far. */
    private static final int PART_OF_WAITING = 4;

    private NextHeartbeat() {}

    /**
     * @param state of the member, as it is told now
     * @param resolves whether it is being found out what a regular expression stands for
     */
    static int inMs(
            ConsumerGroup group, MemberState state, boolean resolves, ConsumerGroupConfig.Pace pace, long nowEpochMs) {
        long ageMs = nowEpochMs - group.targetTimestampMs();
        boolean waits = state == MemberState.UNRELEASED_PARTITIONS;
        long wantedMs;
        if (resolves) {
            wantedMs = SHORTEST_MS;
        } else if (group.targetTimestampMs() == 0 || ageMs < 0) {
            wantedMs = pace.heartbeatIntervalMs();
        } else if (waits) {
            wantedMs = ageMs / PART_OF_WAITING;
        } else if (ageMs < pace.assignmentIntervalMs()) {
            // Whoever comes until then is assigned then.
            wantedMs = pace.assignmentIntervalMs() - ageMs;
        } else {
            wantedMs = ageMs;
        }
        return (int) Math.min(pace.heartbeatIntervalMs(), Math.max(wantedMs, SHORTEST_MS));
    }
}
