package io.barnabas.storage.retention;

import java.util.List;

/** Which segments at the start of a log may go, by Kafka's rules. Pure. */
public final class Retention {
    private Retention() {}

    /**
     * @param segments all segments, oldest first
     * @param delete whether {@code cleanup.policy} has {@code delete}; without it only the log start offset counts
     * @param retentionMs negative for unlimited
     * @param retentionBytes negative for unlimited
     * @return how many segments from the oldest on may be deleted; it may be all of them, the log then goes on in an empty
     *     one
     */
    public static int deletable(
            List<SegmentFacts> segments,
            boolean delete,
            long retentionMs,
            long retentionBytes,
            long logStartOffset,
            long highWatermark,
            long nowMs) {
        int committed = 0;
        while (committed < segments.size() && mayGo(segments, committed, highWatermark)) {
            committed++;
        }
        int belowStart = 0;
        while (belowStart < Math.min(committed, segments.size() - 1)
                && segments.get(belowStart).nextOffset() <= logStartOffset) {
            belowStart++;
        }
        if (!delete) {
            return belowStart;
        }
        return Math.max(
                belowStart,
                Math.max(
                        expired(segments, committed, retentionMs, nowMs),
                        oversize(segments, committed, retentionBytes)));
    }

    private static boolean mayGo(List<SegmentFacts> segments, int index, long highWatermark) {
        var segment = segments.get(index);
        boolean lastAndEmpty = index == segments.size() - 1 && segment.sizeBytes() == 0;
        return highWatermark >= segment.nextOffset() && !lastAndEmpty;
    }

    private static int expired(List<SegmentFacts> segments, int committed, long retentionMs, long nowMs) {
        int count = 0;
        while (retentionMs >= 0
                && count < committed
                && nowMs - segments.get(count).largestTimestampMs() > retentionMs) {
            count++;
        }
        return count;
    }

    private static int oversize(List<SegmentFacts> segments, int committed, long retentionBytes) {
        if (retentionBytes < 0) {
            return 0;
        }
        long excess = segments.stream().mapToLong(SegmentFacts::sizeBytes).sum() - retentionBytes;
        int count = 0;
        while (count < committed && excess >= segments.get(count).sizeBytes()) {
            excess -= segments.get(count).sizeBytes();
            count++;
        }
        return count;
    }
}
