package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;

import io.barnabas.storage.file.StorageException;

/** Takes records away from the start of a log. Owner only. */
final class Trimming {
    private final LogState log;
    private final Truncation truncation;

    Trimming(LogState log, Truncation truncation) {
        this.log = log;
        this.truncation = truncation;
    }

    boolean advanceLogStart(long offset) throws StorageException {
        if (log.gone || offset <= log.logStartOffset || offset > log.highWatermark) {
            return false;
        }
        log.home.directory().ensureOnline();
        try {
            startAt(offset);
        } catch (IOException e) {
            throw log.notCut("move the log start of", e);
        }
        log.publish();
        return true;
    }

    private void startAt(long offset) throws IOException {
        log.logStartOffset = offset;
        log.epochs.truncateFromStart(offset);
        log.producers.logStartOffset(offset);
    }

    /** Nothing is staged. */
    int deleteSegmentsUpTo(long offset, long nowMs) throws StorageException {
        log.home.directory().ensureOnline();
        var chain = log.chain;
        int count = chain.countUpTo(offset);
        if (count == chain.size() && !rolled(nowMs)) {
            count--;
        }
        if (count == 0) {
            return 0;
        }
        long deleteMs = nowMs + log.config.fileDeleteDelayMs();
        try {
            var old = chain.removeOldest(count);
            var retired = new ArrayList<Path>();
            for (var segment : old) {
                log.producers.retireSnapshot(segment.baseOffset()).ifPresent(retired::add);
            }
            startAt(Math.max(log.logStartOffset, chain.firstOffset()));
            log.publish();
            chain.retire(old, deleteMs);
            log.home.deletes().add(log.home.directory(), retired, deleteMs);
            return old.size();
        } catch (IOException e) {
            throw log.notCut("delete segments of", e);
        }
    }

    /** Whether the log goes on in an empty segment; without space for one the last segment stays for now. */
    private boolean rolled(long nowMs) throws StorageException {
        try {
            log.appender.roll(log.chain.nextOffset(), nowMs);
            log.chain.active().createFiles();
            return true;
        } catch (IOException e) {
            if (!log.home.directory().reserve().isWhy(e)) {
                throw log.notCut("roll", e);
            }
        }
        try {
            truncation.forgetStaged(nowMs);
            return false;
        } catch (IOException e) {
            throw log.notCut("go back to the last segment of", e);
        }
    }
}
