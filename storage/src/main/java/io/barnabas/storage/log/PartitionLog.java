package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.epoch.EpochEndOffset;
import io.barnabas.storage.epoch.LeaderEpochs;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.journal.JournalEntries;
import io.barnabas.storage.producer.LastRecord;
import io.barnabas.storage.producer.ProducerLedger;
import io.barnabas.storage.recovery.LoadedLog;
import io.barnabas.storage.recovery.LogLoader;
import io.barnabas.storage.retention.Retention;
import io.barnabas.storage.segment.Segment;

/**
 * The log of one partition: a chain of segments in Kafka's on-disk format, with its leader epochs and producers.
 *
 * <p>Threads: one owner (a partition worker) calls everything that changes the log; {@link #view()}, the reads and lookups,
 * and {@link #flush} are for any thread. The owner publishes a new {@link LogView} by one volatile write after every
 * change; nothing else is shared. Never interrupt a thread that uses a log: an interrupt closes the file it is in.
 *
 * <p>Every method that touches the disk throws {@link StorageException} when the log directory is offline or its operation
 * fails, which takes the directory offline. What was staged but not written then is not in the log. If there was just no space for
 * it, it is forgotten, whatever of it was written is cut off again, and the directory stays online.
 */
public final class PartitionLog {
    static final long NEVER_CLEANED = -1;

    private final LogState state;
    private final Truncation truncation;
    private final Trimming trimming;
    private final CompactedSegments compacted;
    private final StagedTail staged;
    private final JournalledTail journalled;

    private PartitionLog(LogState state) {
        this.state = state;
        this.truncation = new Truncation(state);
        this.trimming = new Trimming(state, truncation);
        this.compacted = new CompactedSegments(state);
        this.staged = new StagedTail(state, truncation);
        this.journalled = new JournalledTail(state);
    }

    /** A log without records; its files appear with the first of them. */
    static PartitionLog create(LogHome home, Uuid topicId, LogConfig config, long nowMs) {
        var empty = List.of(Segment.create(home.directory().files(), home.path(), 0, nowMs));
        var epochs = LeaderEpochs.empty(home.disk(), home.path());
        var loaded = new LoadedLog(empty, 0, 0, 0, epochs, ledger(home));
        var idFile = TopicIdFile.of(home.disk(), home.path(), topicId);
        return new PartitionLog(new LogState(home, idFile, config, loaded, 0, NEVER_CLEANED, false, nowMs));
    }

    /**
     * A log found on disk.
     *
     * @param compacted {@link LogStoreConfig#compacted}
     * @param cleanedOffset as last checkpointed, −1 if never
     * @param scannedBytes told now and then how many bytes more a recovery has read
     */
    static PartitionLog load(
            LogHome home,
            LogConfig config,
            Predicate<String> compacted,
            long logStartCheckpoint,
            long recoveryPoint,
            long highWatermark,
            long cleanedOffset,
            boolean cleanShutdown,
            long nowMs,
            LongConsumer scannedBytes)
            throws IOException {
        var loader = new LogLoader(
                home.directory().files(),
                home.path(),
                config.indexIntervalBytes(),
                () -> cleanedOffset != NEVER_CLEANED
                        || compacted.test(home.partition().topic()),
                logStartCheckpoint,
                recoveryPoint,
                cleanShutdown,
                nowMs,
                scannedBytes);
        var loaded = loader.load(LeaderEpochs.load(home.disk(), home.path()), ledger(home));
        var idFile = TopicIdFile.load(home.disk(), home.path(), cleanShutdown || recoveryPoint > 0);
        return new PartitionLog(
                new LogState(home, idFile, config, loaded, highWatermark, cleanedOffset, cleanShutdown, nowMs));
    }

    private static ProducerLedger ledger(LogHome home) {
        return new ProducerLedger(home.disk(), home.path(), home.partition(), home.producerSettings());
    }

    public TopicPartition partition() {
        return state.home.partition();
    }

    /** The topic's id; {@link Uuid#ZERO} for a log found without {@code partition.metadata}. Any thread. */
    public Uuid topicId() {
        return state.topicId.id();
    }

    TopicIdPartition topicIdPartition() {
        return state.topicIdPartition();
    }

    /** Gives the log found without a topic id the one it has. */
    void adoptTopicId(Uuid id) throws StorageException {
        try {
            state.topicId.adopt(id, state.view.logEndOffset() > 0);
        } catch (IOException e) {
            throw failed("write the topic id of", e);
        }
    }

    /** For a copy whose file of it was lost: written with what comes next. */
    void takeTopicIdOf(PartitionLog source) {
        state.topicId.take(source.topicId());
    }

    public LogDirectory directory() {
        return state.home.directory();
    }

    public LogConfig config() {
        return state.config;
    }

    /** Takes effect with the next append. Any thread. */
    public void reconfigure(LogConfig newConfig) {
        state.config = newConfig;
    }

    /** The log as last published. Any thread. */
    public LogView view() {
        return state.view;
    }

    /** Bytes of all segments' data. Any thread. */
    public long sizeBytes() {
        return state.view.sizeBytes();
    }

    /** Offers one record batch and writes it at once: {@link #stage} and {@link #writeStaged}. */
    public AppendResult append(ByteBuffer batches, int leaderEpoch, AppendOrigin origin, long nowMs)
            throws StorageException {
        var result = stage(batches, leaderEpoch, origin, nowMs);
        writeStaged(nowMs);
        if (journalled.isAwaited()) {
            forgetUnjournaled();
            flush(nowMs);
        }
        return result;
    }

    /**
     * Validates a batch and assigns its offsets; {@link #writeStaged} writes it with all others staged. The buffer is
     * patched in place and must stay untouched until then. Later batches see the earlier ones (offsets, producers).
     *
     * @param batches one batch; replicated, one or more with their offsets
     * @param leaderEpoch stamped on the batch; replicated, batches of a higher epoch are not taken
     */
    public AppendResult stage(ByteBuffer batches, int leaderEpoch, AppendOrigin origin, long nowMs)
            throws StorageException {
        return stage(batches, leaderEpoch, origin, ProducerLedger.NO_GUARD, (short) 0, nowMs);
    }

    /**
     * The same for a batch of a transaction.
     *
     * @param verificationGuard of the transaction's first batch here, see {@link ProducerLedger#startVerification}
     * @param transactionVersion of a marker: the {@code transaction.version} it was written under, 0 to 2
     */
    public AppendResult stage(
            ByteBuffer batches,
            int leaderEpoch,
            AppendOrigin origin,
            long verificationGuard,
            short transactionVersion,
            long nowMs)
            throws StorageException {
        return staged.stage(batches, leaderEpoch, origin, verificationGuard, transactionVersion, nowMs);
    }

    /** Writes everything staged by one gathering write and publishes the view. Nothing staged: no-op. */
    public void writeStaged(long nowMs) throws StorageException {
        staged.write(nowMs);
    }

    /** Whether batches were staged that must become durable before they are acknowledged. Owner only. */
    public boolean awaitsJournal() {
        return journalled.isAwaited();
    }

    /** Hands these batches, written by {@link #writeStaged}, to a journal's next group. Owner only. */
    void journalInto(JournalEntries entries) throws StorageException {
        journalled.into(entries);
    }

    /** Whoever calls this flushes the log. */
    void forgetUnjournaled() {
        journalled.forget();
    }

    private StorageException failed(String verb, IOException cause) {
        return state.failed(verb, cause);
    }

    /**
     * Commits records below an offset. Going back or beyond the log end is ignored.
     *
     * @return whether the high watermark moved
     */
    public boolean advanceHighWatermark(long offset) {
        long target = Math.min(offset, state.view.logEndOffset());
        if (target <= state.highWatermark) {
            return false;
        }
        state.highWatermark = target;
        state.producers.highWatermark(target);
        state.publish();
        return true;
    }

    /**
     * Reads from an offset on. Any thread. The caller owns the leases of the file ranges it gets.
     *
     * @param maxBytes what to return at most
     * @param atLeastOneBatch return the first batch even if it is larger than that
     * @throws CorruptRecordsException if damage hides where the batch of that offset begins; as it is for the lookups by timestamp
     */
    public ReadResult read(long offset, int maxBytes, ReadIsolation isolation, boolean atLeastOneBatch)
            throws StorageException {
        return fromView(now -> LogReader.read(now, offset, maxBytes, isolation, atLeastOneBatch));
    }

    /**
     * Makes sure, where a read from an offset found nothing below another, that there is nothing. Any thread; reads the headers of all
     * batches from there on.
     *
     * @throws CorruptRecordsException if damage may hide records there
     */
    public void verifyGap(long from, long to) throws StorageException {
        fromView(now -> LogReader.isGap(now, from, to));
    }

    /** The first record whose timestamp is not below this one. Any thread. */
    public TimestampOffset offsetForTimestamp(long timestampMs) throws StorageException {
        return fromView(now -> LogReader.offsetForTimestamp(now, timestampMs));
    }

    /**
     * The first timestamp of the batch that holds the first record at or after an offset: that record's own, or one a little earlier.
     * -1 if there is no such record or it has no timestamp. Reads one batch header. Any thread; it may wait for the disk.
     */
    public long timestampAt(long offset) throws StorageException {
        return fromView(now -> LogReader.timestampAt(now, offset));
    }

    /** The first record that has the largest timestamp of the segments, below the log start too. Any thread. */
    public TimestampOffset offsetOfMaxTimestamp() throws StorageException {
        return fromView(LogReader::offsetOfMaxTimestamp);
    }

    private interface ViewReader<T> {
        T read(LogView view) throws IOException;
    }

    /** A failure while files under the view are or were truncated or deleted is no disk error: look again. */
    private <T> T fromView(ViewReader<T> reader) throws StorageException {
        state.home.directory().ensureOnline();
        while (true) {
            var now = state.view;
            try {
                return reader.read(now);
            } catch (IOException e) {
                if (state.gone) {
                    throw state.takenOut(e);
                }
                if (!state.cutting && now.sameFiles(state.view)) {
                    throw failed("read", e);
                }
                Thread.yield();
            } catch (CorruptRecordsException e) {
                if (!state.cutting && now.sameFiles(state.view)) {
                    throw e;
                }
                Thread.yield();
            }
        }
    }

    /** Largest known epoch not above this one and where it ended; {@link EpochEndOffset#UNKNOWN} if none. Any thread. */
    public EpochEndOffset endOffsetForEpoch(int epoch) {
        return state.epochs.endOffset(epoch, state.view.logEndOffset());
    }

    public OptionalInt latestEpoch() {
        return state.epochs.latest();
    }

    /** The epoch a record at this offset was written in. Any thread. */
    public OptionalInt epochAt(long offset) {
        return state.epochs.epochAt(offset);
    }

    /** Notes that this broker leads with an epoch from the log end on. */
    public void startEpoch(int epoch) {
        state.epochs.assign(epoch, state.chain.nextOffset());
    }

    /** Forgets producers idle for {@code producer.id.expiration.ms}. Owner only, every few minutes. */
    public void expireProducers(long nowMs) {
        state.producers.expire(nowMs);
    }

    /** Idempotent and transactional producers remembered. Owner only. */
    public int producerCount() {
        return state.producers.producerCount();
    }

    /** Makes all that is published durable; the worker's group commit, {@code flush.ms}, or a close. Any thread. */
    public void flush(long nowMs) throws StorageException {
        state.flush(nowMs);
    }

    /** The same for what can wait until there is space for the log's small files. */
    public void flushUnlessFull(long nowMs) throws StorageException {
        state.flusher.flushUnlessFull(() -> state.view, nowMs);
    }

    /** Makes rolled segments durable, with their indexes, if there is space. Any thread but an owner that must not wait. */
    public void flushRolled(long nowMs) throws StorageException {
        state.flusher.flushRolled(() -> state.view, nowMs);
    }

    /** Whether {@code flush.ms} asks for a flush. Any thread. */
    public boolean flushDue(long nowMs) {
        return state.view.logEndOffset() > state.flusher.recoveryPoint()
                && nowMs - state.flusher.lastFlushMs() >= state.config.flushMs();
    }

    /** Offset below which the log is on stable storage. Any thread. */
    public long recoveryPoint() {
        return state.flusher.recoveryPoint();
    }

    /** What to write to the recovery point checkpoint. Any thread. */
    long recoveryCheckpoint() {
        return state.recoveryCheckpoint.begin(() -> state.view);
    }

    /** The checkpoint file on the disk has this recovery point now. */
    void recoveryCheckpointWritten(long offset) {
        state.recoveryCheckpoint.written(offset);
    }

    /** Below this offset whole segments are trusted after a power loss. Any thread. */
    public long writtenRecoveryPoint() {
        return state.recoveryCheckpoint.written();
    }

    /** Offset below which the log was compacted; −1 if it never was. Any thread. */
    public long cleanedOffset() {
        return state.cleanedOffset;
    }

    /** How often records were cut off the end: a compaction that began before a cut is void. Any thread. */
    public int cuts() {
        return state.cuts;
    }

    /** Whether the log was taken out of its store. Any thread. */
    public boolean isGone() {
        return state.gone;
    }

    /** Whether it is being moved to another directory: it is not compacted meanwhile. Any thread. */
    public boolean isMoving() {
        return state.follower != null;
    }

    LogState state() {
        return state;
    }

    /** A log over what the parts given hold already. */
    static PartitionLog of(LogState state) {
        return new PartitionLog(state);
    }

    /** Ends, without records in between, at a higher offset. If there is no space for that, it can be tried again. */
    void skipTo(long offset, long nowMs) throws StorageException {
        staged.writeOut(nowMs);
        try {
            state.appender.roll(offset, nowMs);
            state.chain.active().createFiles();
            state.chain.continueInEmptySegment();
            state.publish();
        } catch (IOException e) {
            throw state.home.directory().failUnlessFull("Cannot roll " + partition(), e);
        }
    }

    /** Told before the files move away: the log is not changed any more, and failures from now on are no disk errors. Owner only. */
    void leave() {
        state.leave();
    }

    /** Its files are in another directory now, for those who still read it. */
    void movedTo(Path directory) {
        state.chain.movedTo(directory);
        state.home.deletes().moved(state.home.path(), directory);
    }

    /** By producer id, where remembered producers wrote last. Owner only. */
    public Map<Long, LastRecord> lastRecords() {
        return state.producers.lastRecords();
    }

    /** A segment for a compaction to fill, in files of its own; {@link #replaceSegments} puts it in its place. Any thread. */
    public Segment createCleanedSegment(long baseOffset) throws IOException {
        return Segment.createCleaned(state.home.directory().files(), state.home.path(), baseOffset);
    }

    /**
     * Puts a compacted segment, durable already, in the place of those it was made from. Every state on the way is one that
     * the next start completes or undoes; call {@link #forceDirectory} afterwards. Owner only.
     *
     * @param old rolled segments, in their order
     * @param cutsBefore {@link #cuts} when the compaction began
     * @return false, with nothing changed, if the log is not as it was then
     */
    public boolean replaceSegments(List<Segment> old, Segment cleaned, int cutsBefore, long nowMs)
            throws StorageException {
        return compacted.replace(old, cleaned, cutsBefore, nowMs);
    }

    /** Makes replaced segments survive a power loss. Any thread. */
    public void forceDirectory() throws IOException {
        state.home.disk().forceDirectory(state.home.path());
    }

    /** Notes how far the log was compacted, unless records were cut meanwhile. Owner only. */
    public void cleanedUpTo(long offset, int cutsBefore) {
        compacted.cleanedUpTo(offset, cutsBefore);
    }

    /** Cuts all records at and above an offset, by whole batches. Durable when it returns. */
    public void truncateTo(long offset, long nowMs) throws StorageException {
        staged.writeOut(nowMs);
        truncation.truncateTo(offset, nowMs);
    }

    /** Drops everything; the log goes on, empty, at an offset. Durable when it returns. */
    public void truncateFullyAndStartAt(long offset, long nowMs) throws StorageException {
        staged.writeOut(nowMs);
        truncation.truncateFullyAndStartAt(offset, nowMs);
    }

    /**
     * Hides records below an offset (DeleteRecords, or the leader's log start); whole segments below it go with
     * {@link #deleteSegmentsUpTo}.
     *
     * @param offset at most the high watermark, or it is ignored
     * @return whether the log start moved
     */
    public boolean advanceLogStart(long offset) throws StorageException {
        return trimming.advanceLogStart(offset);
    }

    /**
     * The offset up to which the topic's retention lets whole segments go now: the end of one, or the start of the log if none may go. Any
     * thread. It stays true whatever happens to the log meanwhile.
     */
    public long deletableUpTo(long nowMs) throws StorageException {
        var settings = state.config;
        return fromView(now -> {
            var facts = now.facts();
            int count = Retention.deletable(
                    facts,
                    settings.delete(),
                    settings.retentionMs(),
                    settings.retentionBytes(),
                    now.logStartOffset(),
                    now.highWatermark(),
                    nowMs);
            return count == 0 ? facts.get(0).baseOffset() : facts.get(count - 1).nextOffset();
        });
    }

    /**
     * Deletes the oldest segments that end at or below an offset: out of the log at once, their files renamed to {@code .deleted} and
     * removed after {@code file.delete.delay.ms}. Deleting all of them rolls the log first.
     *
     * @return how many were deleted
     */
    public int deleteSegmentsUpTo(long offset, long nowMs) throws StorageException {
        if (state.gone || offset <= state.chain.firstOffset()) {
            return 0;
        }
        staged.writeOut(nowMs);
        return trimming.deleteSegmentsUpTo(offset, nowMs);
    }

    /**
     * Writes out what a clean restart trusts: data, indexes, epochs and producers. The log is unusable afterwards.
     *
     * @throws StorageException if the directory failed, or there is no space, so that it is not to be trusted
     */
    void close(long nowMs) throws StorageException {
        writeStaged(nowMs);
        flushUnlessFull(nowMs);
        try {
            if (state.chain.active().sizeBytes() > 0) {
                state.chain.active().seal();
                state.chain.active().force(true);
            }
            if (state.chain.nextOffset() > 0) {
                state.epochs.flush();
                state.producers.takeSnapshot(state.chain.nextOffset(), false);
            } else {
                // A log that was emptied had nothing to flush.
                state.topicId.force();
            }
            state.chain.discard();
        } catch (IOException e) {
            throw state.home.directory().failUnlessFull("Cannot close " + partition(), e);
        }
    }

    /** Lets go of all files without writing anything. */
    void abandon() {
        state.chain.discard();
    }

    Path path() {
        return state.home.path();
    }

    @Override
    public String toString() {
        return state.home.partition() + " in " + state.home.directory();
    }
}
