package io.barnabas.broker.partition;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;

import io.barnabas.broker.telemetry.TopicTelemetry;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.AppendResult;
import io.barnabas.storage.log.Durability;
import io.barnabas.storage.log.GroupCommit;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogMove;
import io.barnabas.storage.log.PartitionLog;
import io.barnabas.storage.move.Swaps;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica on this broker: its log, who leads it, and who waits for it. Appending and leadership changes happen on
 * {@link #worker()} only; leadership and the log's view may be read by any thread.
 */
public final class Partition {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);
    private static final int TRUSTED_READS = 15;

    private static final String DISK_FULL =
            "The disk of the partition is almost full; the broker takes records again once there is space";

    private final TopicIdPartition id;
    private final TopicPartition name;
    private final Worker worker;
    private volatile PartitionLog log;
    private final TopicTelemetry telemetry;
    private final Waiters waiters = new Waiters();
    private final ArrayDeque<Append> uncommitted = new ArrayDeque<>();
    private volatile Leadership leadership = Leadership.NONE;
    private volatile int minInsyncReplicas;
    /** Reads of older records that need not expect to wait for the disk. */
    private volatile int trustedReads;

    private boolean touched;
    private int stagedBytes;
    /** How far the records of the drain at hand have come; what fails stays where it was. */
    private Written written = Written.NOT;
    /** Replaces the log at the end of the drain at hand; null if none does. */
    private LogSwapOrder swap;

    Partition(TopicIdPartition id, Worker worker, PartitionLog log, TopicTelemetry telemetry, int minInsyncReplicas) {
        this.id = id;
        this.name = new TopicPartition(id.topic(), id.partition());
        this.worker = worker;
        this.log = log;
        this.telemetry = telemetry;
        this.minInsyncReplicas = minInsyncReplicas;
    }

    public TopicIdPartition id() {
        return id;
    }

    public TopicPartition name() {
        return name;
    }

    /** The owner of this partition's changes. */
    public Worker worker() {
        return worker;
    }

    /** For reading on any thread; mutate through this class. Another one once the replica was moved to another log directory. */
    public PartitionLog log() {
        return log;
    }

    /** Any thread. Whether a read of older records will most likely find them in the page cache, going by the reads before. */
    public boolean trustsPageCache() {
        int left = trustedReads;
        if (left > 0) {
            // Two readers may count as one; it is a guess anyway.
            trustedReads = left - 1;
        }
        return left > 0;
    }

    /** Any thread. @param had all that a read wanted, without waiting for the disk */
    public void pageCacheHad(boolean had) {
        trustedReads = had ? TRUSTED_READS : 0;
    }

    /** Counters of the topic. */
    public TopicTelemetry telemetry() {
        return telemetry;
    }

    /** Whether the log directory of this replica has failed: every answer is KAFKA_STORAGE_ERROR, for good. Any thread. */
    public boolean isOffline() {
        return !log.directory().isOnline();
    }

    public Leadership leadership() {
        return leadership;
    }

    /** Who wants to hear of new committed records. */
    public Waiters waiters() {
        return waiters;
    }

    /**
     * Worker only. Appends batches; the bytes are read before the worker's drain ends, and their offsets and leader epoch are
     * patched in place.
     *
     * @param allInsync acks=all: refused with NOT_ENOUGH_REPLICAS when too few replicas are in sync
     * @param done called once if the result is not Rejected: when the batches are committed, or when that can no longer be
     *     known; never before this method returned
     */
    public AppendResult append(
            ByteBuffer batches, AppendOrigin origin, boolean allInsync, long nowMs, Completion done) {
        worker.assertOwner();
        if (isOffline()) {
            return rejected(ErrorCode.KAFKA_STORAGE_ERROR);
        }
        var leader = leadership;
        if (!leader.local()) {
            return rejected(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        if (allInsync && leader.insyncReplicas() < minInsyncReplicas) {
            return rejected(ErrorCode.NOT_ENOUGH_REPLICAS);
        }
        var reserve = log.directory().reserve();
        if (origin == AppendOrigin.CLIENT ? reserve.refusesClients() : reserve.refusesAll()) {
            return new AppendResult.Rejected(
                    ErrorCode.KAFKA_STORAGE_ERROR,
                    DISK_FULL,
                    List.of(),
                    log.view().logStartOffset());
        }
        int sizeBytes = batches.remaining();
        AppendResult result;
        try {
            result = log.stage(batches, leader.epoch(), origin, nowMs);
        } catch (StorageException e) {
            return rejected(ErrorCode.KAFKA_STORAGE_ERROR);
        }
        if (result instanceof AppendResult.Appended appended) {
            stagedBytes += sizeBytes;
            await(appended.lastOffset(), done);
        } else if (result instanceof AppendResult.Duplicate duplicate) {
            await(duplicate.lastOffset(), done);
        }
        return result;
    }

    private AppendResult rejected(ErrorCode error) {
        return new AppendResult.Rejected(error, null, List.of(), log.view().logStartOffset());
    }

    private void await(long lastOffset, Completion done) {
        uncommitted.add(new Append(lastOffset, done));
        if (!touched) {
            touched = true;
            worker.touch(this);
        }
    }

    /** Whether a write is, or may be, followed by an fsync at once ({@code durability=fsync}, {@code flush.messages}). */
    boolean forcesWrites() {
        var config = log.config();
        return config.durability() == Durability.FSYNC || config.flushMessages() != Long.MAX_VALUE;
    }

    /**
     * Worker only, at the end of a drain. What is no failure of the disk takes the log directory offline, too: nobody knows what of the
     * records it has.
     *
     * @return whether {@code durable} must run before {@link #commitWritten}
     */
    boolean writeStaged(GroupCommit durable) {
        touched = false;
        written = Written.NOT;
        try {
            log.writeStaged(System.currentTimeMillis());
            if (log.awaitsJournal()) {
                durable.add(log);
                written = Written.FOR_THE_JOURNAL;
                return true;
            }
            written = Written.WHOLLY;
        } catch (StorageException e) {
            LOG.debug("Cannot write to {}", this, e);
        } catch (RuntimeException | Error e) {
            LOG.error("The records of {} were not written", this, e);
            log.directory().fail("Cannot write to " + this, e);
        }
        return false;
    }

    /**
     * Worker only. What was written is committed, unless the write or what makes it durable failed.
     *
     * @param durable the directories whose journal has what was to go there
     */
    void commitWritten(Set<LogDirectory> durable) {
        int newBytes = stagedBytes;
        stagedBytes = 0;
        boolean kept =
                written == Written.WHOLLY || written == Written.FOR_THE_JOURNAL && durable.contains(log.directory());
        if (!kept || isOffline()) {
            forgetUncommitted(ErrorCode.KAFKA_STORAGE_ERROR);
            return;
        }
        long committed = log.view().logEndOffset();
        log.advanceHighWatermark(committed);
        while (!uncommitted.isEmpty() && uncommitted.peek().lastOffset < committed) {
            tell(uncommitted.poll(), ErrorCode.NONE);
        }
        if (newBytes > 0) {
            waiters.advanced(newBytes);
        }
    }

    /** Worker only. The log is swapped for its copy at the end of this drain, when all that was written is committed. */
    void swapAtEnd(LogMove move, Swaps.Answer answer) {
        worker.assertOwner();
        swap = new LogSwapOrder(move, answer);
        worker.swapAtEnd(this);
    }

    /** Worker only, after everything else. */
    void swap() {
        var order = swap;
        swap = null;
        try {
            var next = order.move.source() == log ? order.move.swap(System.currentTimeMillis()) : null;
            if (next != null) {
                log = next;
            }
            order.answer.swapped(next != null);
        } catch (StorageException | RuntimeException | Error e) {
            order.answer.failed(e);
        }
    }

    /**
     * Worker only. Hides the records below an offset for good (DeleteRecords); their segments go with retention.
     *
     * @param offset −1 for the high watermark
     * @return NONE, or why nothing changed
     */
    public ErrorCode deleteRecords(long offset) {
        worker.assertOwner();
        if (isOffline()) {
            return ErrorCode.KAFKA_STORAGE_ERROR;
        }
        if (!leadership.local()) {
            return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        }
        if (log.config().compact() && !log.config().delete()) {
            return ErrorCode.POLICY_VIOLATION;
        }
        long highWatermark = log.view().highWatermark();
        long target = offset == -1 ? highWatermark : offset;
        if (target < 0 || target > highWatermark) {
            return ErrorCode.OFFSET_OUT_OF_RANGE;
        }
        try {
            if (log.advanceLogStart(target)) {
                LOG.info("Records of {} below offset {} were deleted by a client", this, target);
            }
            return ErrorCode.NONE;
        } catch (StorageException e) {
            return ErrorCode.KAFKA_STORAGE_ERROR;
        }
    }

    /** Worker only. Follows the metadata. Returns true if this broker begins to lead, or leads in a new epoch. */
    boolean become(Leadership next) {
        worker.assertOwner();
        var before = leadership;
        boolean newReign = next.local() && (!before.local() || before.epoch() != next.epoch());
        if (newReign) {
            log.startEpoch(next.epoch());
        }
        leadership = next;
        if (next.local() && next.insyncReplicas() == 1) {
            log.advanceHighWatermark(log.view().logEndOffset());
        }
        if (before.local() && (!next.local() || newReign)) {
            forgetUncommitted(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        waiters.disturbed();
        return newReign;
    }

    /** Worker only. */
    void reconfigure(LogConfig config, int minInsyncReplicas) {
        worker.assertOwner();
        this.minInsyncReplicas = minInsyncReplicas;
        log.reconfigure(config);
    }

    private void forgetUncommitted(ErrorCode error) {
        while (!uncommitted.isEmpty()) {
            tell(uncommitted.poll(), error);
        }
    }

    /** Whoever cannot bear the news keeps it from nobody else. */
    private void tell(Append append, ErrorCode error) {
        try {
            append.done.complete(error);
        } catch (RuntimeException | Error e) {
            LOG.error("Nobody was told what became of an append to {} ({})", this, error, e);
        }
    }

    @Override
    public String toString() {
        return name.toString();
    }

    private enum Written {
        NOT,
        FOR_THE_JOURNAL,
        WHOLLY
    }

    private record Append(long lastOffset, Completion done) {}

    private record LogSwapOrder(LogMove move, Swaps.Answer answer) {}
}
