package io.barnabas.storage.log;

import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.journal.JournalEntries;
import io.barnabas.storage.journal.Journaled;

/** What of a log is in its directory's journal. Owner only, but for {@link #makeDurable}. */
final class JournalledTail implements Journaled {
    private final LogState log;
    /** Records below are durable, or in the journal and will be. */
    private long end;

    JournalledTail(LogState log) {
        this.log = log;
        this.end = log.flusher.recoveryPoint();
    }

    boolean isAwaited() {
        return !log.gone && log.appender.hasUnjournaled();
    }

    void into(JournalEntries entries) throws StorageException {
        var batches = log.appender.takeUnjournaled();
        long first = batches.get(0).getLong(batches.get(0).position());
        if (first != end) {
            // Records before these came while the topic did not ask for it; after a crash there must be no gap.
            makeDurable();
        }
        end = log.view.logEndOffset();
        entries.add(this, log.topicIdPartition(), batches);
    }

    void forget() {
        log.appender.takeUnjournaled();
    }

    @Override
    public void makeDurable() throws StorageException {
        log.flush(log.flusher.lastFlushMs());
    }

    @Override
    public void makeDurableUnlessFull() throws StorageException {
        log.flusher.flushUnlessFull(() -> log.view, log.flusher.lastFlushMs());
    }
}
