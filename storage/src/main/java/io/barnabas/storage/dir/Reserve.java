package io.barnabas.storage.dir;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import io.barnabas.storage.file.ForceFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The space of a log directory that clients may not fill, so that the broker can go on with what frees some, and with its own
 * records: below the reserve clients' records are refused, below half of it those of the broker's own topics too. Both end when there
 * is a quarter more. {@link #check} is for one thread at a time; any thread asks.
 */
public final class Reserve {
    /** As {@code log.dir.min.free.bytes}: what {@link #DEFAULT_BYTES} and a hundredth of the file system give, whichever is less. */
    public static final long AUTOMATIC = -1;

    private static final long DEFAULT_BYTES = 64L << 20;
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

    Reserve(LogDirectory directory) {
        this.directory = directory;
    }

    /** Whether records that clients send are refused. */
    public boolean refusesClients() {
        return room != Room.ENOUGH;
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
                    "Log directory {} is full: a write found no space. Records are refused with KAFKA_STORAGE_ERROR, which"
                            + " producers retry, until there is some",
                    directory);
        }
    }

    /**
     * Asks the file system, and says what changed; while records are refused, once a minute.
     *
     * @param wantedBytes 0 for none, or {@link #AUTOMATIC}
     */
    public void check(long wantedBytes) {
        try {
            long freeBytes = directory.disk().usableBytes(directory.path());
            long keptBytes = wantedBytes == AUTOMATIC
                    ? Math.min(DEFAULT_BYTES, directory.disk().totalBytes(directory.path()) / 100)
                    : wantedBytes;
            say(next(freeBytes, keptBytes), freeBytes, keptBytes);
        } catch (IOException e) {
            LOG.debug("Cannot tell how much space there is in {}", directory, e);
        }
    }

    private Room next(long freeBytes, long keptBytes) {
        var now = room;
        if (exhausted && freeBytes < NOTHING_BYTES) {
            return Room.NONE;
        }
        exhausted = false;
        if (isBelow(freeBytes, keptBytes / 2, now == Room.NONE)) {
            return Room.NONE;
        }
        return isBelow(freeBytes, keptBytes, now != Room.ENOUGH) ? Room.LOW : Room.ENOUGH;
    }

    private static boolean isBelow(long freeBytes, long limitBytes, boolean already) {
        return freeBytes < (already ? limitBytes + limitBytes / 4 : limitBytes);
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
                    "Log directory {} has only {} bytes free; log.dir.min.free.bytes keeps {}. {} refused with"
                            + " KAFKA_STORAGE_ERROR, which producers retry, until there is more: free some space or shorten"
                            + " retention",
                    directory,
                    freeBytes,
                    keptBytes,
                    next == Room.LOW ? "Records of clients are" : "All records, the broker's own too, are");
        }
    }
}
