package io.barnabas.storage.log;

import java.util.function.Supplier;

/**
 * How far {@code recovery-point-offset-checkpoint} vouches for a log: what was last begun to be written there, and what the file has at
 * least. Either a cut sees the checkpoint that was begun, and has it lowered, or the checkpoint says what the cut left. Any thread.
 */
final class RecoveryCheckpoint {
    private final Flusher flusher;
    /** Guarded by this. */
    private long begun;

    private volatile long written;

    RecoveryCheckpoint(Flusher flusher, long recoveryPoint) {
        this.flusher = flusher;
        this.begun = recoveryPoint;
        this.written = recoveryPoint;
    }

    /** What the next checkpoint says. */
    synchronized long begin(Supplier<LogView> log) {
        begun = flusher.checkpointOffset(log.get());
        return begun;
    }

    /** The file on the disk has this recovery point now. */
    void written(long offset) {
        written = offset;
    }

    long written() {
        return written;
    }

    /**
     * Lowers the recovery point for a cut.
     *
     * @return whether the file has to be written anew: it has, or is about to get, a higher one
     */
    synchronized boolean lowerTo(long offset, LogView log) {
        flusher.truncatedTo(offset, log.segment(log.segmentOf(offset)).baseOffset());
        return offset < Math.max(begun, written);
    }

    /** The same file vouched for the log by its name before. */
    void takeOver(RecoveryCheckpoint earlier) {
        long earlierBegun = earlier.begun();
        synchronized (this) {
            begun = earlierBegun;
        }
        written = earlier.written;
    }

    private synchronized long begun() {
        return begun;
    }
}
