package io.barnabas.storage.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

import io.barnabas.protocol.record.RecordBatch;

/**
 * Reads a segment file from a position on, batch by batch, with all their bytes, or with those of batches that are asked for. Stops at
 * the end or at the first bytes that are no whole batch. One thread.
 */
public final class BatchScan {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int LENGTH_AT = 8;
    private static final int MAGIC_AT = 16;
    private static final int ATTRIBUTES_AT = 21;
    private static final int PRODUCER_ID_AT = 43;
    private static final int CONTROL = 1 << 5;

    private final FileChannel channel;
    private final long fileSize;
    private final RecordBatch batch = new RecordBatch();
    private ByteBuffer buffer;
    private long bufferPosition;
    private int position;
    private int nextPosition;

    /** @param position start of a batch */
    public BatchScan(FileChannel channel, int position, long fileSize) {
        this(channel, position, fileSize, BUFFER_BYTES);
    }

    /** @param bufferBytes read at once; a larger batch gets a buffer of its own size */
    public BatchScan(FileChannel channel, int position, long fileSize, int bufferBytes) {
        this(channel, position, fileSize, ByteBuffer.allocate(Math.max(bufferBytes, RecordBatch.HEADER_SIZE_BYTES)));
    }

    /** @param buffer of at least a header's size, not used by anyone else meanwhile */
    public BatchScan(FileChannel channel, int position, long fileSize, ByteBuffer buffer) {
        this.buffer = buffer.clear().limit(0);
        this.channel = channel;
        this.nextPosition = position;
        this.bufferPosition = position;
        this.fileSize = fileSize;
    }

    /** Goes to the next batch; false if there is none. Only its frame is checked, not its content. */
    public boolean next() throws IOException {
        if (!nextHeader()) {
            return false;
        }
        load();
        return true;
    }

    /** As {@link #next}, but {@link #batch} is there after {@link #load} only. */
    public boolean nextHeader() throws IOException {
        position = nextPosition;
        if (fileSize - position < RecordBatch.HEADER_SIZE_BYTES) {
            return false;
        }
        ensure(RecordBatch.HEADER_SIZE_BYTES);
        int at = at();
        long sizeBytes = (long) RecordBatch.LOG_OVERHEAD_BYTES + buffer.getInt(at + LENGTH_AT);
        if (sizeBytes < RecordBatch.HEADER_SIZE_BYTES
                || sizeBytes > fileSize - position
                || buffer.get(at + MAGIC_AT) != 2) {
            return false;
        }
        nextPosition = position + (int) sizeBytes;
        return true;
    }

    /** Whether the current batch is one that producers are remembered by. */
    public boolean concernsProducers() {
        return buffer.getLong(at() + PRODUCER_ID_AT) != RecordBatch.NO_PRODUCER_ID
                || (buffer.getShort(at() + ATTRIBUTES_AT) & CONTROL) != 0;
    }

    public long baseOffset() {
        return buffer.getLong(at());
    }

    /** Reads the current batch. */
    public void load() throws IOException {
        ensure(nextPosition - position);
        batch.wrap(buffer, at());
    }

    private int at() {
        return (int) (position - bufferPosition);
    }

    private void ensure(int bytes) throws IOException {
        long at = position - bufferPosition;
        if (at >= 0 && at + bytes <= buffer.limit()) {
            return;
        }
        keepFrom(at);
        if (bytes > buffer.capacity()) {
            buffer = ByteBuffer.allocate(bytes).put(buffer.flip());
        }
        bufferPosition = position;
        buffer.limit((int) Math.min(buffer.capacity(), fileSize - position));
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, bufferPosition + buffer.position()) < 0) {
                throw new IOException(
                        "File ends at " + (bufferPosition + buffer.position()) + ", expected " + fileSize);
            }
        }
        buffer.flip();
    }

    /** What was read of the batch already need not be read again. */
    private void keepFrom(long at) {
        if (at >= 0 && at < buffer.limit()) {
            buffer.position((int) at).compact();
        } else {
            buffer.clear();
        }
    }

    /** The current batch: a flyweight, valid until the next step. */
    public RecordBatch batch() {
        return batch;
    }

    /** Where the current batch begins; after the end, where the next one would. */
    public int position() {
        return position;
    }
}
