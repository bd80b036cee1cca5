package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.segment.BatchTail;
import io.barnabas.storage.segment.Segment;

/**
 * The segments of a log as their owner changes them: stage, write, roll, cut, retire. Owner thread only. Every change of
 * files makes a new array, by which readers notice that their view is out of date.
 */
final class SegmentChain {
    private final LogHome home;
    private final StagedWrites staged = new StagedWrites();
    private Segment[] segments;
    private BatchTail tail;
    /** Offset of the next batch, counting what is staged. */
    private long nextOffset;
    /** Offset after the last batch written. */
    private long writtenEnd;

    SegmentChain(LogHome home, List<Segment> segments, long nextOffset) {
        this.home = home;
        this.segments = segments.toArray(Segment[]::new);
        this.nextOffset = nextOffset;
        restartTail();
    }

    Segment active() {
        return segments[segments.length - 1];
    }

    List<Segment> all() {
        return Arrays.asList(segments);
    }

    long firstOffset() {
        return segments[0].baseOffset();
    }

    long nextOffset() {
        return nextOffset;
    }

    LogView view(long logStartOffset, long highWatermark, long lastStableOffset) {
        return new LogView(
                logStartOffset,
                writtenEnd,
                highWatermark,
                lastStableOffset,
                segments,
                active().sizeBytes(),
                tail,
                tail.count());
    }

    /** Whether a batch has to go into a new segment. */
    boolean mustRoll(RecordBatch batch, LogConfig config, long nowMs) throws IOException {
        return active().mustRoll(
                        stagedEnd(),
                        batch.sizeBytes(),
                        batch.lastOffset(),
                        batch.maxTimestamp(),
                        nowMs,
                        config.segmentBytes(),
                        config.rollMs(),
                        Math.min(config.segmentJitterMs(), config.rollMs()),
                        config.segmentIndexBytes());
    }

    /** Whether the next batch staged begins a segment's files. */
    boolean isAtStartOfSegment() {
        return stagedEnd() == 0;
    }

    /** Where the next batch staged will lie in the active segment. */
    private int stagedEnd() {
        return active().sizeBytes() + staged.sizeBytes();
    }

    /** Takes a batch for the next {@link #write}; its buffer must stay untouched until then. */
    void stage(RecordBatch batch, ByteBuffer bytes, int indexIntervalBytes) throws IOException {
        int position = stagedEnd();
        long lastOffset = batch.lastOffset();
        active().note(position, batch.sizeBytes(), lastOffset, batch.maxTimestamp(), indexIntervalBytes);
        tail = tail.add(lastOffset, position + batch.sizeBytes());
        staged.add(bytes);
        nextOffset = lastOffset + 1;
    }

    /** Writes what is staged by one gathering write. */
    void write() throws IOException {
        if (staged.count() > 0) {
            active().write(staged.buffers(), staged.count(), staged.sizeBytes());
            staged.clear();
        }
        writtenEnd = nextOffset;
    }

    /**
     * Ends the active segment and begins a new one.
     *
     * @return false if the active segment had no records and was only replaced
     */
    boolean roll(long newBaseOffset, long nowMs) throws IOException {
        write();
        var next = Segment.create(home.directory().files(), home.path(), newBaseOffset, nowMs);
        boolean hadRecords = active().sizeBytes() > 0;
        if (hadRecords) {
            active().seal();
            segments = Arrays.copyOf(segments, segments.length + 1);
        } else {
            // It has no files, or empty ones that keep the log's start.
            segments = segments.clone();
        }
        segments[segments.length - 1] = next;
        tail = BatchTail.startingAt(newBaseOffset, 0);
        return hadRecords;
    }

    /** Cuts everything at and above an offset that is not below {@link #firstOffset}. Durable when it returns. */
    void truncateTo(long offset, long deleteMs) throws IOException {
        int keep = 1;
        while (keep < segments.length && segments[keep].baseOffset() <= offset) {
            keep++;
        }
        if (keep < segments.length) {
            // Newest first: a crash in between leaves a prefix, no gap.
            var above = new ArrayList<>(all().subList(keep, segments.length));
            Collections.reverse(above);
            retire(above, deleteMs);
            home.directory().disk().forceDirectory(home.path());
        }
        segments = Arrays.copyOf(segments, keep);
        active().truncateTo(offset);
        nextOffset = offset;
        restartTail();
    }

    /** Goes back to the end that was published, after a write that failed: half written, staged and rolled since, nothing stays. */
    void forgetStaged(long end, long deleteMs) throws IOException {
        staged.clear();
        active().cutBack();
        truncateTo(end, deleteMs);
    }

    /** Drops everything and goes on, empty, at an offset. Durable when it returns. */
    void restartAt(long offset, long nowMs, long deleteMs) throws IOException {
        retire(all(), deleteMs);
        segments = new Segment[] {Segment.create(home.directory().files(), home.path(), offset, nowMs)};
        // The file's name is what keeps the offset over a restart.
        active().createFiles();
        home.directory().disk().forceDirectory(home.path());
        nextOffset = offset;
        restartTail();
    }

    /** Goes on in an active segment without records, at whose base offset the log ends now. */
    void continueInEmptySegment() {
        nextOffset = active().baseOffset();
        restartTail();
    }

    /** The partition's directory has another name now; leases taken before keep reading. */
    void movedTo(Path directory) {
        for (var segment : segments) {
            segment.movedTo(directory);
        }
    }

    private void restartTail() {
        writtenEnd = nextOffset;
        tail = BatchTail.startingAt(nextOffset, active().sizeBytes());
    }

    /** How many of the oldest segments end at or below an offset; of the active one something must be there. */
    int countUpTo(long offset) {
        int count = 0;
        while (count + 1 < segments.length && segments[count + 1].baseOffset() <= offset) {
            count++;
        }
        boolean all = count + 1 == segments.length && nextOffset <= offset && active().sizeBytes() > 0;
        return all ? segments.length : count;
    }

    /** Takes the oldest segments out of the log; the caller publishes, then retires them. */
    List<Segment> removeOldest(int count) {
        var oldest = List.copyOf(all().subList(0, count));
        segments = Arrays.copyOfRange(segments, count, segments.length);
        return oldest;
    }

    /** Whether these are rolled segments of the log now, in this order without a gap. */
    boolean hasRolled(List<Segment> range) {
        int first = Collections.indexOfSubList(all(), range);
        return first >= 0 && first + range.size() < segments.length;
    }

    /** Puts one segment in the place of several; the caller publishes, then retires them. */
    void replace(List<Segment> old, Segment replacement) {
        var changed = new ArrayList<>(all());
        int first = Collections.indexOfSubList(changed, old);
        changed.subList(first, first + old.size()).clear();
        changed.add(first, replacement);
        segments = changed.toArray(Segment[]::new);
    }

    /** Renames files out of use, to be deleted at a time. */
    void retire(List<Segment> old, long deleteMs) throws IOException {
        var paths = new ArrayList<Path>();
        for (var segment : old) {
            segment.retire(paths);
        }
        home.deletes().add(home.directory(), paths, deleteMs);
    }

    int size() {
        return segments.length;
    }

    /** Lets go of all descriptors. */
    void discard() {
        for (var segment : segments) {
            segment.discard();
        }
    }
}
