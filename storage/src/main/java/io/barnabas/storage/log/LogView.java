package io.barnabas.storage.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import io.barnabas.storage.retention.SegmentFacts;
import io.barnabas.storage.segment.BatchTail;
import io.barnabas.storage.segment.Segment;

/**
 * A log as it was at one moment: immutable, published by the owner after every change, read by any thread.
 * {@code logStartOffset ≤ lastStableOffset ≤ highWatermark ≤ logEndOffset}.
 */
public final class LogView {
    private final long logStartOffset;
    private final long logEndOffset;
    private final long highWatermark;
    private final long lastStableOffset;
    private final Segment[] segments;
    private final int activeSizeBytes;
    private final BatchTail tail;
    private final int tailCount;

    LogView(
            long logStartOffset,
            long logEndOffset,
            long highWatermark,
            long lastStableOffset,
            Segment[] segments,
            int activeSizeBytes,
            BatchTail tail,
            int tailCount) {
        this.logStartOffset = logStartOffset;
        this.logEndOffset = logEndOffset;
        this.highWatermark = highWatermark;
        this.lastStableOffset = lastStableOffset;
        this.segments = segments;
        this.activeSizeBytes = activeSizeBytes;
        this.tail = tail;
        this.tailCount = tailCount;
    }

    /** First offset that may be read. */
    public long logStartOffset() {
        return logStartOffset;
    }

    /** Offset the next record gets. */
    public long logEndOffset() {
        return logEndOffset;
    }

    /** Offset below which records are committed. */
    public long highWatermark() {
        return highWatermark;
    }

    /** Offset below which no transaction is open. */
    public long lastStableOffset() {
        return lastStableOffset;
    }

    /** Number of segments, at least 1. */
    public int segmentCount() {
        return segments.length;
    }

    /** Bytes of all segments' data. */
    public long sizeBytes() {
        long size = activeSizeBytes;
        for (int i = 0; i < segments.length - 1; i++) {
            size += segments[i].sizeBytes();
        }
        return size;
    }

    /** Whether a read at this offset finds its batch without touching the disk. */
    public boolean isRecent(long offset) {
        return offset >= logEndOffset || tail.find(tailCount, offset) != null;
    }

    long limit(ReadIsolation isolation) {
        return switch (isolation) {
            case LOG_END -> logEndOffset;
            case HIGH_WATERMARK -> highWatermark;
            case COMMITTED -> lastStableOffset;
        };
    }

    /** Whether no segment was added, cut or deleted between two views. */
    boolean sameFiles(LogView other) {
        return segments == other.segments;
    }

    /** All segments, oldest first; the last is the active one. For compaction, which never touches the active one. */
    public List<Segment> segments() {
        return Collections.unmodifiableList(Arrays.asList(segments));
    }

    Segment segment(int index) {
        return segments[index];
    }

    Segment active() {
        return segments[segments.length - 1];
    }

    /** Bytes of a segment that this view covers. */
    int sizeBytes(int index) {
        return index == segments.length - 1 ? activeSizeBytes : segments[index].sizeBytes();
    }

    /** Index of the last segment that does not begin above an offset; 0 if all do. */
    int segmentOf(long offset) {
        int low = 0;
        int high = segments.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments[middle].baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** What retention has to know of each segment, oldest first. */
    List<SegmentFacts> facts() throws IOException {
        var facts = new ArrayList<SegmentFacts>(segments.length);
        for (int i = 0; i < segments.length; i++) {
            long end = i + 1 < segments.length ? segments[i + 1].baseOffset() : logEndOffset;
            facts.add(new SegmentFacts(
                    segments[i].baseOffset(), end, sizeBytes(i), segments[i].largestTimestampMs(sizeBytes(i))));
        }
        return facts;
    }

    BatchTail.Place recent(int segmentIndex, long offset) {
        return segmentIndex == segments.length - 1 ? tail.find(tailCount, offset) : null;
    }

    int recentEndUpTo(int segmentIndex, int position) {
        return segmentIndex == segments.length - 1 ? tail.lastEndUpTo(tailCount, position) : -1;
    }

    @Override
    public String toString() {
        return "LogView[" + logStartOffset + ".." + logEndOffset + ", highWatermark " + highWatermark + ", lastStable "
                + lastStableOffset + ", " + segments.length + " segments]";
    }
}
