package io.barnabas.broker.partition;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.log.ReadIsolation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds what a partition's log holds to a listener on the partition's worker, so that a coordinator rebuilds its shard. The disk
 * is read on {@code readers}, one chunk at a time: the next is read once the worker is done with the last.
 */
public final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final int CHUNK_BYTES = 1 << 20;

    private final Partition partition;
    private final Executor readers;
    private final Listener listener;
    private final int epoch;
    private final long endOffset;

    private Replay(Partition partition, Executor readers, Listener listener) {
        this.partition = partition;
        this.readers = readers;
        this.listener = listener;
        this.epoch = partition.leadership().epoch();
        this.endOffset = partition.log().view().logEndOffset();
    }

    /** Worker only. Replays all records the log holds now; the listener hears of nothing before this returned. */
    public static void start(Partition partition, Executor readers, Listener listener) {
        partition.worker().assertOwner();
        var replay = new Replay(partition, readers, listener);
        long from = partition.log().view().logStartOffset();
        readers.execute(() -> replay.readFrom(from));
    }

    private void readFrom(long offset) {
        ByteBuffer chunk = null;
        Exception failure = null;
        if (offset < endOffset) {
            try {
                chunk = read(offset);
            } catch (IOException | CorruptRecordsException e) {
                failure = e;
            }
        }
        ByteBuffer read = chunk;
        Exception failed = failure;
        partition.worker().execute(() -> deliver(offset, read, failed));
    }

    private ByteBuffer read(long offset) throws IOException {
        var result = partition.log().read(offset, CHUNK_BYTES, ReadIsolation.LOG_END, true);
        if (result.error() != ErrorCode.NONE) {
            throw new IOException("Reading from offset " + offset + " gave " + result.error());
        }
        var bytes = ByteBuffer.allocate(result.records().sizeBytes());
        result.copyTo(bytes);
        return bytes.flip();
    }

    private void deliver(long offset, ByteBuffer chunk, Exception failure) {
        if (partition.leadership().epoch() != epoch || !partition.leadership().local()) {
            return;
        }
        if (failure != null) {
            fail(failure);
            return;
        }
        if (chunk == null) {
            listener.finished();
            return;
        }
        long next;
        try {
            next = feed(chunk, offset);
        } catch (CorruptRecordsException e) {
            fail(e);
            return;
        }
        if (next == offset) {
            // Nothing whole was left to read: the log ends here.
            listener.finished();
        } else {
            readers.execute(() -> readFrom(next));
        }
    }

    private void fail(Exception cause) {
        LOG.error("Cannot replay {}", partition, cause);
        listener.failed();
    }

    private long feed(ByteBuffer chunk, long offset) {
        var batch = new RecordBatch();
        long next = offset;
        int position = 0;
        while (chunk.limit() - position >= RecordBatch.HEADER_SIZE_BYTES) {
            batch.wrap(chunk, position);
            if (batch.sizeBytes() > chunk.limit() - position) {
                break;
            }
            if (batch.lastOffset() >= next) {
                listener.batch(batch);
                next = batch.nextOffset();
            }
            position += batch.sizeBytes();
        }
        return next;
    }

    /** Called on the partition's worker; not called again once this broker does not lead in that epoch any more. */
    public interface Listener {
        /** One batch, in offset order; valid during the call only. */
        void batch(RecordBatch batch);

        /** Everything was delivered. */
        void finished();

        /** The log cannot be read: its directory is offline, or it is damaged. */
        void failed();
    }
}
