package io.barnabas.storage.log;

import java.io.IOException;

import io.barnabas.storage.file.StorageException;

/**
 * Cuts records off the end of a log. Files change under the published view meanwhile, and no flush may count what it saw before as
 * durable after: each cut holds the flusher's monitor. After a cut of a copy that found no space, only a restart of it is possible. Owner
 * only.
 */
final class Truncation {
    private final LogState log;

    Truncation(LogState log) {
        this.log = log;
    }

    /** Nothing is staged. */
    void truncateTo(long offset, long nowMs) throws StorageException {
        if (offset >= log.chain.nextOffset()) {
            return;
        }
        if (offset < log.chain.firstOffset()) {
            truncateFullyAndStartAt(offset, nowMs);
            return;
        }
        begin(offset);
        synchronized (log.flusher) {
            log.cutting = true;
            try {
                noteCut(offset);
                lowerRecoveryPoint(offset);
                log.chain.truncateTo(offset, nowMs + log.config.fileDeleteDelayMs());
                log.logStartOffset = Math.min(log.logStartOffset, offset);
                log.highWatermark = Math.min(log.highWatermark, offset);
                log.epochs.truncateFromEnd(offset);
                log.epochs.flush();
                log.rebuildProducers(offset, nowMs);
                log.publish();
                announce(offset);
            } catch (IOException e) {
                throw log.notCut("truncate", e);
            } finally {
                log.cutting = false;
            }
        }
    }

    /** Nothing is staged. */
    void truncateFullyAndStartAt(long offset, long nowMs) throws StorageException {
        begin(0);
        synchronized (log.flusher) {
            log.cutting = true;
            try {
                noteCut(offset);
                lowerRecoveryPoint(Math.min(offset, log.chain.firstOffset()));
                log.chain.restartAt(offset, nowMs, nowMs + log.config.fileDeleteDelayMs());
                log.flusher.restartedAt(offset);
                log.logStartOffset = offset;
                log.highWatermark = offset;
                log.epochs.clear();
                log.epochs.flush();
                // From now on the log counts as flushed, without a flush.
                log.topicId.force();
                log.producers.truncateFullyAndStartAt(offset);
                log.publish();
                log.halfCut = false;
                announce(offset);
            } catch (IOException e) {
                throw log.notCut("restart", e);
            } finally {
                log.cutting = false;
            }
        }
    }

    /** Goes back to the published end, after a write that found no space. */
    void forgetStaged(long nowMs) throws IOException {
        log.appender.forget();
        long end = log.view.logEndOffset();
        synchronized (log.flusher) {
            log.cutting = true;
            try {
                noteCut(end);
                log.chain.forgetStaged(end, nowMs + log.config.fileDeleteDelayMs());
                log.flusher.truncatedTo(end, log.chain.active().baseOffset());
                log.epochs.truncateFromEnd(end);
                log.rebuildProducers(end, nowMs);
                log.publish();
                announce(end);
            } finally {
                log.cutting = false;
            }
        }
    }

    /** @param offset at and above it, what the journal has is void */
    private void begin(long offset) throws StorageException {
        log.ensureUsable();
        log.home.journal().cut(log.topicIdPartition(), offset);
    }

    private void noteCut(long offset) {
        announce(offset);
        log.cuts++;
        log.cleanedOffset = Math.min(log.cleanedOffset, offset);
    }

    /**
     * Before the first byte goes, and again when the new view is out: who obeyed at once may have read by the old one since.
     */
    private void announce(long offset) {
        var follower = log.follower;
        if (follower != null) {
            follower.sourceIsCut(offset);
        }
    }

    /**
     * Before records are cut that a checkpoint calls durable: what is written in their place would pass for durable after a
     * crash.
     */
    private void lowerRecoveryPoint(long offset) throws StorageException {
        if (log.recoveryCheckpoint.lowerTo(offset, log.view)) {
            log.home.recoveryPointLowered().checkpoint(log.home.directory());
        }
    }
}
