package io.barnabas.storage.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.file.LeasedFile;

/**
 * Walks the batch headers of a segment file by positional reads, skipping the records, and holds a lease of the file meanwhile. For one
 * thread; does not check CRCs.
 * Batch header layout: offset 0 int64 base offset, 8 int32 length, 12 int32 leader epoch, 16 int8 magic, 21 int16
 * attributes (bit 3: the largest timestamp is the time of the append, of all records; bit 5: a control batch), 23 int32
 * last offset delta, 27 int64 first timestamp, 35 int64 largest timestamp, 43 int64 producer id, 51 int16 producer epoch,
 * 53 int32 first sequence number.
 */
public final class BatchHeaders implements AutoCloseable {
    private static final int LOG_OVERHEAD_BYTES = 12;
    private static final int HEADER_SIZE_BYTES = 61;
    private static final int BLOCK_BYTES = 4096;
    private static final int APPEND_TIME = 1 << 3;
    private static final int CONTROL = 1 << 5;

    private final LeasedFile file;
    private final FileChannel channel;
    private final int limit;
    private final ByteBuffer block;
    private int blockPosition;
    private int nextPosition;
    private int position;
    private int at;

    /**
     * @param position start of a batch
     * @param limit end of the last whole batch that may be seen
     */
    public BatchHeaders(LeasedFile file, int position, int limit) throws IOException {
        this(file, position, limit, BLOCK_BYTES);
    }

    /**
     * @param position start of a batch
     * @param limit end of the last whole batch that may be seen
     * @param readBytes what is read at once: much where many small batches follow each other
     */
    public BatchHeaders(LeasedFile file, int position, int limit, int readBytes) throws IOException {
        this.file = file;
        this.nextPosition = position;
        this.limit = limit;
        this.block = ByteBuffer.allocate(readBytes).limit(0);
        this.channel = file.acquire();
    }

    /** Gives the lease back. */
    @Override
    public void close() {
        file.release();
    }

    /** Goes to the next batch; false at the limit or where what follows is no whole batch. */
    public boolean next() throws IOException {
        if (limit - nextPosition < HEADER_SIZE_BYTES) {
            return false;
        }
        position = nextPosition;
        at = position - blockPosition;
        if (at < 0 || at + HEADER_SIZE_BYTES > block.limit()) {
            load();
            at = 0;
        }
        int sizeBytes = sizeBytes();
        if (sizeBytes < HEADER_SIZE_BYTES || sizeBytes > limit - position) {
            return false;
        }
        nextPosition = position + sizeBytes;
        return true;
    }

    /** After {@link #next} was false: whether bytes are left before the limit. */
    boolean isCutShort() {
        return nextPosition < limit;
    }

    /** After {@link #next} was false: whether what follows states to be smaller than any batch is. */
    boolean isNoBatch() throws IOException {
        if (limit - nextPosition < LOG_OVERHEAD_BYTES) {
            return false;
        }
        position = nextPosition;
        at = 0;
        load();
        return sizeBytes() < HEADER_SIZE_BYTES;
    }

    private void load() throws IOException {
        block.clear().limit(Math.min(block.capacity(), limit - position));
        blockPosition = position;
        while (block.hasRemaining()) {
            if (channel.read(block, (long) position + block.position()) < 0) {
                throw new IOException("Segment file ends at " + (position + block.position()) + ", expected " + limit);
            }
        }
    }

    /** Position of the current batch. */
    public int position() {
        return position;
    }

    public int endPosition() {
        return nextPosition;
    }

    public long baseOffset() {
        return block.getLong(at);
    }

    public int sizeBytes() {
        return LOG_OVERHEAD_BYTES + block.getInt(at + 8);
    }

    public int leaderEpoch() {
        return block.getInt(at + 12);
    }

    public long lastOffset() {
        return baseOffset() + block.getInt(at + 23);
    }

    /** When the batch's first record was written. */
    public long firstTimestampMs() {
        return (block.getShort(at + 21) & APPEND_TIME) != 0 ? maxTimestampMs() : block.getLong(at + 27);
    }

    public long maxTimestampMs() {
        return block.getLong(at + 35);
    }

    /** −1 if it is of no idempotent producer. */
    public long producerId() {
        return block.getLong(at + 43);
    }

    public short producerEpoch() {
        return block.getShort(at + 51);
    }

    /** −1 if it has no sequence numbers. */
    public int lastSequence() {
        int first = block.getInt(at + 53);
        return first == RecordBatch.NO_SEQUENCE
                ? RecordBatch.NO_SEQUENCE
                : RecordBatch.sequenceAfter(first, block.getInt(at + 23));
    }

    public boolean isControl() {
        return (block.getShort(at + 21) & CONTROL) != 0;
    }
}
