package io.barnabas.metadata.quorum;

import java.util.concurrent.TimeUnit;

/**
 * Says when a snapshot is due: after so many bytes, or with the first batch after so long. It has no timer, since a log that nobody
 * writes to does not grow. Apply thread only.
 */
final class SnapshotSchedule {
    private final long afterBytes;
    private final long intervalMs;
    private final Runnable takeSnapshot;
    private long bytes;
    private long startedNanos = System.nanoTime();

    /** @param takeSnapshot must not block */
    SnapshotSchedule(long afterBytes, long intervalMs, Runnable takeSnapshot) {
        this.afterBytes = afterBytes;
        this.intervalMs = intervalMs;
        this.takeSnapshot = takeSnapshot;
    }

    void applied(int batchBytes) {
        bytes += batchBytes;
        if (bytes >= afterBytes || intervalMs > 0 && elapsedMs() >= intervalMs) {
            snapshotTaken();
            takeSnapshot.run();
        }
    }

    /** Begins to count anew. */
    void snapshotTaken() {
        bytes = 0;
        startedNanos = System.nanoTime();
    }

    private long elapsedMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
    }
}
