package io.barnabas.broker.shard;

import java.util.List;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Notice.Kind;
import io.barnabas.broker.shard.RebalanceEntry.Outcome;
import io.barnabas.broker.testing.CapturedLog;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TimelinesTest {
    private final Timelines timelines = new Timelines();
    private long nowMs = 1_000;

    private void hear(String group, Kind kind, Cause cause, int generation, int before, int members) {
        timelines.hear(
                new Notice(kind, cause, group, "classic", generation, before, members, "said why"),
                new Moment(1_700_000_000_000L + nowMs, nowMs));
    }

    private static RebalanceEntry entry(
            long beganMs,
            Cause cause,
            int further,
            int generation,
            int before,
            int members,
            long tookMs,
            Outcome outcome) {
        return new RebalanceEntry(
                1_700_000_000_000L + beganMs,
                cause,
                "said why",
                further,
                "classic",
                generation,
                before,
                members,
                tookMs,
                outcome);
    }

    @Test
    void aRebalanceIsOneEntryWithItsFirstCauseAndOneLineWhenItIsOver() {
        try (var log = CapturedLog.of("io.barnabas.broker.shard.Timelines")) {
            hear("g", Kind.REBALANCE_BEGUN, Cause.MEMBER_JOINED, 4, 2, 3);
            assertEquals(
                    List.of(entry(1_000, Cause.MEMBER_JOINED, 0, 4, 2, 3, 0, Outcome.UNDER_WAY)), timelines.of("g"));
            nowMs += 50;
            hear("g", Kind.MEMBER_EXPIRED, null, 4, 2, 2);
            hear("g", Kind.REBALANCE_BEGUN, Cause.MEMBER_TIMED_OUT, 5, 2, 2);
            nowMs += 70;
            hear("g", Kind.STABILIZED, null, 6, 2, 2);
            assertEquals(
                    List.of(entry(1_000, Cause.MEMBER_JOINED, 1, 6, 2, 2, 120, Outcome.STABLE)), timelines.of("g"));
            assertEquals(
                    List.of("INFO Group g, generation 6, 2 members: Stabilized: said why, after 120 ms, members 2 -> 2,"
                            + " cause: member joined and 1 more"),
                    log.lines("Stabilized"));
            assertEquals(4, log.lines().size());
        }
    }

    @Test
    void aGroupThatIsEmptyAtOnceHasAnEntryToo() {
        hear("g", Kind.EMPTIED, Cause.MEMBER_LEFT, 7, 1, 0);
        assertEquals(List.of(entry(1_000, Cause.MEMBER_LEFT, 0, 7, 1, 0, 0, Outcome.EMPTY)), timelines.of("g"));
        hear("other", Kind.STABILIZED, null, 1, 0, 1);
        hear("other", Kind.MEMBER_LEFT, null, 1, 0, 1);
        assertEquals(List.of(), timelines.of("other"), "its beginning was not told here");
    }

    @Test
    void whatNobodyWillTellTheEndOfIsInterrupted() {
        hear("moved", Kind.REBALANCE_BEGUN, Cause.MEMBER_JOINED, 1, 0, 1);
        hear("stays", Kind.REBALANCE_BEGUN, Cause.MEMBER_JOINED, 1, 0, 1);
        nowMs += 10;
        timelines.interrupt("moved"::equals, new Moment(0, nowMs));
        assertEquals(Outcome.INTERRUPTED, timelines.of("moved").get(0).outcome());
        assertEquals(10, timelines.of("moved").get(0).durationMs());
        assertEquals(Outcome.UNDER_WAY, timelines.of("stays").get(0).outcome());
        hear("moved", Kind.REBALANCE_BEGUN, Cause.COORDINATOR_LOADED, 1, 1, 1);
        assertEquals(2, timelines.of("moved").size());
    }

    @Test
    void nothingGrowsWithoutBound() {
        for (int i = 0; i < Timeline.KEPT + 5; i++) {
            hear("g", Kind.REBALANCE_BEGUN, Cause.LEADER_REJOINED, i, 1, 1);
            hear("g", Kind.STABILIZED, null, i + 1, 1, 1);
        }
        var kept = timelines.of("g");
        assertEquals(Timeline.KEPT, kept.size());
        assertEquals(Timeline.KEPT + 5, kept.get(Timeline.KEPT - 1).generation());

        for (int i = 0; i < Timelines.MAX_GROUPS; i++) {
            hear("h" + i, Kind.REBALANCE_BEGUN, Cause.MEMBER_JOINED, 0, 0, 1);
            if (i == Timelines.MAX_GROUPS / 2) {
                hear("g", Kind.MEMBER_LEFT, null, 1, 0, 1);
            }
        }
        assertEquals(Timelines.MAX_GROUPS, timelines.all().size());
        assertEquals(Timeline.KEPT, timelines.of("g").size(), "it was heard of not long ago");
        assertEquals(List.of(), timelines.of("h0"));

        hear("x".repeat(30_000), Kind.REBALANCE_BEGUN, Cause.MEMBER_JOINED, 0, 0, 1);
        assertEquals(List.of(), timelines.of("x".repeat(30_000)));
        timelines.hear(
                new Notice(Kind.REBALANCE_BEGUN, Cause.MEMBER_JOINED, "long", "classic", 0, 0, 1, "y".repeat(30_000)),
                new Moment(0, 0));
        assertTrue(timelines.of("long").get(0).detail().length() <= RebalanceEntry.MAX_DETAIL_LENGTH + 1);
    }
}
