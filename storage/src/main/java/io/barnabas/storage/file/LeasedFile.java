package io.barnabas.storage.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

import io.barnabas.protocol.wire.FileSource;

/**
 * One file of an {@link OpenFiles} set, open while somebody holds a lease or while the set keeps it open for the next one.
 * Leases are taken and released by any thread; writes are the owner's alone. After a rename or delete, leases taken before
 * keep reading the same bytes.
 */
public final class LeasedFile implements FileSource {
    private final OpenFiles set;
    private volatile Path path;
    private volatile FileChannel channel;
    private volatile boolean usedLately;
    /** Leases, plus one while the set itself keeps the file open; 0 means closed. */
    private final AtomicInteger holds = new AtomicInteger();

    private boolean heldBySet;
    private volatile int timesOpened;

    LeasedFile(OpenFiles set, Path path) {
        this.set = set;
        this.path = path;
    }

    public Path path() {
        return path;
    }

    /**
     * Takes a lease, opening the file if needed. Pair with one {@link #release()}.
     *
     * @throws java.nio.file.NoSuchFileException if the file was not created yet, or was deleted
     */
    public FileChannel acquire() throws IOException {
        return acquire(false);
    }

    /** Takes a lease like {@link #acquire()}, creating the file if it is absent. For the writer. */
    public FileChannel acquireOrCreate() throws IOException {
        return acquire(true);
    }

    private FileChannel acquire(boolean create) throws IOException {
        for (int now = holds.get(); now > 0; now = holds.get()) {
            if (holds.compareAndSet(now, now + 1)) {
                if (!usedLately) {
                    usedLately = true;
                }
                return channel;
            }
        }
        return open(create);
    }

    private FileChannel open(boolean create) throws IOException {
        boolean fresh;
        synchronized (this) {
            for (int now = holds.get(); now > 0; now = holds.get()) {
                if (holds.compareAndSet(now, now + 1)) {
                    return channel;
                }
            }
            fresh = channel == null;
            if (fresh) {
                channel = create ? set.disk().openOrCreate(path) : set.disk().open(path);
                timesOpened++;
            }
            heldBySet = true;
            holds.set(2);
        }
        set.opened(this, fresh);
        return channel;
    }

    /** Counts opens, so that the writer knows when it must position the channel anew. */
    public int timesOpened() {
        return timesOpened;
    }

    /** The open channel; only while holding a lease. */
    @Override
    public FileChannel channel() {
        return channel;
    }

    @Override
    public void release() {
        if (holds.decrementAndGet() == 0) {
            closeIfUnheld();
        }
    }

    /**
     * Renames the file; later leases open it under its new name.
     *
     * @return false if there is no such file
     */
    public boolean rename(Path to) throws IOException {
        synchronized (this) {
            boolean exists = set.disk().exists(path);
            if (exists) {
                set.disk().rename(path, to);
            }
            path = to;
            return exists;
        }
    }

    /** The directory that the file is in has another name now. */
    public void movedTo(Path directory) {
        synchronized (this) {
            path = directory.resolve(path.getFileName());
        }
    }

    /** Deletes the file, if it is there. */
    public void delete() throws IOException {
        synchronized (this) {
            set.disk().delete(path);
        }
    }

    /** When the file was last modified, by the file system's clock. */
    public long lastModifiedMs() throws IOException {
        return set.disk().lastModifiedMs(path);
    }

    /** Stops keeping the file open; it closes with its last lease. */
    public void discard() {
        boolean held;
        synchronized (this) {
            held = heldBySet;
            heldBySet = false;
        }
        if (held) {
            set.forget(this);
            release();
        }
    }

    boolean tryEvict() {
        if (usedLately) {
            usedLately = false;
            return false;
        }
        synchronized (this) {
            if (!heldBySet) {
                return true;
            }
            if (holds.get() > 1) {
                return false;
            }
            heldBySet = false;
        }
        release();
        return true;
    }

    private void closeIfUnheld() {
        synchronized (this) {
            if (holds.get() != 0 || channel == null) {
                return;
            }
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot close " + path, e);
            } finally {
                channel = null;
                set.closed();
            }
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
