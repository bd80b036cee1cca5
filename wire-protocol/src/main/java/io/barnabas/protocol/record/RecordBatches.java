package io.barnabas.protocol.record;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Consecutive batches in a buffer, from its position to its limit. Iterating throws {@link CorruptRecordsException} at
 * the first thing that is no v2 batch, with a sentence of its own for the old formats 0 and 1. A batch that the buffer
 * cuts off ends the iteration silently, as a fetch may return one: see {@link #endsWithPartialBatch}.
 */
public final class RecordBatches implements Iterable<RecordBatch> {
    /** Least length any format can state, that of format 0. */
    private static final int MIN_LENGTH = 14;

    private final ByteBuffer buffer;

    public RecordBatches(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    /** Each step returns the same object, moved to the next batch. */
    @Override
    public Iterator<RecordBatch> iterator() {
        return new BatchIterator();
    }

    /** Whether bytes are left behind the last whole batch. Walks the headers. */
    public boolean endsWithPartialBatch() {
        int end = buffer.position();
        for (var batch : this) {
            end = batch.position() + batch.sizeBytes();
        }
        return end < buffer.limit();
    }

    /**
     * Size of the batch at an absolute position, by its header; −1 if not even the length and the magic are there.
     *
     * @throws CorruptRecordsException if it cannot be a batch of format 2
     */
    public static int sizeBytesAt(ByteBuffer buffer, int position) {
        int remaining = buffer.limit() - position;
        if (remaining < RecordBatch.LOG_OVERHEAD_BYTES) {
            return -1;
        }
        int length = buffer.getInt(position + RecordBatch.LENGTH_AT);
        if (length < MIN_LENGTH) {
            throw new CorruptRecordsException(
                    "A record batch states a length of " + length + " bytes, less than the least of any format");
        }
        if (remaining <= RecordBatch.MAGIC_AT) {
            return -1;
        }
        byte magic = buffer.get(position + RecordBatch.MAGIC_AT);
        if (magic == 0 || magic == 1) {
            throw new CorruptRecordsException("Records are in the old message format " + magic
                    + "; only format 2 is supported, which Kafka 0.11 brought. Upgrade the client.");
        }
        if (magic != RecordBatch.MAGIC) {
            throw new CorruptRecordsException("A record batch has the unknown format " + magic);
        }
        if (length < RecordBatch.HEADER_SIZE_BYTES - RecordBatch.LOG_OVERHEAD_BYTES
                || length > Integer.MAX_VALUE - RecordBatch.LOG_OVERHEAD_BYTES) {
            throw new CorruptRecordsException("A record batch states an impossible length of " + length + " bytes");
        }
        return length + RecordBatch.LOG_OVERHEAD_BYTES;
    }

    private final class BatchIterator implements Iterator<RecordBatch> {
        private final RecordBatch batch = new RecordBatch();
        private int next = buffer.position();

        @Override
        public boolean hasNext() {
            int sizeBytes = sizeBytesAt(buffer, next);
            return sizeBytes >= 0 && sizeBytes <= buffer.limit() - next;
        }

        @Override
        public RecordBatch next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            batch.wrap(buffer, next);
            next += batch.sizeBytes();
            return batch;
        }
    }
}
