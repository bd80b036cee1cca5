package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.TimestampType;
import io.barnabas.storage.epoch.LeaderEpochs;
import io.barnabas.storage.producer.ProducerCheck;
import io.barnabas.storage.producer.ProducerLedger;

/**
 * The way of a batch into a log: record rules, producer rules, leader epoch, segment. Nothing changes for a batch that is
 * not taken. Owner thread only.
 */
final class Appender {
    private final AppendValidator validator;
    private final SegmentChain chain;
    private final ProducerLedger producers;
    private final LeaderEpochs epochs;
    private final ArrayList<ByteBuffer> unjournaled = new ArrayList<>(0);
    /** Three files, an entry of the directory for each, and with the first records the files of topic id and epochs. */
    private static final int NEW_SEGMENT_BYTES = 32 << 10;

    private boolean unwritten;
    private long unwrittenRecords;
    private long unwrittenBytes;

    Appender(TopicPartition partition, SegmentChain chain, ProducerLedger producers, LeaderEpochs epochs) {
        this.validator = new AppendValidator(partition);
        this.chain = chain;
        this.producers = producers;
        this.epochs = epochs;
    }

    AppendResult stageOwn(
            ByteBuffer offered,
            int leaderEpoch,
            AppendOrigin origin,
            long verificationGuard,
            short transactionVersion,
            LogConfig config,
            long logStartOffset,
            long nowMs)
            throws IOException {
        var rejected = validator.check(offered, chain.nextOffset(), leaderEpoch, origin, config, logStartOffset, nowMs);
        if (rejected != null) {
            return rejected;
        }
        var batch = validator.batch();
        var check = origin == AppendOrigin.CLIENT
                ? producers.checkClient(batch, verificationGuard)
                : producers.checkCoordinator(batch, verificationGuard, transactionVersion);
        if (!(check instanceof ProducerCheck.Accept)) {
            return refused(check, logStartOffset);
        }
        epochs.assign(leaderEpoch, batch.baseOffset());
        store(batch, config, nowMs);
        return new AppendResult.Appended(
                batch.baseOffset(),
                batch.lastOffset(),
                config.timestampType() == TimestampType.LOG_APPEND_TIME ? nowMs : -1,
                logStartOffset);
    }

    /** Batches before a bad one stay; a batch of a later epoch than asked for, and all after it, are not taken. */
    AppendResult stageReplicated(ByteBuffer offered, int leaderEpoch, LogConfig config, long logStartOffset, long nowMs)
            throws IOException {
        long first = chain.nextOffset();
        while (offered.hasRemaining()) {
            var rejected = validator.checkReplicated(offered, chain.nextOffset(), logStartOffset);
            if (rejected != null) {
                return rejected;
            }
            var batch = validator.batch();
            if (batch.partitionLeaderEpoch() > leaderEpoch) {
                break;
            }
            var check = producers.checkReplicated(batch);
            if (!(check instanceof ProducerCheck.Accept)) {
                return refused(check, logStartOffset);
            }
            if (batch.partitionLeaderEpoch() >= 0) {
                epochs.assign(batch.partitionLeaderEpoch(), batch.baseOffset());
            }
            store(batch, config, nowMs);
        }
        return new AppendResult.Appended(first, chain.nextOffset() - 1, -1, logStartOffset);
    }

    private static AppendResult refused(ProducerCheck check, long logStartOffset) {
        if (check instanceof ProducerCheck.Duplicate known) {
            return new AppendResult.Duplicate(
                    known.baseOffset(), known.lastOffset(), known.timestampMs(), logStartOffset);
        }
        var reject = (ProducerCheck.Reject) check;
        return new AppendResult.Rejected(reject.error(), reject.message(), List.of(), logStartOffset);
    }

    private void store(RecordBatch batch, LogConfig config, long nowMs) throws IOException {
        if (chain.mustRoll(batch, config, nowMs)) {
            roll(batch.baseOffset(), nowMs);
        }
        int sizeBytes = validator.storable().remaining();
        // Entries of the indexes, and then some.
        unwrittenBytes += sizeBytes + sizeBytes / 64 + (chain.isAtStartOfSegment() ? NEW_SEGMENT_BYTES : 0);
        if (config.durability() == Durability.FSYNC) {
            unjournaled.add(validator.storable().duplicate());
            unwrittenBytes += sizeBytes;
        }
        chain.stage(batch, validator.storable(), config.indexIntervalBytes());
        var ended = producers.update(batch);
        if (ended.isPresent() && ended.get().aborted()) {
            chain.active().transactionIndex().append(ended.get().toIndexEntry());
        }
        unwritten = true;
        unwrittenRecords += batch.count();
    }

    /** Ends the active segment, after writing what is staged for it. */
    void roll(long newBaseOffset, long nowMs) throws IOException {
        if (chain.roll(newBaseOffset, nowMs)) {
            producers.takeSnapshot(newBaseOffset, false);
        }
    }

    /** Whether anything was taken since the last {@link #takeWritten}. */
    boolean hasUnwritten() {
        return unwritten;
    }

    /** How much of the disk what was taken since the last {@link #takeWritten} or {@link #forget} may need, at most. */
    long unwrittenBytes() {
        return unwrittenBytes;
    }

    /** Whether batches were taken that the journal does not have. */
    boolean hasUnjournaled() {
        return !unjournaled.isEmpty();
    }

    List<ByteBuffer> takeUnjournaled() {
        var taken = List.copyOf(unjournaled);
        unjournaled.clear();
        return taken;
    }

    /** What was taken and not written is given up. */
    void forget() {
        unwritten = false;
        unwrittenRecords = 0;
        unwrittenBytes = 0;
        unjournaled.clear();
    }

    /** How many records were taken since the last call; they are written now. */
    long takeWritten() {
        long written = unwrittenRecords;
        unwritten = false;
        unwrittenRecords = 0;
        unwrittenBytes = 0;
        return written;
    }
}
