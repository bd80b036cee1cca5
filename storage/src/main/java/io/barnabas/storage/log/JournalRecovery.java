package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.journal.JournalReplay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts back into the logs of a directory what its journal has and they lost, down to partitions whose directory was lost. The
 * starting thread, after the logs were recovered.
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
    private final Set<PartitionLog> named = new HashSet<>();
    private long restored;

    JournalRecovery(LogStore store, LogDirectory directory, long nowMs) {
        this.store = store;
        this.directory = directory;
        this.nowMs = nowMs;
    }

    void run() throws IOException {
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
        if (log.directory() != directory) {
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

    /** The metadata decides later whether it is a partition of ours. */
    private PartitionLog logOf(TopicIdPartition partition) throws IOException {
        var found = store.log(partition.topicPartition()).orElse(null);
        if (found != null && found.topicId().equals(Uuid.ZERO)) {
            found.adoptTopicId(partition.topicId());
        } else if (found != null && !found.topicId().equals(partition.topicId())) {
            // The topic was created anew: what is there is of the one before, which left the journal.
            store.putAsideStray(partition.topicPartition());
            found = null;
        }
        return found != null ? found : store.createIn(directory, partition);
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
