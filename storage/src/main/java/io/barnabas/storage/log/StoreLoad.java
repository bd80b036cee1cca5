package io.barnabas.storage.log;

import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import io.barnabas.storage.dir.DeferredDeletes;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.LogDirectoryException;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.journal.JournalReplay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads what the log directories hold: all of them at the same time, each with threads of its own, as Kafka does. What they have of the
 * same partitions is looked at when all are loaded, in the order of {@code log.dirs}, so that the outcome does not depend on which is
 * faster. The starting thread.
 */
final class StoreLoad {
    private static final Logger LOG = LoggerFactory.getLogger(StoreLoad.class);

    private final LogStore store;
    private final LogStoreConfig config;
    private final LongSupplier clockMs;
    private final List<DirectoryLoad> loads;

    StoreLoad(LogStore store, LogStoreConfig config, DeferredDeletes deletes, LongSupplier clockMs) {
        this.store = store;
        this.config = config;
        this.clockMs = clockMs;
        this.loads = store.online().stream()
                .map(directory -> new DirectoryLoad(
                        directory, store.checkpoints(directory), config, deletes, store::home, clockMs))
                .toList();
    }

    /** @throws LogDirectoryException if a partition is in two directories and nobody can tell which to keep */
    void run() {
        long startedMs = clockMs.getAsLong();
        try {
            Parallel.forEach("log-dir-loading", loads.size(), loads, DirectoryLoad::run);
        } catch (RuntimeException | Error e) {
            loads.forEach(DirectoryLoad::abandon);
            throw e;
        }
        for (var load : loads) {
            load.logs().forEach(store::loaded);
            load.copies().forEach(store.futures()::found);
        }
        // Journals speak of partitions, which may lie in any of the directories: they come when all are loaded. What
        // each has belongs to the logs of its directory, whatever becomes of them: so they come before one is used.
        loads.forEach(this::recoverJournal);
        for (var load : loads) {
            load.logs().stream().filter(store::isUnused).forEach(this::adopt);
        }
        store.futures().match(store.offline().isEmpty());
        loads.stream().filter(load -> !load.isClean()).forEach(this::checkpoint);
        LOG.info("Loaded {} logs in {} ms", store.logs().size(), clockMs.getAsLong() - startedMs);
    }

    /** Can wait for space, unless a recovery point above the end of a log would vouch for what is written there next. */
    private void checkpoint(DirectoryLoad load) {
        var directory = load.directory();
        if (store.logsIn(directory).stream()
                .anyMatch(log -> load.recoveryPoints().getOrDefault(log.partition(), 0L)
                        > log.view().logEndOffset())) {
            store.checkpoint(directory);
        } else if (directory.isOnline()) {
            try {
                store.checkpointUnlessFull(directory);
            } catch (StorageException e) {
                LOG.warn("The checkpoints of {} were not written: {}", directory, e.getMessage());
            }
        }
    }

    private void recoverJournal(DirectoryLoad load) {
        var directory = load.directory();
        if (!directory.isOnline()) {
            return;
        }
        try {
            if (!load.isClean()) {
                new JournalRecovery(store, directory, clockMs.getAsLong()).run();
            }
            new JournalReplay(directory).delete();
        } catch (IOException e) {
            directory.fail("Cannot restore what its journal has", e);
        }
    }

    private void adopt(PartitionLog log) {
        var other = store.log(log.partition()).orElse(null);
        if (other == null) {
            store.use(log);
            return;
        }
        Predicate<LogDirectory> recorded = directory -> config.recordedIn().test(log.partition(), directory);
        try {
            // What is to go may be all that can be read: of two logs, one of which cannot be, both stay.
            other.directory().ensureOnline();
            log.directory().ensureOnline();
            var both = new TwoLogs(other, log);
            var dispensable = both.dispensable(() -> config.recordedTopicId().apply(log.partition()), recorded);
            if (dispensable.isPresent()) {
                adopt(both, dispensable.get());
                return;
            }
        } catch (StorageException e) {
            LOG.debug("Cannot compare {} and {}", other, log, e);
            if (!other.directory().isOnline() || !log.directory().isOnline()) {
                boolean takesOther = recorded.test(other.directory())
                        || !recorded.test(log.directory()) && other.directory().isOnline();
                store.use(takesOther ? other : log);
                LOG.warn(
                        "Partition {} is in two log directories, {} and {}, and one of them has failed: both logs stay, and the"
                                + " one in {} is used",
                        log.partition(),
                        other.directory(),
                        log.directory(),
                        (takesOther ? other : log).directory());
                return;
            }
        }
        throw new LogDirectoryException("Partition " + log.partition() + " is in two log directories, "
                + other.directory() + " and " + log.directory()
                + ". Delete the copy in the directory that is known to have failed and start again.");
    }

    private void adopt(TwoLogs both, PartitionLog gone) throws StorageException {
        var partition = gone.partition();
        var kept = both.otherThan(gone);
        boolean worthKeeping = both.isWorthKeeping(gone);
        store.use(kept);
        LOG.warn(
                "Partition {} is in two log directories, {} and {}: a move was cut short. The log in the latter {}",
                partition,
                kept.directory(),
                gone.directory(),
                worthKeeping ? "is put aside, renamed to -stray" : "is deleted");
        try {
            store.takeOut(
                    gone,
                    worthKeeping ? PartitionDirectory.strayName(partition) : PartitionDirectory.deleteName(partition),
                    !worthKeeping);
        } catch (StorageException e) {
            gone.directory().ensureOnline();
            LOG.warn("{} stays where it is until the next start: {}", gone.path(), e.getMessage());
        }
    }
}
