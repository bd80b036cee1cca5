package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.wire.Chunk;
import io.barnabas.protocol.wire.RecordBytes;
import io.barnabas.storage.producer.AbortedTransaction;
import io.barnabas.storage.segment.BatchHeaders;
import io.barnabas.storage.segment.BatchTail;
import io.barnabas.storage.segment.Segment;

/** Answers reads from a view. Stateless; any thread. */
final class LogReader {
    private LogReader() {}

    static ReadResult read(LogView view, long offset, int maxBytes, ReadIsolation isolation, boolean atLeastOneBatch)
            throws IOException {
        if (offset < view.logStartOffset() || offset > view.logEndOffset()) {
            return new ReadResult(ErrorCode.OFFSET_OUT_OF_RANGE, RecordBytes.EMPTY, null, view);
        }
        long limit = view.limit(isolation);
        if (offset >= limit) {
            return empty(view, isolation);
        }
        int index = view.segmentOf(offset);
        var first = find(view, index, offset);
        while (first == null && ++index < view.segmentCount()) {
            first = find(view, index, offset);
        }
        if (first == null) {
            return empty(view, isolation);
        }
        int end = endPosition(view, index, limit);
        int available = end - first.position();
        int sizeBytes = Math.min(maxBytes, available);
        if (sizeBytes < first.sizeBytes()) {
            if (!atLeastOneBatch || available < first.sizeBytes()) {
                return empty(view, isolation);
            }
            sizeBytes = first.sizeBytes();
        } else if (sizeBytes < available) {
            int wholeEnd = view.recentEndUpTo(index, first.position() + sizeBytes);
            if (wholeEnd > first.position()) {
                sizeBytes = wholeEnd - first.position();
            }
        }
        var segment = view.segment(index);
        var aborted = isolation == ReadIsolation.COMMITTED
                ? aborted(view, index, offset, first.position() + sizeBytes, end, limit)
                : null;
        segment.log().acquire();
        var range = new Chunk.FileRange(segment.log(), first.position(), sizeBytes);
        return new ReadResult(ErrorCode.NONE, RecordBytes.of(List.of(range)), aborted, view);
    }

    /**
     * Whether there are no records at or above an offset and below another, where a read found none: always true.
     *
     * @throws CorruptRecordsException if a damaged batch may hide some
     */
    static boolean isGap(LogView view, long from, long to) throws IOException {
        for (int i = view.segmentOf(from); i < view.segmentCount(); i++) {
            var segment = view.segment(i);
            if (segment.baseOffset() < to && segment.isCutShort(from, view.sizeBytes(i))) {
                throw new CorruptRecordsException("Bytes that are no whole batch end " + segment
                        + " and hide records at or" + " above offset " + from);
            }
        }
        return true;
    }

    private static ReadResult empty(LogView view, ReadIsolation isolation) {
        return new ReadResult(
                ErrorCode.NONE, RecordBytes.EMPTY, isolation == ReadIsolation.COMMITTED ? List.of() : null, view);
    }

    private static BatchTail.Place find(LogView view, int index, long offset) throws IOException {
        var recent = view.recent(index, offset);
        return recent != null ? recent : view.segment(index).find(offset, view.sizeBytes(index));
    }

    /** Where in a segment records at or above an offset limit begin. */
    private static int endPosition(LogView view, int index, long limit) throws IOException {
        int size = view.sizeBytes(index);
        long nextBase =
                index + 1 < view.segmentCount() ? view.segment(index + 1).baseOffset() : view.logEndOffset();
        if (limit >= nextBase) {
            return size;
        }
        var beyond = find(view, index, limit);
        return beyond == null ? size : beyond.position();
    }

    /** Aborted transactions that touch the range read; a few beyond it do no harm to a consumer. */
    private static List<AbortedTransaction> aborted(
            LogView view, int index, long fetchOffset, int endPosition, int limitPosition, long limit)
            throws IOException {
        long upperBound = limit;
        if (endPosition < limitPosition) {
            long indexed = view.segment(index).offsetIndex().offsetAtOrAfterPosition(endPosition);
            if (indexed >= 0) {
                upperBound = Math.min(limit, indexed);
            }
        }
        var found = new ArrayList<AbortedTransaction>();
        for (int i = index; i < view.segmentCount(); i++) {
            if (view.segment(i).transactionIndex().collectAborted(fetchOffset, upperBound, found)) {
                break;
            }
        }
        found.sort(Comparator.comparingLong(AbortedTransaction::firstOffset));
        return found;
    }

    /** The first record at or after the log start whose timestamp is not below the target. */
    static TimestampOffset offsetForTimestamp(LogView view, long timestampMs) throws IOException {
        for (int i = 0; i < view.segmentCount(); i++) {
            var segment = view.segment(i);
            if (segment.maxTimestamp().timestampMs() < timestampMs) {
                continue;
            }
            long from = Math.max(segment.timeIndex().floor(timestampMs).offset(), view.logStartOffset());
            var found = firstRecord(view, i, from, view.logStartOffset(), timestampMs);
            if (found != null) {
                return found;
            }
        }
        return TimestampOffset.NONE;
    }

    /** @param leastOffset records below it do not count */
    private static TimestampOffset firstRecord(
            LogView view, int index, long fromOffset, long leastOffset, long timestampMs) throws IOException {
        var segment = view.segment(index);
        int size = view.sizeBytes(index);
        if (size == 0) {
            return null;
        }
        int start = segment.offsetIndex().positionBefore(fromOffset);
        try (var headers = new BatchHeaders(segment.log(), start, size)) {
            long nextOffset = fromOffset;
            while (headers.next()) {
                nextOffset = headers.lastOffset() + 1;
                if (headers.maxTimestampMs() < timestampMs || isBelow(leastOffset, headers)) {
                    continue;
                }
                var batch = readBatch(segment, headers);
                try (var record = batch.walk()) {
                    while (record.advance()) {
                        if (record.timestamp() >= timestampMs && record.offset() >= leastOffset) {
                            return new TimestampOffset(
                                    record.timestamp(), record.offset(), batch.partitionLeaderEpoch());
                        }
                    }
                }
            }
            segment.checkEnd(headers, nextOffset);
            return null;
        }
    }

    /** A last offset below the first is damage, and tells nothing. */
    private static boolean isBelow(long offset, BatchHeaders headers) {
        return headers.lastOffset() < offset && headers.lastOffset() >= headers.baseOffset();
    }

    /** First timestamp of the batch with the first record at or after an offset; -1 if there is none. Reads one batch header. */
    static long timestampAt(LogView view, long offset) throws IOException {
        long from = Math.max(offset, view.logStartOffset());
        int index = view.segmentOf(from);
        var place = find(view, index, from);
        while (place == null && ++index < view.segmentCount()) {
            place = find(view, index, from);
        }
        if (place == null) {
            return -1;
        }
        try (var headers = new BatchHeaders(view.segment(index).log(), place.position(), place.endPosition())) {
            return headers.next() ? headers.firstTimestampMs() : -1;
        }
    }

    /** The first record that has the largest timestamp of the segments; as in Kafka it may lie below the log start. */
    static TimestampOffset offsetOfMaxTimestamp(LogView view) throws IOException {
        int index = 0;
        for (int i = 1; i < view.segmentCount(); i++) {
            if (view.segment(i).maxTimestamp().timestampMs()
                    > view.segment(index).maxTimestamp().timestampMs()) {
                index = i;
            }
        }
        var max = view.segment(index).maxTimestamp();
        if (max.timestampMs() < 0 || view.sizeBytes(index) == 0) {
            return TimestampOffset.NONE;
        }
        var found = firstRecord(view, index, max.offset(), 0, max.timestampMs());
        return found == null ? TimestampOffset.NONE : found;
    }

    private static RecordBatch readBatch(Segment segment, BatchHeaders headers) throws IOException {
        var bytes = ByteBuffer.allocate(headers.sizeBytes());
        while (bytes.hasRemaining()) {
            if (segment.log().channel().read(bytes, (long) headers.position() + bytes.position()) < 0) {
                throw new IOException("Segment file " + segment + " ends inside the batch at " + headers.position());
            }
        }
        return new RecordBatch().wrap(bytes.flip(), 0);
    }
}
