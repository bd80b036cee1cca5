package io.barnabas.storage.recovery;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;

import io.barnabas.storage.producer.EarlierBatches;
import io.barnabas.storage.segment.BatchHeaders;
import io.barnabas.storage.segment.Segment;

/**
 * Reads a log backwards from the newest producer snapshot, for the batches that producers would be remembered by and that the snapshot
 * does not have: a client that was not answered sends them again. Only headers, in steps that double, at most
 * {@link #WINDOW_BYTES} of the log, and only as long as something can be found. The thread that loads or owns the log.
 */
final class EarlierBatchSearch {
    /** More than the five requests of 1 MiB that a Java client has on their way by default. */
    static final int WINDOW_BYTES = 8 << 20;

    private static final int FIRST_STEP_BYTES = 64 << 10;

    private final EarlierBatches batches;
    private final List<Segment> segments;
    private final long before;
    private int stepBytes = FIRST_STEP_BYTES;
    private int leftBytes = WINDOW_BYTES;

    /**
     * @param segments oldest first
     * @param before offset from which on the log was read already
     */
    EarlierBatchSearch(EarlierBatches batches, List<Segment> segments, long before) {
        this.batches = batches;
        this.segments = segments;
        this.before = before;
    }

    void run() throws IOException {
        if (!batches.areMissingFrom(0)) {
            return;
        }
        // Producers that have long been idle are no reason to read anything.
        long windowStart = windowStart();
        for (int i = segments.size() - 1; i >= 0 && leftBytes > 0; i--) {
            if (concerns(segments.get(i)) && !reachesStart(segments.get(i), windowStart)) {
                return;
            }
        }
    }

    private boolean concerns(Segment segment) {
        return segment.baseOffset() < before && segment.sizeBytes() > 0;
    }

    /** The offset, about, that lies so many bytes before. */
    private long windowStart() throws IOException {
        int left = WINDOW_BYTES;
        long start = before;
        for (int i = segments.size() - 1; i >= 0; i--) {
            var segment = segments.get(i);
            if (concerns(segment)) {
                int position = segment.offsetIndex().positionBefore(before);
                if (position > left) {
                    return segment.offsetIndex().offsetAtOrAfterPosition(position - left);
                }
                left -= position;
                start = segment.baseOffset();
            }
        }
        return start;
    }

    /** False if nothing before this segment need be read. */
    private boolean reachesStart(Segment segment, long windowStart) throws IOException {
        int end = segment.sizeBytes();
        int position = segment.offsetIndex().positionBefore(before);
        while (batches.areMissingFrom(windowStart)) {
            int step = Math.min(stepBytes, leftBytes);
            int start = position <= step ? 0 : firstIndexed(segment, position - step);
            read(segment, start, end);
            leftBytes -= position - start;
            if (start == 0) {
                return true;
            }
            if (step < stepBytes || leftBytes == 0) {
                return false;
            }
            stepBytes *= 2;
            position = start;
            end = start;
        }
        return false;
    }

    /** Where the first indexed batch at or after a position begins, which is not above the last of them. */
    private static int firstIndexed(Segment segment, int position) throws IOException {
        var index = segment.offsetIndex();
        return index.positionBefore(index.offsetAtOrAfterPosition(position));
    }

    private void read(Segment segment, int start, int end) throws IOException {
        var newestFirst = new ArrayDeque<EarlierBatches.Batch>();
        var channel = segment.log().acquire();
        try {
            var headers = new BatchHeaders(channel, start, end);
            while (headers.next() && headers.lastOffset() < before) {
                if (batches.areMissingOf(headers.producerId()) && !headers.isControl()) {
                    newestFirst.push(new EarlierBatches.Batch(
                            headers.producerId(),
                            headers.producerEpoch(),
                            headers.lastSequence(),
                            headers.lastOffset(),
                            (int) (headers.lastOffset() - headers.baseOffset()),
                            headers.maxTimestampMs()));
                }
            }
        } finally {
            segment.log().release();
        }
        newestFirst.forEach(batches::add);
    }
}
