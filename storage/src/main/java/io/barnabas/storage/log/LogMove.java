package io.barnabas.storage.log;

import java.io.IOException;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The move of a log to another log directory. A copy follows the log in a directory named {@code …-future}; once it is level, the log's
 * owner puts it in the log's place.
 *
 * <p>Threads: one thread copies ({@link #copy}, {@link #prepare}); the log's owner swaps and cancels, for which it waits for the chunk at
 * hand at most. The log itself is only read. See decisions/0008.
 */
public final class LogMove {
    private static final Logger LOG = LoggerFactory.getLogger(LogMove.class);
    /** What the owner copies itself at most before it swaps: above that, the swap is put off. */
    private static final int SWAP_BYTES = 1 << 20;
    /** Written and not forced at most, so that no force takes long. */
    private static final long UNFORCED_BYTES = 32 << 20;

    private final LogStore store;
    private final PartitionLog source;
    private final PartitionLog copy;
    private final CopyFeed feed;
    private volatile boolean over;
    private long unforcedBytes;
    private int swapBytes;
    /** The log start that the checkpoint beside the copy has at least. */
    private long checkpointedStart = -1;

    LogMove(LogStore store, PartitionLog source, PartitionLog copy, boolean fresh) {
        this.store = store;
        this.source = source;
        this.copy = copy;
        this.feed = new CopyFeed(source, copy, fresh);
        copy.state().cleanedOffset = fresh ? source.cleanedOffset() : copy.state().foundCleanedOffset;
        source.state().follower = this;
    }

    public TopicPartition partition() {
        return source.partition();
    }

    /** The log that moves. */
    public PartitionLog source() {
        return source;
    }

    /** As far as it is: for reading. */
    public PartitionLog copy() {
        return copy;
    }

    public LogDirectory target() {
        return copy.directory();
    }

    /** Done, given up, or failed. Any thread. */
    public boolean isOver() {
        return over;
    }

    /** How many records the copy is behind. Any thread. */
    public long lag() {
        return feed.lag();
    }

    /** Whether all that is to be copied lies in the segment the log is written to. Any thread. */
    public boolean isNearEnd() {
        return copy.view().logEndOffset() >= source.view().active().baseOffset();
    }

    /** Bytes that the log's owner copied in its attempts to swap, since the last call. */
    public synchronized int takeSwapBytes() {
        int taken = swapBytes;
        swapBytes = 0;
        return taken;
    }

    void sourceIsCut(long offset) {
        feed.sourceIsCut(offset);
    }

    /**
     * Copies what comes next.
     *
     * @return bytes copied; 0 if there is nothing more now, or the move is over
     * @throws StorageException if a directory failed; or there is no space in the target, which then is online
     */
    public int copy(int maxBytes, long nowMs) throws StorageException, DamagedSourceException {
        if (checkpointedStart < 0) {
            forceExistence();
            // What the checkpoints say of an earlier log of the partition here must not vouch for this one.
            checkpoint();
        }
        int copied;
        synchronized (this) {
            if (over) {
                return 0;
            }
            copied = feed.step(maxBytes, nowMs);
        }
        unforcedBytes += copied;
        if (unforcedBytes >= UNFORCED_BYTES) {
            flushCopy(nowMs);
        }
        return copied;
    }

    /** A power loss may leave little of a log that is copied, but not only its copy: that may have what the log was cut of. */
    private void forceExistence() throws StorageException {
        var directory = source.directory();
        try {
            directory.disk().forceDirectory(directory.path());
        } catch (IOException e) {
            throw directory.fail("Cannot force the directory of " + partition(), e);
        }
    }

    private void flushCopy(long nowMs) throws StorageException {
        copy.flushUnlessFull(nowMs);
        unforcedBytes = 0;
        expireProducers(nowMs);
    }

    /** Makes all durable that was copied, so that the swap has little to wait for. The thread that copies. */
    public void prepare(long nowMs) throws StorageException {
        if (over) {
            return;
        }
        if (store.journal(source.directory()).isInUse()) {
            source.flush(nowMs);
        }
        flushCopy(nowMs);
        if (copy.view().logStartOffset() != checkpointedStart) {
            checkpoint();
        }
    }

    /** What maintenance does for logs: else the copy of an old log remembers every producer it ever had. */
    private synchronized void expireProducers(long nowMs) {
        if (!over) {
            copy.expireProducers(nowMs);
        }
    }

    private void checkpoint() throws StorageException {
        long start = copy.view().logStartOffset();
        store.checkpointUnlessFull(target());
        checkpointedStart = start;
    }

    /**
     * Puts the copy in the log's place, if it is level or almost. The log's owner, with nothing staged and nothing awaiting a commit;
     * it waits for the disk a few times.
     *
     * @return the log to go on with; null if the log stays as it is
     * @throws StorageException if a directory failed before the log was replaced: it stays as it is; or there was no space in the target,
     *     which then is online: it may be tried again
     */
    public synchronized PartitionLog swap(long nowMs) throws StorageException {
        source.directory().ensureOnline();
        if (source.state().appender.hasUnwritten()) {
            // A write failed: what the log knows of its producers is more than its records.
            return null;
        }
        if (over || !copyRest(nowMs) || !feed.isLevel()) {
            return null;
        }
        if (copy.view().logStartOffset() != checkpointedStart) {
            return null;
        }
        var promoted = new LogSwap(source, copy, store.journal(source.directory()), store.journal(target())).run(nowMs);
        over = true;
        store.moved(this, promoted);
        LOG.info(
                "{} was moved from {} to {}: {} bytes, up to offset {}",
                partition(),
                source.directory(),
                target(),
                promoted.sizeBytes(),
                promoted.view().logEndOffset());
        return promoted;
    }

    private boolean copyRest(long nowMs) throws StorageException {
        try {
            int left = SWAP_BYTES;
            while (!feed.isLevel() && left > 0) {
                int copied = feed.step(left, nowMs);
                if (copied == 0) {
                    break;
                }
                left -= copied;
                swapBytes += copied;
            }
            return true;
        } catch (DamagedSourceException e) {
            // The thread that copies finds it too.
            return false;
        }
    }

    /** Gives the move up and deletes the copy; the log stays where it is. The log's owner; no-op if the move is over. */
    public synchronized void cancel() throws StorageException {
        if (end()) {
            LOG.info(
                    "The move of {} to {} is given up at offset {}",
                    partition(),
                    target(),
                    copy.view().logEndOffset());
            store.futures().drop(copy);
        }
    }

    /** Ends the move, leaving the copy to the next start: a directory has failed, or the broker stops. Any thread. */
    public synchronized void abandon() {
        if (end() && !target().isOnline()) {
            store.futures().forget(copy);
        }
    }

    private boolean end() {
        if (over) {
            return false;
        }
        over = true;
        source.state().follower = null;
        store.futures().ended(this);
        return true;
    }

    @Override
    public String toString() {
        return "the move of " + partition() + " from " + source.directory() + " to " + target();
    }
}
