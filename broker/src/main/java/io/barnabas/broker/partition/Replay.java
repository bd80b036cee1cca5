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
    private final long startOffset;
    private final long endOffset;
    /** Whether offsets were passed over: by compaction, or past damage that hides the rest of a segment. */
    private boolean passedOver;

    private Replay(Partition partition, Executor readers, Listener listener) {
        this.partition = partition;
        this.readers = readers;
        this.listener = listener;
        this.epoch = partition.leadership().epoch();
        this.startOffset = partition.log().view().logStartOffset();
        this.endOffset = partition.log().view().logEndOffset();
    }

    /** Worker only. Replays all records the log holds now; the listener hears of nothing before this returned. */
    public static void start(Partition partition, Executor readers, Listener listener) {
        partition.worker().assertOwner();
        var replay = new Replay(partition, readers, listener);
        replay.orderRead(replay.startOffset);
    }

    /** If nobody reads, the listener hears of it like of a read that failed. */
    private void orderRead(long offset) {
        try {
            readers.execute(() -> readFrom(offset));
        } catch (RuntimeException | Error e) {
            partition.worker().execute(() -> deliver(offset, null, e));
        }
    }

    private void readFrom(long offset) {
        ByteBuffer chunk = null;
        Throwable failure = null;
        try {
            chunk = offset < endOffset ? read(offset) : null;
            if (chunk == null && passedOver) {
                partition.log().verifyGap(startOffset, endOffset);
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        ByteBuffer read = chunk;
        Throwable failed = failure;
        partition.worker().execute(() -> deliver(offset, read, failed));
    }

    /** Null if there is nothing from there on. */
    private ByteBuffer read(long offset) throws IOException {
        var result = partition.log().read(offset, CHUNK_BYTES, ReadIsolation.LOG_END, true);
        if (result.error() != ErrorCode.NONE) {
            throw new IOException("Reading from offset " + offset + " gave " + result.error());
        }
        var bytes = ByteBuffer.allocate(result.records().sizeBytes());
        result.copyTo(bytes);
        bytes.flip();
        passedOver |= !bytes.hasRemaining() || bytes.getLong(0) > offset;
        return bytes.hasRemaining() ? bytes : null;
    }

    private void deliver(long offset, ByteBuffer chunk, Throwable failure) {
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
        } catch (RuntimeException | Error e) {
            fail(e);
            return;
        }
        orderRead(next);
    }

    private void fail(Throwable cause) {
        LOG.error("Cannot replay {}", partition, cause);
        listener.failed();
    }

    /** The last batch may be cut off where the read ended: the next one begins with it. */
    private long feed(ByteBuffer chunk, long offset) {
        var batch = new RecordBatch();
        long next = offset;
        int position = 0;
        while (isWhole(chunk, position)) {
            batch.wrap(chunk, position);
            if (batch.lastOffset() >= next) {
                listener.batch(batch);
                next = batch.nextOffset();
            }
            position += batch.sizeBytes();
        }
        if (next == offset) {
            throw new CorruptRecordsException("There is no whole batch where offset " + offset + " is to be");
        }
        return next;
    }

    private static boolean isWhole(ByteBuffer chunk, int position) {
        int left = chunk.limit() - position;
        return left >= RecordBatch.HEADER_SIZE_BYTES && RecordBatch.statedSizeBytes(chunk, position) <= left;
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
