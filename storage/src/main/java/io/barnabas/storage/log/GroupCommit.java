package io.barnabas.storage.log;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.journal.JournalEntries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what an owner wrote to several logs durable together: one fsync per log directory. One thread at a time; it waits for
 * the disk.
 */
public final class GroupCommit {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    private final LogStore store;
    private final Map<LogDirectory, JournalEntries> groups = new LinkedHashMap<>();

    GroupCommit(LogStore store) {
        this.store = store;
    }

    /** Takes what was written to a log and {@linkplain PartitionLog#awaitsJournal awaits the journal}. */
    public void add(PartitionLog log) throws StorageException {
        log.journalInto(groups.computeIfAbsent(log.directory(), directory -> new JournalEntries()));
    }

    /**
     * Returns when all that was added is on stable storage, but for directories that failed; nothing is left to a later call.
     *
     * @return the directories whose logs have all that was added of them on stable storage: nothing else may be acknowledged
     */
    public Set<LogDirectory> run() {
        var durable = new HashSet<LogDirectory>();
        try {
            groups.forEach((directory, entries) -> {
                try {
                    store.journal(directory).commit(entries);
                    durable.add(directory);
                } catch (StorageException e) {
                    LOG.debug("Not durable: {} is offline", directory, e);
                }
            });
        } finally {
            groups.clear();
        }
        return durable;
    }
}
