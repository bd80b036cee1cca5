package io.barnabas.storage.producer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.protocol.record.EndTransactionMarker;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.producer.ProducerRules.Source;

/**
 * Idempotence and open transactions of one log. Owner thread only. Order of an append: {@code check…} before anything is
 * written, then {@link #update} once the batch has its offset. On recovery: {@link #reload}, {@link #update} for each
 * batch from the offset it returns, {@link #takeSnapshot} at the end.
 *
 * <p>Files: {@code %020d.snapshot} in the partition directory, written at each roll and at a clean shutdown; damaged
 * ones are deleted and the log is read instead.
 */
public final class ProducerLedger {
    /** No verification needed or had: the transaction is open already. */
    public static final long NO_GUARD = 0;
    /** The producer's epoch is older than one seen here. */
    public static final long STALE_EPOCH = -1;

    private final ProducerRules rules;
    private final ProducerSnapshots snapshots;
    private final Verifications verifications = new Verifications();
    private final Map<Long, ProducerState> producers = new HashMap<>();
    private final UnstableTransactions unstable = new UnstableTransactions();

    private ProducerSettings settings;
    private long endOffset;
    private long lastSnapshotOffset;

    /** An empty ledger; reads nothing from the disk until {@link #reload} or the first snapshot. */
    public ProducerLedger(Disk disk, Path directory, TopicPartition partition, ProducerSettings settings) {
        this.rules = new ProducerRules(partition);
        this.snapshots = new ProducerSnapshots(disk, directory);
        this.settings = settings;
    }

    public void settings(ProducerSettings newSettings) {
        settings = newSettings;
    }

    /** Writes what is known into another directory, durably, for {@link #moveTo}. */
    public void copyTo(Path directory, long offset) throws IOException {
        snapshots.in(directory).write(offset, producers.values(), true);
    }

    /** Deletes the snapshot of an offset, if there is one: {@link #copyTo} of another log has written or begun it here. */
    public void dropSnapshot(long offset) throws IOException {
        snapshots.drop(offset);
        lastSnapshotOffset = snapshots.latest().orElse(0);
    }

    /**
     * The log goes on in another directory.
     *
     * @param snapshotOffset of the newest snapshot there
     */
    public void moveTo(Path directory, long snapshotOffset) {
        snapshots.moveTo(directory);
        lastSnapshotOffset = snapshotOffset;
    }

    /** A batch of a Produce request. Allocates nothing for a producer that is not idempotent. */
    public ProducerCheck checkClient(RecordBatch batch, long verificationGuard) {
        if (!batch.hasProducerId()) {
            return ProducerCheck.ACCEPT;
        }
        var state = producers.get(batch.producerId());
        var duplicate = state == null ? null : state.duplicateOf(batch);
        return duplicate != null ? duplicate : check(batch, state, verificationGuard, (short) -1, Source.CLIENT);
    }

    /**
     * A batch or marker of a coordinator on this broker.
     *
     * @param transactionVersion of a marker: the {@code transaction.version} feature it was written under, 0 to 2
     */
    public ProducerCheck checkCoordinator(RecordBatch batch, long verificationGuard, short transactionVersion) {
        if (!batch.hasProducerId()) {
            return ProducerCheck.ACCEPT;
        }
        return check(
                batch, producers.get(batch.producerId()), verificationGuard, transactionVersion, Source.COORDINATOR);
    }

    /** A batch fetched from the leader: only a batch outside its open transaction is refused. */
    public ProducerCheck checkReplicated(RecordBatch batch) {
        if (!batch.hasProducerId()) {
            return ProducerCheck.ACCEPT;
        }
        return check(batch, producers.get(batch.producerId()), NO_GUARD, (short) -1, Source.REPLICATION);
    }

    private ProducerCheck check(
            RecordBatch batch, ProducerState state, long guard, short transactionVersion, Source source) {
        if (source != Source.REPLICATION && batch.isTransactional() && !inTransaction(state, batch.producerEpoch())) {
            if (state != null && batch.producerEpoch() < state.epoch()) {
                return rules.reject(
                        ErrorCode.INVALID_PRODUCER_EPOCH,
                        batch,
                        "has epoch " + batch.producerEpoch() + ", older than epoch " + state.epoch()
                                + ", which this partition has seen already");
            }
            if (settings.verifiesTransactions()
                    && !batch.isControl()
                    && !verifications.passes(batch.producerId(), guard)) {
                return rules.reject(
                        ErrorCode.INVALID_TXN_STATE,
                        batch,
                        "sent a batch of a transaction that its coordinator did not confirm for this partition");
            }
        }
        ProducerCheck.Reject rejected;
        if (batch.isControl()) {
            rejected = checkMarker(batch, state, transactionVersion, source);
        } else {
            rejected = rules.data(batch, state, verifications.of(batch.producerId()), source);
        }
        return rejected == null ? ProducerCheck.ACCEPT : rejected;
    }

    private ProducerCheck.Reject checkMarker(
            RecordBatch batch, ProducerState state, short transactionVersion, Source source) {
        if (batch.count() == 0) {
            return null;
        }
        if (source != Source.REPLICATION && transactionVersion < 0) {
            throw new IllegalArgumentException("A marker is appended without its transaction version");
        }
        Optional<EndTransactionMarker> marker;
        try {
            marker = EndTransactionMarker.of(batch);
        } catch (CorruptRecordsException e) {
            return rules.reject(ErrorCode.CORRUPT_MESSAGE, batch, "has a damaged marker, " + e.getMessage());
        }
        return marker.isEmpty() ? null : rules.marker(batch, marker.get(), state, transactionVersion, source);
    }

    private static boolean inTransaction(ProducerState state, short epoch) {
        return state != null && state.inTransaction() && state.epoch() == epoch;
    }

    /**
     * Takes in a batch that has its final offset, without any check: after a check that accepted it, or read from the
     * log. Batches come in the order of their offsets.
     *
     * @return the transaction that the batch ended; one aborted belongs into the index of the batch's segment
     * @throws CorruptRecordsException if a marker cannot be read
     */
    public Optional<CompletedTransaction> update(RecordBatch batch) {
        endOffset = batch.nextOffset();
        if (!batch.hasProducerId()) {
            return Optional.empty();
        }
        long producerId = batch.producerId();
        var state = producers.get(producerId);
        if (state == null) {
            state = new ProducerState(producerId);
            producers.put(producerId, state);
        }
        var completed = Optional.<CompletedTransaction>empty();
        if (batch.isControl()) {
            completed = end(batch, state);
        } else {
            long first = batch.baseOffset();
            state.addBatch(
                    batch.producerEpoch(),
                    batch.lastSequence(),
                    batch.lastOffset(),
                    batch.lastOffsetDelta(),
                    batch.maxTimestamp());
            if (batch.isTransactional() && !state.inTransaction()) {
                state.openTransaction(first);
                unstable.open(first, producerId);
            }
        }
        if (batch.isTransactional()) {
            verifications.appended(producerId, batch.producerEpoch(), batch.isControl());
        }
        return completed;
    }

    private Optional<CompletedTransaction> end(RecordBatch batch, ProducerState state) {
        try (var cursor = batch.cursor()) {
            if (!cursor.advance()) {
                return Optional.empty();
            }
            var record = cursor.record();
            var marker = EndTransactionMarker.of(record);
            if (marker.isEmpty()) {
                return Optional.empty();
            }
            long first = state.transactionStart();
            state.end(batch.producerEpoch(), marker.get().coordinatorEpoch(), record.timestamp());
            if (first < 0) {
                return Optional.empty();
            }
            long last = batch.baseOffset();
            long lastStable = unstable.end(first, last);
            return Optional.of(new CompletedTransaction(
                    state.producerId(), first, last, !marker.get().committed(), lastStable));
        }
    }

    /**
     * Asks for leave to write the first batch of a transaction here: the guard to pass to {@code check…} once the
     * coordinator confirms, {@link #NO_GUARD} if the transaction is open here already, {@link #STALE_EPOCH} if the batch
     * would be refused with INVALID_PRODUCER_EPOCH.
     *
     * @param supportsEpochBump whether the client is of transaction version 2 (KIP-890)
     */
    public long startVerification(long producerId, short epoch, int sequence, boolean supportsEpochBump, long nowMs) {
        var state = producers.get(producerId);
        if (state != null && epoch < state.epoch()) {
            return STALE_EPOCH;
        }
        return inTransaction(state, epoch)
                ? NO_GUARD
                : verifications.start(producerId, sequence, epoch, supportsEpochBump, nowMs);
    }

    /** First offset of a transaction that has no marker below the high watermark; −1 if there is none. */
    public long firstUnstableOffset() {
        return unstable.firstOffset();
    }

    /** Transactions whose markers are below the high watermark hold nothing back any more. */
    public void highWatermark(long offset) {
        unstable.highWatermark(offset);
    }

    /** The log starts at a higher offset now. */
    public void logStartOffset(long offset) throws IOException {
        highWatermark(offset);
        endOffset = Math.max(endOffset, offset);
        lastSnapshotOffset = snapshots.latest().orElse(offset);
    }

    /** Forgets producers that wrote nothing for {@code producer.id.expiration.ms} and have no transaction open. */
    public void expire(long nowMs) {
        producers.values().removeIf(state -> state.expired(nowMs, settings.idExpirationMs()));
        verifications.expire(nowMs, settings.idExpirationMs());
    }

    public int producerCount() {
        return producers.size();
    }

    /** By producer id, what compaction must keep so that the producer stays known. */
    public Map<Long, LastRecord> lastRecords() {
        var last = new HashMap<Long, LastRecord>(2 * producers.size());
        producers
                .values()
                .forEach(state -> last.put(state.producerId(), new LastRecord(state.lastOffset(), state.epoch())));
        return last;
    }

    /** Every producer remembered, for DescribeProducers. */
    public List<ActiveProducer> activeProducers() {
        return producers.values().stream()
                .map(state -> new ActiveProducer(
                        state.producerId(),
                        state.epoch(),
                        state.lastSequence(),
                        state.lastTimestampMs(),
                        state.coordinatorEpoch(),
                        state.transactionStart()))
                .toList();
    }

    /** When the producer of the oldest open transaction last wrote; −1 if none is open. */
    public long oldestTransactionTimestampMs() {
        var oldest = unstable.producerOfOldestOpen();
        var state = oldest == null ? null : producers.get(oldest);
        return state == null ? RecordBatch.NO_TIMESTAMP : state.lastTimestampMs();
    }

    /** The offset up to which the ledger knows the log. */
    public long endOffset() {
        return endOffset;
    }

    /**
     * Brings the ledger to a truncated or just opened log: drops snapshots outside of it and takes the newest left.
     *
     * @return from where on the caller must read the log into {@link #update}; {@code logEndOffset} if nowhere
     */
    public long reload(long logStartOffset, long logEndOffset, long nowMs) throws IOException {
        boolean nothingToForget = producers.isEmpty() && unstable.isEmpty() && endOffset >= logEndOffset;
        snapshots.keepWithin(logStartOffset, logEndOffset);
        if (endOffset == logEndOffset) {
            logStartOffset(logStartOffset);
        } else {
            forget();
            var loaded = snapshots.loadLatest();
            endOffset = loaded.map(ProducerSnapshots.Loaded::offset).orElse(logStartOffset);
            lastSnapshotOffset = endOffset;
            loaded.ifPresent(snapshot -> restore(snapshot.producers(), nowMs));
        }
        return nothingToForget ? logEndOffset : Math.min(endOffset, logEndOffset);
    }

    private void restore(List<ProducerState> states, long nowMs) {
        for (var state : states) {
            if (!state.expired(nowMs, settings.idExpirationMs())) {
                producers.put(state.producerId(), state);
                if (state.inTransaction()) {
                    unstable.open(state.transactionStart(), state.producerId());
                }
            }
        }
    }

    private void forget() {
        producers.clear();
        unstable.clear();
    }

    /** The log was emptied and goes on at an offset. */
    public void truncateFullyAndStartAt(long offset) throws IOException {
        forget();
        snapshots.cutAbove(-1);
        lastSnapshotOffset = 0;
        endOffset = offset;
    }

    /**
     * Writes a snapshot at an offset, unless one at or above it was written: before the first batch at that offset is
     * taken in.
     *
     * @param durable whether to wait for the disk; a snapshot lost in a crash only costs reading more of the log
     * @return whether one was written
     */
    public boolean takeSnapshot(long offset, boolean durable) throws IOException {
        endOffset = offset;
        if (offset <= lastSnapshotOffset) {
            return false;
        }
        snapshots.write(offset, producers.values(), durable);
        lastSnapshotOffset = offset;
        return true;
    }

    /** What is not known after {@link #reload} and {@link #update}, as snapshots do not have it. */
    public EarlierBatches earlierBatches() {
        return new EarlierBatches(producers.values());
    }

    public OptionalLong latestSnapshotOffset() throws IOException {
        return snapshots.latest();
    }

    public OptionalLong oldestSnapshotOffset() throws IOException {
        return snapshots.oldest();
    }

    /** The log ends here now. Before {@link #reload}. */
    public void cutSnapshotsAbove(long logEndOffset) throws IOException {
        snapshots.cutAbove(logEndOffset);
    }

    public void deleteSnapshotsBefore(long offset) throws IOException {
        snapshots.deleteBefore(offset);
    }

    /** Before loading: deletes snapshots that belong to no segment, but for the one of a clean shutdown. */
    public void deleteStraySnapshots(Collection<Long> segmentBaseOffsets) throws IOException {
        snapshots.deleteStray(segmentBaseOffsets);
    }

    /** Renames the snapshot of a segment being deleted to {@code .deleted}; the caller deletes it with the segment. */
    public Optional<Path> retireSnapshot(long segmentBaseOffset) throws IOException {
        return snapshots.retire(segmentBaseOffset);
    }
}
