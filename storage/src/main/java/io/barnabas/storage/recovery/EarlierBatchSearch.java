package io.barnabas.storage.recovery;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;

import io.barnabas.storage.producer.EarlierBatches;
import io.barnabas.storage.segment.BatchHeaders;
import io.barnabas.storage.segment.Segment;

/**
 * Reads a log backwards from the newest producer snapshot, for the batches that producers would be remembered by and that the snapshot
 * does not have: a client that was not answered sends them again. Only headers, in steps that double, over a few MiB
 * at most, and only as long as something can be found. The thread that loads or owns the log.
 */
final class EarlierBatchSearch {
    /** More than the five requests of 1 MiB that a Java client has on their way by default. */
    private static final int WINDOW_BYTES = 8 << 20;

    /** About; five each of hundreds of producers that wrote all at once. */
    private static final int WINDOW_BATCHES = 2_000;
    /** What a step costs, however short it is. */
    private static final int LEAST_BYTES = 4_096;
    /** Two steps reach five batches of 16 KiB, the default; most are smaller. */
    private static final int FIRST_STEP_BYTES = 32 << 10;

    private final EarlierBatches batches;
    private final List<Segment> segments;
    private final long before;
    private int stepBytes = FIRST_STEP_BYTES;
    private int leftBytes = WINDOW_BYTES;
    private int leftBatches = WINDOW_BATCHES;
    /** No batch that lies before this offset is looked at; −1 as long as nobody asked. */
    private long windowStart = -1;

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
        for (int i = segments.size() - 1; i >= 0 && leftBytes > 0; i--) {
            if (concerns(segments.get(i)) && !reachesStart(segments.get(i))) {
                return;
            }
        }
    }

    private boolean concerns(Segment segment) {
        return segment.baseOffset() < before && segment.sizeBytes() > 0;
    }

    /** False if nothing before this segment need be read. */
    private boolean reachesStart(Segment segment) throws IOException {
        if (!isPromising()) {
            return false;
        }
        int end = segment.sizeBytes();
        int position = segment.offsetIndex().positionBefore(before);
        do {
            boolean last = leftBytes <= stepBytes;
            int step = Math.min(stepBytes, leftBytes);
            int start = position <= step ? 0 : segment.offsetIndex().startAtOrAfterPosition(position - step);
            read(segment, start, end);
            leftBytes -= Math.max(position - start, LEAST_BYTES);
            stepBytes = Math.min(2 * stepBytes, WINDOW_BYTES);
            if (start == 0) {
                return true;
            }
            if (last) {
                return false;
            }
            position = start;
            end = start;
        } while (isPromising());
        return false;
    }

    /** Beyond the first step, producers that have long been idle are no reason to read on. */
    private boolean isPromising() throws IOException {
        if (stepBytes > FIRST_STEP_BYTES && windowStart < 0) {
            windowStart = findWindowStart();
        }
        return leftBatches > 0 && batches.areMissingFrom(Math.max(windowStart, 0));
    }

    /** The offset, about, that lies as many bytes before as are looked through at most. */
    private long findWindowStart() throws IOException {
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

    private void read(Segment segment, int start, int end) throws IOException {
        var newestFirst = new ArrayDeque<EarlierBatches.Batch>();
        var channel = segment.log().acquire();
        try {
            var headers = new BatchHeaders(channel, start, end);
            while (headers.next() && headers.lastOffset() < before) {
                leftBatches--;
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
