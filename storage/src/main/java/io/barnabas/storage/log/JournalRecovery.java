package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.journal.JournalReplay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts back into the logs of a directory what its journal has and they lost, down to partitions whose directory was lost. The
 * starting thread, after the logs of all directories were recovered, and before any is used.
 */
final class JournalRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(JournalRecovery.class);
    private static final int SIZE_AT = 8;
    private static final int EPOCH_AT = 12;
    private static final int LAST_DELTA_AT = 23;
    private static final int BEFORE_SIZE_BYTES = 12;

    private final LogStore store;
    private final LogDirectory directory;
    private final long nowMs;
    private final Map<TopicPartition, PartitionLog> logs = new HashMap<>();
    /** Partitions whose log is in another directory. */
    private final Set<TopicIdPartition> elsewhere = new HashSet<>();

    private final Set<PartitionLog> named = new HashSet<>();
    private long restored;

    JournalRecovery(LogStore store, LogDirectory directory, long nowMs) {
        this.store = store;
        this.directory = directory;
        this.nowMs = nowMs;
    }

    void run() throws IOException {
        for (var log : store.logsIn(directory)) {
            if (store.isUnused(log)) {
                logs.put(log.partition(), log);
            }
        }
        long entries = new JournalReplay(directory).run(this::restore);
        // Those too that lost nothing: their records may be in the page cache only, and the journal goes.
        for (var log : named) {
            log.flush(nowMs);
        }
        if (entries > 0) {
            LOG.info(
                    "Read {} entries of {} partitions in the journal of {}: restored {} batches",
                    entries,
                    named.size(),
                    directory,
                    restored);
        }
    }

    private void restore(TopicIdPartition partition, ByteBuffer batches, long voidFrom) throws IOException {
        if (batches.getLong(0) >= voidFrom) {
            return;
        }
        var log = logOf(partition);
        if (log == null) {
            return;
        }
        named.add(log);
        while (batches.hasRemaining()) {
            int at = batches.position();
            var batch = batches.slice(at, BEFORE_SIZE_BYTES + batches.getInt(at + SIZE_AT));
            batches.position(at + batch.remaining());
            if (batch.getLong(0) >= voidFrom || !restore(log, batch)) {
                return;
            }
        }
    }

    /**
     * Null if it is in another directory, or if the metadata has the topic whose log is there: the entry is of one that had the name before,
     * and its cut is gone.
     */
    private PartitionLog logOf(TopicIdPartition partition) throws IOException {
        var found = logs.get(partition.topicPartition());
        if (found != null && found.topicId().equals(Uuid.ZERO)) {
            found.adoptTopicId(partition.topicId());
        } else if (found != null && !found.topicId().equals(partition.topicId())) {
            if (store.isCurrent(found.topicIdPartition())) {
                return null;
            }
            // The topic was created anew: what is there is of the one before, which left the journal.
            putAside(found);
            found = null;
        }
        if (found == null && !isElsewhere(partition)) {
            // The metadata decides later whether it is a partition of ours.
            found = store.newLogs().createIn(directory, partition);
            logs.put(partition.topicPartition(), found);
        }
        return found;
    }

    /**
     * A log in another directory that is of another topic is older: that one would have left the journal here before. So is one of which
     * nobody knows, which was never flushed and is in no journal.
     */
    private boolean isElsewhere(TopicIdPartition partition) throws StorageException {
        if (elsewhere.contains(partition)) {
            return true;
        }
        var others = store.logsOf(partition.topicPartition());
        if (others.stream().anyMatch(other -> other.topicId().equals(partition.topicId()))) {
            elsewhere.add(partition);
            return true;
        }
        if (others.stream().anyMatch(other -> store.isCurrent(other.topicIdPartition()))) {
            elsewhere.add(partition);
            return true;
        }
        for (var other : others) {
            putAside(other);
        }
        return false;
    }

    private void putAside(PartitionLog log) throws StorageException {
        if (log.directory().isOnline()) {
            LOG.warn(
                    "The log of {} is of an earlier topic of that name than the one in the journal of {}; it is put aside,"
                            + " renamed to -stray",
                    log,
                    directory);
            store.takeOut(log, PartitionDirectory.strayName(log.partition()), false);
        }
    }

    /** Whether the log has the batch now. */
    private boolean restore(PartitionLog log, ByteBuffer batch) throws IOException {
        long first = batch.getLong(0);
        long last = first + batch.getInt(LAST_DELTA_AT);
        int epoch = batch.getInt(EPOCH_AT);
        var view = log.view();
        if (first > view.logEndOffset()) {
            LOG.warn(
                    "The journal has records of {} from offset {} on, but the log, whose files are damaged, ends at {}: they are"
                            + " left out",
                    log,
                    first,
                    view.logEndOffset());
            return false;
        }
        if (last < view.logEndOffset()) {
            var known = log.epochAt(last);
            if (last < view.logStartOffset() || known.isEmpty() || known.getAsInt() >= epoch) {
                return true;
            }
        }
        log.truncateTo(first, nowMs);
        var result = log.stage(batch, Integer.MAX_VALUE, AppendOrigin.REPLICATION, nowMs);
        log.writeStaged(nowMs);
        log.forgetUnjournaled();
        if (result instanceof AppendResult.Rejected rejected) {
            LOG.warn("Records of {} from offset {} on are not restored: {}", log, first, rejected.message());
            return false;
        }
        restored++;
        return true;
    }
}
