package io.barnabas.storage.log;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.wire.Chunk;
import io.barnabas.protocol.wire.RecordBytes;
import io.barnabas.storage.producer.AbortedTransaction;

/**
 * Outcome of a read. Whoever gets it owns the leases of its file ranges: each is released once, after it was sent or
 * dropped.
 *
 * @param error NONE or OFFSET_OUT_OF_RANGE
 * @param records batches; the first may begin below the offset asked for, the last may be cut off where the limit falls
 * @param abortedTransactions ordered by first offset; null unless the read was {@link ReadIsolation#COMMITTED}
 * @param view the log as the read saw it: its offsets belong into the answer
 */
public record ReadResult(
        ErrorCode error, RecordBytes records, List<AbortedTransaction> abortedTransactions, LogView view) {

    /** Reads the records into memory and gives the leases back. The buffer has room for them. */
    public void copyTo(ByteBuffer buffer) throws IOException {
        IOException failure = null;
        for (var chunk : records.chunks()) {
            if (chunk instanceof Chunk.Bytes part) {
                buffer.put(part.buffer().duplicate());
            } else if (chunk instanceof Chunk.FileRange range) {
                try {
                    if (failure == null) {
                        read(range, buffer);
                    }
                } catch (IOException e) {
                    failure = e;
                } finally {
                    range.source().release();
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static void read(Chunk.FileRange range, ByteBuffer into) throws IOException {
        long position = range.position();
        long end = position + range.sizeBytes();
        while (position < end) {
            int read = range.source().channel().read(into.slice(into.position(), (int) (end - position)), position);
            if (read < 0) {
                throw new EOFException("The file ends at " + position + ", before " + end);
            }
            into.position(into.position() + read);
            position += read;
        }
    }
}
