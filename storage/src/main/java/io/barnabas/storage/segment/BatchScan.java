package io.barnabas.storage.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

import io.barnabas.protocol.record.RecordBatch;

/**
 * Reads a segment file from a position on, batch by batch, with all their bytes. Stops at the end or at the first bytes
 * that are no whole batch. One thread.
 */
public final class BatchScan {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int LENGTH_AT = 8;
    private static final int MAGIC_AT = 16;

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
        this.buffer = ByteBuffer.allocate(Math.max(bufferBytes, RecordBatch.HEADER_SIZE_BYTES))
                .limit(0);
        this.channel = channel;
        this.nextPosition = position;
        this.bufferPosition = position;
        this.fileSize = fileSize;
    }

    /** Goes to the next batch; false if there is none. Only its frame is checked, not its content. */
    public boolean next() throws IOException {
        position = nextPosition;
        if (fileSize - position < RecordBatch.HEADER_SIZE_BYTES) {
            return false;
        }
        ensure(RecordBatch.HEADER_SIZE_BYTES);
        int at = (int) (position - bufferPosition);
        long sizeBytes = (long) RecordBatch.LOG_OVERHEAD_BYTES + buffer.getInt(at + LENGTH_AT);
        if (sizeBytes < RecordBatch.HEADER_SIZE_BYTES
                || sizeBytes > fileSize - position
                || buffer.get(at + MAGIC_AT) != 2) {
            return false;
        }
        ensure((int) sizeBytes);
        batch.wrap(buffer, (int) (position - bufferPosition));
        nextPosition = position + (int) sizeBytes;
        return true;
    }

    private void ensure(int bytes) throws IOException {
        int at = (int) (position - bufferPosition);
        if (at >= 0 && at + bytes <= buffer.limit()) {
            return;
        }
        if (bytes > buffer.capacity()) {
            buffer = ByteBuffer.allocate(bytes);
        }
        buffer.clear().limit((int) Math.min(buffer.capacity(), fileSize - position));
        bufferPosition = position;
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, bufferPosition + buffer.position()) < 0) {
                throw new IOException(
                        "File ends at " + (bufferPosition + buffer.position()) + ", expected " + fileSize);
            }
        }
        buffer.flip();
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
