package io.barnabas.storage.recovery;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;

import io.barnabas.storage.producer.EarlierBatches;
import io.barnabas.storage.segment.BatchHeaders;
import io.barnabas.storage.segment.Segment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a log backwards from the newest producer snapshot, for the batches that producers would be remembered by and that the snapshot
 * does not have: a client that was not answered sends them again. Best effort: only headers, in steps that double, over the
 * last batches, and only as long as something can be found. The thread that loads or owns the log.
 */
final class EarlierBatchSearch {
    private static final Logger LOG = LoggerFactory.getLogger(EarlierBatchSearch.class);

    /** As many batches as 25 producers have on their way, of the average size of those seen, within the bytes below. */
    private static final int WINDOW_BATCHES = 128;
    /** A smaller batch costs no less than this, which is read at once. */
    private static final int WINDOW_LEAST_BYTES = WINDOW_BATCHES * 4_096;
    /** More than the five requests of 1 MiB that a Java client has on their way by default. */
    private static final int WINDOW_MOST_BYTES = 8 << 20;
    /** About what the smallest batches fill the smallest window with; of more, the sizes are not as the index let expect. */
    private static final int STEP_BATCHES = 8_192;
    /** What a step costs, however short it is: files are opened. */
    private static final int STEP_LEAST_BYTES = 4_096;
    /** Two steps reach five batches of 16 KiB, the default; most are smaller. */
    private static final int FIRST_STEP_BYTES = 32 << 10;
    /** Batches below this are read whole and many at once. */
    private static final int SMALL_BATCH_BYTES = 8 << 10;

    private static final int MANY_HEADERS_BYTES = 64 << 10;
    private static final int ONE_HEADER_BYTES = 4_096;

    private final EarlierBatches batches;
    private final List<Segment> segments;
    private final long before;
    private int stepBytes = FIRST_STEP_BYTES;
    private int seenBytes;
    private int seenBatches;
    /** No batch that lies before this offset is looked at, if the window stays about as large as it was for this. */
    private long windowStart;

    private int windowBytesOfStart;

    /**
     * @param segments oldest first
     * @param before offset from which on the log was read already
     */
    EarlierBatchSearch(EarlierBatches batches, List<Segment> segments, long before) {
        this.batches = batches;
        this.segments = segments;
        this.before = before;
    }

    /** What cannot be read is left out: the log is whole without. */
    void run() {
        for (int i = segments.size() - 1; i >= 0; i--) {
            var segment = segments.get(i);
            try {
                if (concerns(segment) && !reachesStart(segment)) {
                    return;
                }
            } catch (IOException e) {
                LOG.warn(
                        "Cannot read {} below offset {} for the last batches of its producers; goes on without: what a "
                                + "producer sends again that was not answered before may be refused as out of order, "
                                + "and records that were not yet consumed may be unreadable as well",
                        segment.log().path(),
                        before,
                        e);
                return;
            }
        }
    }

    private boolean concerns(Segment segment) {
        return segment.baseOffset() < before && segment.sizeBytes() > 0;
    }

    /** False if nothing before this segment need be read, or may be. */
    private boolean reachesStart(Segment segment) throws IOException {
        var index = segment.offsetIndex();
        int nearest = index.positionBefore(before - 1);
        int next = index.startAtOrAfterPosition(nearest + 1);
        int end = next < 0 ? segment.sizeBytes() : next;
        while (isPromising()) {
            int left = windowBytes() - seenBytes;
            int step = Math.min(stepBytes, left);
            int start = end <= step ? 0 : index.startAtOrAfterPosition(end - step);
            if (start < 0 || start > nearest) {
                start = nearest;
            }
            if (end - start > left) {
                return false;
            }
            long offset = read(segment, start, end);
            seenBytes += Math.max(end - start, STEP_LEAST_BYTES);
            stepBytes = Math.min(2 * stepBytes, WINDOW_MOST_BYTES);
            if (start == 0) {
                return true;
            }
            if (offset < 0) {
                return false;
            }
            end = start;
            nearest = index.positionBefore(offset - 1);
        }
        return false;
    }

    /** Beyond the first step, producers that have long been idle are no reason to read on. */
    private boolean isPromising() throws IOException {
        int windowBytes = windowBytes();
        if (seenBytes > 0 && windowBytes >= 2 * windowBytesOfStart) {
            windowStart = findWindowStart(windowBytes);
            windowBytesOfStart = windowBytes;
        }
        return seenBytes < windowBytes && batches.areMissingFrom(windowStart);
    }

    private int windowBytes() {
        if (seenBatches == 0) {
            return WINDOW_MOST_BYTES;
        }
        long bytes = (long) seenBytes * WINDOW_BATCHES / seenBatches;
        return (int) Math.min(Math.max(bytes, WINDOW_LEAST_BYTES), WINDOW_MOST_BYTES);
    }

    /** The offset, about, that lies as many bytes before. */
    private long findWindowStart(int windowBytes) throws IOException {
        int left = windowBytes;
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

    /** The offset of the first batch; −1 if there is none, or are so many that the search ends. */
    private long read(Segment segment, int start, int end) throws IOException {
        var latest = new HashMap<Long, ArrayDeque<EarlierBatches.Batch>>();
        long offset = -1;
        int count = 0;
        try (var headers = new BatchHeaders(segment.log(), start, end, readBytes())) {
            while (headers.next() && headers.lastOffset() < before) {
                if (++count > STEP_BATCHES) {
                    seenBytes = WINDOW_MOST_BYTES;
                    return -1;
                }
                if (offset < 0) {
                    offset = headers.baseOffset();
                }
                if (batches.areMissingOf(headers.producerId()) && !headers.isControl()) {
                    var ofProducer = latest.computeIfAbsent(headers.producerId(), id -> new ArrayDeque<>());
                    if (ofProducer.size() == EarlierBatches.MOST) {
                        ofProducer.removeLast();
                    }
                    ofProducer.push(batch(headers));
                }
            }
        }
        seenBatches += count;
        latest.values().forEach(newestFirst -> newestFirst.forEach(batches::add));
        return offset;
    }

    private int readBytes() {
        if (seenBatches == 0) {
            return FIRST_STEP_BYTES;
        }
        return seenBytes / seenBatches < SMALL_BATCH_BYTES ? MANY_HEADERS_BYTES : ONE_HEADER_BYTES;
    }

    private static EarlierBatches.Batch batch(BatchHeaders headers) {
        return new EarlierBatches.Batch(
                headers.producerId(),
                headers.producerEpoch(),
                headers.lastSequence(),
                headers.lastOffset(),
                (int) (headers.lastOffset() - headers.baseOffset()),
                headers.maxTimestampMs());
    }
}
