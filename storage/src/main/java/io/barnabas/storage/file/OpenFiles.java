package io.barnabas.storage.file;

import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bounded set of open files of one store. A file at rest costs an object, not a descriptor: it is opened at its first
 * lease and stays open until the bound pushes it out (second chance for those used since) or it is discarded. Files under
 * lease are never closed, so the bound may be exceeded by as many files as are being read or written at that moment.
 * Thread-safe.
 */
public final class OpenFiles {
    private final Disk disk;
    private final int limit;
    private final ConcurrentLinkedQueue<LeasedFile> candidates = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger();

    /**
     * @param limit files to keep open at most when none is under lease, at least 1
     */
    public OpenFiles(Disk disk, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1, not " + limit);
        }
        this.disk = disk;
        this.limit = limit;
    }

    /** A handle for a file that may not exist yet. Opens nothing. */
    public LeasedFile file(Path path) {
        return new LeasedFile(this, path);
    }

    public Disk disk() {
        return disk;
    }

    /** How many files of this set have a descriptor now. */
    public int openCount() {
        return open.get();
    }

    void opened(LeasedFile file, boolean fresh) {
        if (fresh) {
            open.incrementAndGet();
        }
        candidates.add(file);
        int attempts = 2 * limit;
        while (open.get() > limit && attempts-- > 0) {
            var candidate = candidates.poll();
            if (candidate == null) {
                return;
            }
            if (candidate.tryEvict()) {
                continue;
            }
            candidates.add(candidate);
        }
    }

    void closed() {
        open.decrementAndGet();
    }

    void forget(LeasedFile file) {
        candidates.remove(file);
    }
}
