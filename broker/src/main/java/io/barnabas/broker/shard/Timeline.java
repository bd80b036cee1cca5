package io.barnabas.broker.shard;

import java.util.ArrayDeque;
import java.util.List;

import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.shard.RebalanceEntry.Outcome;

/** The last rebalances of one group, made of what its coordinator notices and when. Not thread-safe. */
final class Timeline {
    /** How many are kept. */
    static final int KEPT = 16;

    /** Oldest first; only the last may be under way. */
    private final ArrayDeque<RebalanceEntry> entries = new ArrayDeque<>();

    private long beganSteadyMs;

    /** Whether a timeline can begin with this. */
    static boolean beginsWith(Notice notice) {
        return notice.kind() == Notice.Kind.REBALANCE_BEGUN || notice.kind() == Notice.Kind.EMPTIED;
    }

    /** The rebalance that is over now; null if none is. */
    RebalanceEntry hear(Notice notice, Moment now) {
        switch (notice.kind()) {
            case REBALANCE_BEGUN -> begun(notice, now);
            case STABILIZED -> {
                return underWay() == null ? null : over(notice, Outcome.STABLE, now);
            }
            case EMPTIED -> {
                if (underWay() == null) {
                    begun(notice, now);
                }
                return over(notice, Outcome.EMPTY, now);
            }
            default -> {}
        }
        return null;
    }

    private void begun(Notice notice, Moment now) {
        var open = underWay();
        if (open == null) {
            beganSteadyMs = now.steadyMs();
            entries.add(new RebalanceEntry(
                    now.epochMs(),
                    notice.cause(),
                    notice.detail(),
                    0,
                    notice.protocol(),
                    notice.generation(),
                    notice.membersBefore(),
                    notice.members(),
                    0,
                    Outcome.UNDER_WAY));
            if (entries.size() > KEPT) {
                entries.removeFirst();
            }
        } else {
            replaceLast(told(open, 1, notice, 0, Outcome.UNDER_WAY));
        }
    }

    private RebalanceEntry over(Notice notice, Outcome outcome, Moment now) {
        var done = told(entries.getLast(), 0, notice, now.steadyMs() - beganSteadyMs, outcome);
        replaceLast(done);
        return done;
    }

    private static RebalanceEntry told(
            RebalanceEntry entry, int moreCauses, Notice notice, long durationMs, Outcome outcome) {
        return new RebalanceEntry(
                entry.beganEpochMs(),
                entry.cause(),
                entry.detail(),
                entry.furtherCauses() + moreCauses,
                notice.protocol(),
                notice.generation(),
                entry.membersBefore(),
                notice.members(),
                durationMs,
                outcome);
    }

    /** The coordinator is gone: nobody will tell how what is under way ends. */
    void interrupt(Moment now) {
        var open = underWay();
        if (open != null) {
            replaceLast(new RebalanceEntry(
                    open.beganEpochMs(),
                    open.cause(),
                    open.detail(),
                    open.furtherCauses(),
                    open.protocol(),
                    open.generation(),
                    open.membersBefore(),
                    open.members(),
                    now.steadyMs() - beganSteadyMs,
                    Outcome.INTERRUPTED));
        }
    }

    private RebalanceEntry underWay() {
        var last = entries.peekLast();
        return last != null && last.outcome() == Outcome.UNDER_WAY ? last : null;
    }

    private void replaceLast(RebalanceEntry entry) {
        entries.removeLast();
        entries.add(entry);
    }

    /** A copy, oldest first. */
    List<RebalanceEntry> entries() {
        return List.copyOf(entries);
    }
}
