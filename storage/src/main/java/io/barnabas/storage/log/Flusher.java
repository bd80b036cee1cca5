package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.epoch.LeaderEpochs;
import io.barnabas.storage.file.StorageException;

/**
 * Brings a log to stable storage and remembers how far: below the recovery point everything survives a power loss and is
 * not scanned at the next start. Any thread; flushes of one log exclude each other, and whoever cuts its end holds this object's monitor:
 * what a flush saw before a cut must not count as durable after it.
 */
final class Flusher {
    private final LogDirectory directory;
    private final Path path;
    private final LeaderEpochs epochs;
    private final TopicIdFile topicId;
    private volatile long recoveryPoint;
    /** Segments that end at or below this offset have their indexes on stable storage. */
    private volatile long indexesForcedUpTo;

    private volatile long lastFlushMs;
    private boolean directoryEntryForced;
    /** The log left its store: where its files were, another log's may be. */
    private boolean gone;

    /**
     * @param activeBaseOffset base offset of the active segment
     * @param onStableStorage whether the partition's directory entry is known to survive a power loss
     */
    Flusher(
            LogDirectory directory,
            Path path,
            LeaderEpochs epochs,
            TopicIdFile topicId,
            long recoveryPoint,
            long activeBaseOffset,
            boolean onStableStorage,
            long nowMs) {
        this.directory = directory;
        this.path = path;
        this.epochs = epochs;
        this.topicId = topicId;
        this.recoveryPoint = recoveryPoint;
        // Whatever is flushed of it, the indexes of an active segment are not.
        this.indexesForcedUpTo = Math.min(recoveryPoint, activeBaseOffset);
        this.directoryEntryForced = onStableStorage;
        this.lastFlushMs = nowMs;
    }

    /** Offset below which the log is on stable storage. */
    long recoveryPoint() {
        return recoveryPoint;
    }

    /**
     * What to write to the recovery point checkpoint. A segment wholly below it is trusted after a crash, indexes included,
     * so it stays below the end of every segment whose indexes are not on stable storage yet: for the active one that is
     * wherever it may be rolled, at the recovery point at the earliest.
     */
    long checkpointOffset(LogView view) {
        long durable = recoveryPoint;
        long forced = indexesForcedUpTo;
        long activeBase = view.active().baseOffset();
        if (activeBase > forced) {
            return Math.min(durable, view.segment(view.segmentOf(forced)).baseOffset());
        }
        return durable > activeBase ? durable - 1 : durable;
    }

    long lastFlushMs() {
        return lastFlushMs;
    }

    /** Makes everything up to the end of the log durable, or fails the directory: an acknowledgement may wait for it. */
    synchronized void flush(Supplier<LogView> log, long nowMs) throws StorageException {
        var view = log.get();
        flush(view, view.logEndOffset(), false, nowMs);
    }

    /** The same for what can wait until there is space for the small files of the log. */
    synchronized void flushUnlessFull(Supplier<LogView> log, long nowMs) throws StorageException {
        var view = log.get();
        flush(view, view.logEndOffset(), true, nowMs);
    }

    /** Makes the rolled segments of the log durable, with their indexes; can wait too. */
    synchronized void flushRolled(Supplier<LogView> log, long nowMs) throws StorageException {
        var view = log.get();
        flush(view, view.active().baseOffset(), true, nowMs);
    }

    private void flush(LogView view, long upTo, boolean mayWait, long nowMs) throws StorageException {
        if (gone) {
            return;
        }
        lastFlushMs = nowMs;
        long activeBase = view.active().baseOffset();
        if (upTo <= recoveryPoint && indexesForcedUpTo >= activeBase) {
            return;
        }
        directory.ensureOnline();
        long startedNanos = System.nanoTime();
        try {
            // First what needs space: if there is none for them, nothing was forced yet.
            epochs.flush();
            topicId.force();
        } catch (IOException e) {
            var what = "Cannot write the epochs or the topic id of " + path.getFileName();
            throw mayWait ? directory.failUnlessFull(what, e) : directory.fail(what, e);
        }
        try {
            boolean newFiles = false;
            int last = view.segmentCount() - 1;
            for (int i = view.segmentOf(Math.min(recoveryPoint, indexesForcedUpTo)); i <= last; i++) {
                if (view.sizeBytes(i) > 0 && view.segment(i).baseOffset() < upTo) {
                    newFiles |= view.segment(i).baseOffset() >= recoveryPoint;
                    view.segment(i).force(i < last);
                }
            }
            if (newFiles) {
                directory.disk().forceDirectory(path);
            }
            if (!directoryEntryForced) {
                directory.disk().forceDirectory(path.getParent());
                directoryEntryForced = true;
            }
            recoveryPoint = Math.max(recoveryPoint, upTo);
            indexesForcedUpTo = Math.max(indexesForcedUpTo, activeBase);
            directory.flushTimes().done(startedNanos);
        } catch (IOException e) {
            throw directory.fail("Cannot flush " + path.getFileName() + " up to offset " + upTo, e);
        }
    }

    /** From now on there is nothing to keep safe. Waits for the flush at hand. */
    synchronized void leave() {
        gone = true;
    }

    /**
     * Nothing above this offset counts as flushed any more. The caller holds the monitor until the log shows that it was cut.
     *
     * @param activeBaseOffset base offset of the segment that becomes the active one
     */
    void truncatedTo(long offset, long activeBaseOffset) {
        recoveryPoint = Math.min(recoveryPoint, offset);
        indexesForcedUpTo = Math.min(indexesForcedUpTo, activeBaseOffset);
    }

    /** The log was restarted at an offset. */
    void restartedAt(long offset) {
        recoveryPoint = offset;
        indexesForcedUpTo = offset;
    }
}
