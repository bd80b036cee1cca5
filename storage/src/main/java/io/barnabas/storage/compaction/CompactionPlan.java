package io.barnabas.storage.compaction;

import java.io.IOException;
import java.util.List;

import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogView;
import io.barnabas.storage.log.PartitionLog;
import io.barnabas.storage.segment.Segment;

/**
 * What there is to compact in one log at one moment: the records from the first dirty offset on are read for their keys, then
 * everything before the first uncleanable offset is cleaned of what they supersede.
 *
 * @param view the log as it was
 * @param config its configuration then
 * @param firstDirtyOffset where the last compaction ended
 * @param firstUncleanableOffset base offset of the first segment to leave alone
 * @param cleanBytes bytes of the segments that were compacted before
 * @param cleanableBytes bytes of the dirty segments
 * @param delayMs for how long {@code max.compaction.lag.ms} has asked for it; 0 if it does not
 * @param cuts of the log then
 */
record CompactionPlan(
        PartitionLog log,
        LogView view,
        LogConfig config,
        long firstDirtyOffset,
        long firstUncleanableOffset,
        long cleanBytes,
        long cleanableBytes,
        long delayMs,
        int cuts) {

    /** Looks at a log; any thread. */
    static CompactionPlan of(PartitionLog log, long nowMs) throws IOException {
        int cuts = log.cuts();
        long cleaned = log.cleanedOffset();
        var view = log.view();
        var config = log.config();
        var segments = view.segments();
        long dirty = cleaned < view.logStartOffset() || cleaned > view.logEndOffset() ? view.logStartOffset() : cleaned;
        long activeBase = segments.get(segments.size() - 1).baseOffset();
        long limit = Math.min(view.lastStableOffset(), activeBase);
        if (config.minCompactionLagMs() > 0) {
            limit = Math.min(limit, firstTooYoung(segments, dirty, activeBase, nowMs - config.minCompactionLagMs()));
        }
        long uncleanable = uncleanableBase(segments, Math.max(dirty, limit), activeBase);
        return new CompactionPlan(
                log,
                view,
                config,
                dirty,
                uncleanable,
                bytes(between(segments, -1, dirty)),
                bytes(between(segments, Math.min(dirty, uncleanable), uncleanable)),
                delayMs(segments, dirty, activeBase, nowMs, config.maxCompactionLagMs()),
                cuts);
    }

    /** The base of the segment that holds an offset, no higher than the active one's. */
    private static long uncleanableBase(List<Segment> segments, long offset, long activeBase) {
        var rolled = offset > activeBase ? List.<Segment>of() : between(segments, offset, activeBase);
        return rolled.isEmpty() ? activeBase : rolled.get(0).baseOffset();
    }

    private static long firstTooYoung(List<Segment> segments, long dirty, long activeBase, long bornBeforeMs)
            throws IOException {
        for (var segment : between(segments, dirty, activeBase)) {
            if (segment.largestTimestampMs(segment.sizeBytes()) > bornBeforeMs) {
                return segment.baseOffset();
            }
        }
        return Long.MAX_VALUE;
    }

    private static long delayMs(List<Segment> segments, long dirty, long activeBase, long nowMs, long maxLagMs)
            throws IOException {
        if (maxLagMs == Long.MAX_VALUE) {
            return 0;
        }
        long delayMs = 0;
        for (var segment : between(segments, dirty, activeBase)) {
            long firstMs = segment.sizeBytes() == 0 ? -1 : segment.readFirstTimestamp();
            if (firstMs > 0) {
                delayMs = Math.max(delayMs, nowMs - maxLagMs - firstMs);
            }
        }
        return delayMs;
    }

    /** The segments from the one that holds {@code from} up to those that begin below {@code to}. */
    static List<Segment> between(List<Segment> segments, long from, long to) {
        if (from >= to) {
            return List.of();
        }
        int first = 0;
        while (first + 1 < segments.size() && segments.get(first + 1).baseOffset() <= from) {
            first++;
        }
        int end = first;
        while (end < segments.size() && segments.get(end).baseOffset() < to) {
            end++;
        }
        return segments.subList(first, end);
    }

    private static long bytes(List<Segment> segments) {
        return segments.stream().mapToLong(Segment::sizeBytes).sum();
    }

    /** Dirty bytes of all that may be compacted. */
    double dirtyRatio() {
        return (double) cleanableBytes / (cleanBytes + cleanableBytes);
    }

    /** Whether the log is worth it, by its topic's configuration. */
    boolean isWorthwhile() {
        return cleanableBytes > 0 && (delayMs > 0 || dirtyRatio() > config.minCleanableDirtyRatio());
    }
}
