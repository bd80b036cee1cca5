package io.barnabas.storage.dir;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.barnabas.storage.file.ForceFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The space of a log directory that clients may not fill, so that the broker can go on with what frees some, and with its own
 * records: below the reserve clients' records are refused, below half of it those of the broker's own topics too; both a thirty-second
 * of it earlier, for what is under way. Both end when there is a quarter more. What is staged counts against what the file system told
 * last, and it is asked again when that comes to the limit. Any thread.
 */
public final class Reserve {
    /** As {@code log.dir.min.free.bytes}: a hundredth of the file system, at least 16 MiB or a tenth of it, at most 64 MiB. */
    public static final long AUTOMATIC = -1;

    private static final long MOST_BY_DEFAULT_BYTES = 64L << 20;
    private static final long LEAST_BY_DEFAULT_BYTES = 16L << 20;
    private static final long LARGEST_BYTES = Long.MAX_VALUE / 2;
    private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);
    /** A file system that is full to the last block still tells of some. */
    private static final long NOTHING_BYTES = 64 << 10;

    private static final long REPEAT_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** How far the free space has fallen. */
    private enum Room {
        ENOUGH,
        LOW,
        NONE
    }

    private final LogDirectory directory;
    private volatile Room room = Room.ENOUGH;
    /** A write found no space, and there is none yet. */
    private volatile boolean exhausted;

    private volatile long saidNanos;
    private volatile long wantedBytes;
    /** What may still be staged before the file system must be asked. */
    private final AtomicLong leftBytes = new AtomicLong(Long.MAX_VALUE);
    /** What is staged and not written: the file system does not know of it. */
    private final AtomicLong unwrittenBytes = new AtomicLong();

    Reserve(LogDirectory directory) {
        this.directory = directory;
    }

    /** Whether records that clients send are refused. */
    public boolean refusesClients() {
        return room != Room.ENOUGH;
    }

    /**
     * Counts what a log is about to write, with the files and indexes that come with it; {@link #written} must follow. One addition or
     * two, and a system call only where the limit is near.
     */
    public void staged(long bytes) {
        unwrittenBytes.addAndGet(bytes);
        if (leftBytes.addAndGet(-bytes) < 0) {
            checkAgain();
        }
    }

    /** What was staged is written, or given up. */
    public void written(long bytes) {
        unwrittenBytes.addAndGet(-bytes);
    }

    /** Whether so much may be written by the broker itself: half of what is kept stays free. Asks the file system. */
    public boolean hasRoomFor(long bytes) {
        try {
            return directory.disk().usableBytes(directory.path()) - unwrittenBytes.get() - bytes >= keptBytes() / 2;
        } catch (IOException e) {
            LOG.debug("Cannot tell how much space there is in {}", directory, e);
            return true;
        }
    }

    /** Whether the broker's own records, such as offset commits, are refused too. */
    public boolean refusesAll() {
        return room == Room.NONE;
    }

    /**
     * Whether an operation failed because there is no space. The system's words depend on its language. Never of a force: what a file
     * system finds no space for then was said to be written before.
     */
    public boolean isWhy(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ForceFailedException) {
                return false;
            }
            var words = String.valueOf(cause.getMessage());
            if (words.contains("No space left on device") || words.contains("Disk quota exceeded")) {
                return true;
            }
        }
        try {
            return directory.disk().usableBytes(directory.path()) < NOTHING_BYTES;
        } catch (IOException e) {
            return false;
        }
    }

    /** An append found no space: no records are taken until a {@link #check} finds some. */
    public void exhausted() {
        exhausted = true;
        if (room != Room.NONE) {
            room = Room.NONE;
            saidNanos = System.nanoTime();
            LOG.warn(
                    "The disk of log directory {} is full: a write found no space. Records are refused with KAFKA_STORAGE_ERROR,"
                            + " which producers retry, and groups can neither be joined nor commit offsets, until there is"
                            + " some: free some space or shorten retention",
                    directory);
        }
    }

    /**
     * Asks the file system, and says what changed; while records are refused, once a minute.
     *
     * @param wantedBytes 0 for none, or {@link #AUTOMATIC}
     */
    public synchronized void check(long wantedBytes) {
        this.wantedBytes = wantedBytes;
        look();
    }

    private synchronized void checkAgain() {
        if (leftBytes.get() < 0) {
            look();
        }
    }

    private void look() {
        try {
            // In this order: what is written in between counts twice rather than never.
            long stagedBytes = unwrittenBytes.get();
            long freeBytes = directory.disk().usableBytes(directory.path());
            long keptBytes = keptBytes();
            long soonFreeBytes = Math.max(0, freeBytes - stagedBytes);
            say(next(soonFreeBytes, keptBytes), soonFreeBytes, keptBytes);
            leftBytes.set(leftBytes(soonFreeBytes, keptBytes));
        } catch (IOException e) {
            leftBytes.set(Long.MAX_VALUE);
            LOG.debug("Cannot tell how much space there is in {}", directory, e);
        }
    }

    private long keptBytes() throws IOException {
        if (wantedBytes != AUTOMATIC) {
            return Math.min(wantedBytes, LARGEST_BYTES);
        }
        long totalBytes = directory.disk().totalBytes(directory.path());
        long leastBytes = Math.min(LEAST_BY_DEFAULT_BYTES, totalBytes / 10);
        return Math.min(MOST_BY_DEFAULT_BYTES, Math.max(leastBytes, totalBytes / 100));
    }

    /** Until the state may change for the worse. */
    private long leftBytes(long freeBytes, long keptBytes) {
        if (keptBytes == 0 || room == Room.NONE) {
            return Long.MAX_VALUE;
        }
        return freeBytes - limitBytes(room == Room.ENOUGH ? keptBytes : keptBytes / 2, false);
    }

    private Room next(long freeBytes, long keptBytes) {
        var now = room;
        if (exhausted && freeBytes < NOTHING_BYTES) {
            return Room.NONE;
        }
        exhausted = false;
        if (freeBytes < limitBytes(keptBytes / 2, now == Room.NONE)) {
            return Room.NONE;
        }
        return freeBytes < limitBytes(keptBytes, now != Room.ENOUGH) ? Room.LOW : Room.ENOUGH;
    }

    private static long limitBytes(long keptBytes, boolean already) {
        return keptBytes + (already ? keptBytes / 4 : keptBytes / 32);
    }

    private void say(Room next, long freeBytes, long keptBytes) {
        var before = room;
        room = next;
        long nowNanos = System.nanoTime();
        if (next == Room.ENOUGH) {
            if (before != Room.ENOUGH) {
                LOG.info("Log directory {} has {} bytes free again: records are taken as before", directory, freeBytes);
            }
        } else if (next != before || nowNanos - saidNanos >= REPEAT_NANOS) {
            saidNanos = nowNanos;
            LOG.warn(
                    "The disk of log directory {} is {}: it has only {} bytes free; log.dir.min.free.bytes keeps {}. {} refused with"
                            + " KAFKA_STORAGE_ERROR, which producers retry, until there is more: free some space or shorten"
                            + " retention",
                    directory,
                    next == Room.LOW ? "almost full" : "full",
                    freeBytes,
                    keptBytes,
                    next == Room.LOW
                            ? "Records of clients are"
                            : "All records, those of groups too, which can neither be joined nor commit offsets, are");
        }
    }
}
