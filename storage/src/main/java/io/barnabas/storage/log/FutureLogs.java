package io.barnabas.storage.log;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.DeferredDeletes;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.file.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies of logs that move to another directory, in directories named {@code …-future}, and the moves that fill them. A copy that was
 * found at the start beside no log of its partition waits, without a move, for the start at which the log is there. Thread-safe.
 */
final class FutureLogs {
    private static final Logger LOG = LoggerFactory.getLogger(FutureLogs.class);

    private final LogStore store;
    private final DeferredDeletes deletes;
    private final LongSupplier clockMs;
    private final Map<TopicPartition, PartitionLog> copies = new ConcurrentHashMap<>();
    private final Map<TopicPartition, LogMove> moves = new ConcurrentHashMap<>();

    FutureLogs(LogStore store, DeferredDeletes deletes, LongSupplier clockMs) {
        this.store = store;
        this.deletes = deletes;
        this.clockMs = clockMs;
    }

    Collection<PartitionLog> copies() {
        return copies.values();
    }

    Collection<LogMove> moves() {
        return moves.values();
    }

    Optional<LogMove> moveOf(TopicPartition partition) {
        return Optional.ofNullable(moves.get(partition));
    }

    /** The log's owner; no move of it is under way. */
    LogMove begin(PartitionLog source, LogDirectory target) throws StorageException {
        target.ensureOnline();
        var partition = source.partition();
        var waiting = copies.get(partition);
        if (waiting != null) {
            drop(waiting);
        }
        var path = target.path().resolve(PartitionDirectory.futureName(partition));
        try {
            store.newLogs().putAsideForeign(partition, target);
            target.disk().createDirectory(path);
        } catch (IOException e) {
            throw target.failUnlessFull("Cannot create a directory for the copy of " + partition, e);
        }
        var copy = PartitionLog.create(
                store.home(partition, target, path), source.topicId(), source.config(), clockMs.getAsLong());
        target.partitions().incrementAndGet();
        copies.put(partition, copy);
        return begin(source, copy, true);
    }

    private LogMove begin(PartitionLog source, PartitionLog copy, boolean fresh) {
        var move = new LogMove(store, source, copy, fresh);
        moves.put(source.partition(), move);
        return move;
    }

    /** A copy found at the start. The starting thread. */
    void found(PartitionLog copy) {
        var other = copies.putIfAbsent(copy.partition(), copy);
        if (other != null) {
            LOG.warn(
                    "{} is copied to {} already; the copy in {} is deleted",
                    copy.partition(),
                    other.path(),
                    copy.path());
            try {
                putAside(copy, PartitionDirectory.deleteName(copy.partition()), true);
            } catch (StorageException e) {
                LOG.debug("The copy {} stays", copy.path(), e);
            }
        }
    }

    /** All logs are loaded, and no two are of one partition: moves that were under way can go on. The starting thread. */
    void match(boolean allDirectoriesWork) {
        for (var copy : List.copyOf(copies.values())) {
            try {
                var source = store.log(copy.partition()).orElse(null);
                if (source != null) {
                    resume(source, copy);
                } else if (allDirectoriesWork) {
                    replaceLost(copy);
                }
            } catch (StorageException e) {
                LOG.debug("The copy {} cannot be used; its directory is offline", copy.path(), e);
            }
        }
    }

    private void resume(PartitionLog source, PartitionLog copy) throws StorageException {
        boolean same = source.topicId().equals(copy.topicId()) || copy.topicId().equals(Uuid.ZERO);
        if (!same || source.directory() == copy.directory()) {
            drop(copy);
            return;
        }
        copy.takeTopicIdOf(source);
        cut(copy, source.view().logEndOffset());
        begin(source, copy, false);
    }

    /** Before anything else is written there. If there is no space for it, the copy is made anew when there is. */
    private void cut(PartitionLog copy, long end) throws StorageException {
        try {
            if (copy.view().logEndOffset() > end) {
                copy.truncateTo(end, clockMs.getAsLong());
            }
        } catch (StorageException e) {
            copy.directory().ensureOnline();
            LOG.debug("Cannot cut {} yet", copy.path(), e);
        }
    }

    /** Whatever the copy has is more than nothing. */
    private void replaceLost(PartitionLog copy) throws StorageException {
        var partition = copy.partition();
        if (!store.isHeld(partition)) {
            copies.remove(partition, copy);
            putAside(copy, PartitionDirectory.strayName(partition), false);
            return;
        }
        LOG.warn(
                "The log of {} is in none of the log directories, but {} holds a copy up to offset {}, which was being made when"
                        + " the broker stopped: it takes the log's place. Records above are lost.",
                partition,
                copy.path(),
                copy.view().logEndOffset());
        copies.remove(partition, copy);
        store.putInPlace(copy);
    }

    /** The move does not go on. */
    void ended(LogMove move) {
        moves.remove(move.partition(), move);
    }

    /** The copy is no copy any more, or its directory has failed. */
    void forget(PartitionLog copy) {
        if (copies.remove(copy.partition(), copy)) {
            copy.directory().partitions().decrementAndGet();
        }
    }

    /** Ends what concerns a partition that goes away. The log's owner. */
    void drop(TopicPartition partition) throws StorageException {
        var move = moves.get(partition);
        if (move != null) {
            move.cancel();
        }
        var copy = copies.get(partition);
        if (copy != null) {
            drop(copy);
        }
    }

    /** Takes a copy away and deletes it. */
    void drop(PartitionLog copy) throws StorageException {
        if (copies.remove(copy.partition(), copy) && copy.directory().isOnline()) {
            putAside(copy, PartitionDirectory.deleteName(copy.partition()), true);
        }
    }

    private void putAside(PartitionLog copy, String newName, boolean delete) throws StorageException {
        var directory = copy.directory();
        directory.partitions().decrementAndGet();
        var to = copy.path().resolveSibling(newName);
        copy.leave();
        try {
            directory.disk().rename(copy.path(), to);
        } catch (IOException e) {
            throw directory.fail("Cannot rename the copy of " + copy.partition(), e);
        }
        copy.abandon();
        if (delete) {
            deletes.add(
                    directory, List.of(to), clockMs.getAsLong() + copy.config().fileDeleteDelayMs());
        }
    }
}
