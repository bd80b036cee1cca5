package io.barnabas.storage.log;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.TimestampType;
import io.barnabas.storage.dir.DeferredDeletes;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.epoch.LeaderEpochs;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.producer.ProducerLedger;
import io.barnabas.storage.recovery.LoadedLog;
import io.barnabas.storage.recovery.LogLoader;
import io.barnabas.storage.recovery.ProducerRebuild;
import io.barnabas.storage.retention.Retention;
import io.barnabas.storage.retention.SegmentFacts;
import io.barnabas.storage.segment.BatchTail;
import io.barnabas.storage.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * The log of one partition: a chain of segments in Kafka's on-disk format, with its leader epochs and producers.
 *
 * <p>Threads: one owner (a partition worker) calls everything that changes the log; {@link #view()}, the reads and lookups,
 * and {@link #flush} are for any thread. The owner publishes a new {@link LogView} by one volatile write after every
 * change; nothing else is shared. Never interrupt a thread that uses a log: an interrupt closes the file it is in.
 *
 * <p>Every method that touches the disk throws {@link StorageException} when the log directory is offline or its operation
 * fails, which takes the directory offline. What was staged but not written then is not in the log.
 */
public final class PartitionLog {
    private final TopicPartition partition;
    private final Uuid topicId;
    private final LogDirectory directory;
    private final Path path;
    private final DeferredDeletes deletes;
    private final Consumer<LogDirectory> recoveryPointLowered;
    private final AppendValidator validator;
    private final StagedWrites staged = new StagedWrites();
    private final ProducerLedger producers;
    private final LeaderEpochs epochs;
    private final Flusher flusher;

    private volatile LogConfig config;
    private volatile LogView view;
    private volatile long checkpointedRecoveryPoint;

    private Segment[] segments;
    private BatchTail tail;
    private long logStartOffset;
    /** Offset of the next batch, counting what is staged. */
    private long nextOffset;
    /** Offset after the last batch written. */
    private long writtenEnd;

    private boolean unpublished;
    private long highWatermark;
    private long unflushedMessages;

    private PartitionLog(
            TopicPartition partition,
            Uuid topicId,
            LogDirectory directory,
            Path path,
            DeferredDeletes deletes,
            Consumer<LogDirectory> recoveryPointLowered,
            LogConfig config,
            LoadedLog loaded,
            long highWatermark,
            boolean onStableStorage,
            long nowMs) {
        this.partition = partition;
        this.topicId = topicId;
        this.directory = directory;
        this.path = path;
        this.deletes = deletes;
        this.recoveryPointLowered = recoveryPointLowered;
        this.checkpointedRecoveryPoint = loaded.recoveryPoint();
        this.config = config;
        this.validator = new AppendValidator(partition);
        this.producers = loaded.producers();
        this.epochs = loaded.epochs();
        this.segments = loaded.segments().toArray(Segment[]::new);
        this.logStartOffset = loaded.logStartOffset();
        this.nextOffset = loaded.nextOffset();
        this.writtenEnd = nextOffset;
        this.highWatermark = Math.min(Math.max(highWatermark, logStartOffset), nextOffset);
        this.tail = BatchTail.startingAt(nextOffset, active().sizeBytes());
        this.flusher = new Flusher(directory, path, loaded.recoveryPoint(), onStableStorage, nowMs);
        publish();
    }

    /** A log without records; its files appear with the first of them. */
    static PartitionLog create(
            TopicPartition partition,
            Uuid topicId,
            LogDirectory directory,
            Path path,
            DeferredDeletes deletes,
            Consumer<LogDirectory> recoveryPointLowered,
            LogConfig config,
            long nowMs) {
        var loaded = new LoadedLog(
                List.of(Segment.create(directory.files(), path, 0, nowMs, 0)),
                0,
                0,
                0,
                new LeaderEpochs(),
                new ProducerLedger());
        return new PartitionLog(partition, topicId, directory, path, deletes, recoveryPointLowered, config, loaded, 0, false, nowMs);
    }

    /** A log found on disk. */
    static PartitionLog load(
            TopicPartition partition,
            LogDirectory directory,
            Path path,
            DeferredDeletes deletes,
            Consumer<LogDirectory> recoveryPointLowered,
            LogConfig config,
            long logStartCheckpoint,
            long recoveryPoint,
            long highWatermark,
            boolean cleanShutdown,
            long nowMs)
            throws IOException {
        var loader = new LogLoader(
                directory.files(),
                path,
                config.indexIntervalBytes(),
                config.compact(),
                logStartCheckpoint,
                recoveryPoint,
                cleanShutdown,
                nowMs);
        var loaded = loader.load(new LeaderEpochs(), new ProducerLedger());
        return new PartitionLog(
                partition, Uuid.ZERO, directory, path, deletes, recoveryPointLowered, config, loaded, highWatermark, cleanShutdown, nowMs);
    }

    public TopicPartition partition() {
        return partition;
    }

    /** The topic's id; {@link Uuid#ZERO} for a log adopted without {@code partition.metadata}. */
    public Uuid topicId() {
        return topicId;
    }

    public LogDirectory directory() {
        return directory;
    }

    public LogConfig config() {
        return config;
    }

    /** Takes effect with the next append. Any thread. */
    public void reconfigure(LogConfig newConfig) {
        config = newConfig;
    }

    /** The log as last published. Any thread. */
    public LogView view() {
        return view;
    }

    /** Bytes of all segments' data. Any thread. */
    public long sizeBytes() {
        return view.sizeBytes();
    }

    private Segment active() {
        return segments[segments.length - 1];
    }

    /** Where the next batch staged will lie in the active segment. */
    private int stagedEnd() {
        return active().sizeBytes() + staged.sizeBytes();
    }

    /** Offers one record batch and writes it at once: {@link #stage} and {@link #writeStaged}. */
    public AppendResult append(ByteBuffer batches, int leaderEpoch, AppendOrigin origin, long nowMs)
            throws StorageException {
        var result = stage(batches, leaderEpoch, origin, nowMs);
        writeStaged(nowMs);
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
        directory.ensureOnline();
        try {
            return origin == AppendOrigin.REPLICATION
                    ? stageReplicated(batches, leaderEpoch, nowMs)
                    : stageOwn(batches, leaderEpoch, origin, nowMs);
        } catch (IOException e) {
            throw directory.fail("Cannot append to " + partition, e);
        }
    }

    private AppendResult stageOwn(ByteBuffer offered, int leaderEpoch, AppendOrigin origin, long nowMs)
            throws IOException {
        var settings = config;
        var rejected = validator.check(offered, nextOffset, leaderEpoch, origin, settings, logStartOffset, nowMs);
        if (rejected != null) {
            return rejected;
        }
        var batch = validator.batch();
        epochs.assign(leaderEpoch, batch.baseOffset());
        store(batch, validator.storable(), nowMs);
        return new AppendResult.Appended(
                batch.baseOffset(),
                batch.lastOffset(),
                settings.timestampType() == TimestampType.LOG_APPEND_TIME ? nowMs : -1,
                logStartOffset);
    }

    /** Batches before a bad one stay; a batch of a later epoch than asked for, and all after it, are not taken. */
    private AppendResult stageReplicated(ByteBuffer offered, int leaderEpoch, long nowMs) throws IOException {
        long first = nextOffset;
        while (offered.hasRemaining()) {
            var rejected = validator.checkReplicated(offered, nextOffset, logStartOffset);
            if (rejected != null) {
                return rejected;
            }
            var batch = validator.batch();
            if (batch.partitionLeaderEpoch() > leaderEpoch) {
                break;
            }
            epochs.assign(batch.partitionLeaderEpoch(), batch.baseOffset());
            store(batch, validator.storable(), nowMs);
        }
        return new AppendResult.Appended(first, nextOffset - 1, -1, logStartOffset);
    }

    private void store(RecordBatch batch, ByteBuffer bytes, long nowMs) throws IOException {
        int sizeBytes = batch.sizeBytes();
        long lastOffset = batch.lastOffset();
        long timestampMs = batch.maxTimestamp();
        rollIfNeeded(sizeBytes, lastOffset, timestampMs, batch.baseOffset(), nowMs);
        int position = stagedEnd();
        active().note(position, sizeBytes, lastOffset, timestampMs, config.indexIntervalBytes());
        tail = tail.add(lastOffset, position + sizeBytes);
        staged.add(bytes);
        unpublished = true;
        nextOffset = lastOffset + 1;
        unflushedMessages += batch.count();
    }

    /** Writes everything staged by one gathering write and publishes the view. Nothing staged: no-op. */
    public void writeStaged(long nowMs) throws StorageException {
        if (!unpublished) {
            return;
        }
        directory.ensureOnline();
        try {
            writeBuffers();
        } catch (IOException e) {
            throw directory.fail("Cannot write to " + partition, e);
        }
        publish();
        if (unflushedMessages >= config.flushMessages()) {
            flush(nowMs);
            unflushedMessages = 0;
        }
    }

    private void writeBuffers() throws IOException {
        if (staged.count() > 0) {
            active().write(staged.buffers(), staged.count(), staged.sizeBytes());
            staged.clear();
        }
        writtenEnd = nextOffset;
    }

    private void rollIfNeeded(int batchSizeBytes, long lastOffset, long timestampMs, long newBaseOffset, long nowMs)
            throws IOException {
        var settings = config;
        if (active().mustRoll(
                stagedEnd(),
                batchSizeBytes,
                lastOffset,
                timestampMs,
                nowMs,
                settings.segmentBytes(),
                settings.rollMs(),
                settings.segmentIndexBytes())) {
            writeBuffers();
            roll(newBaseOffset, nowMs);
        }
    }

    private void roll(long newBaseOffset, long nowMs) throws IOException {
        var settings = config;
        long jitterMs = settings.segmentJitterMs() == 0
                ? 0
                : ThreadLocalRandom.current().nextLong(Math.min(settings.segmentJitterMs(), settings.segmentMs()));
        var next = Segment.create(directory.files(), path, newBaseOffset, nowMs, jitterMs);
        if (active().sizeBytes() == 0) {
            // Nothing was ever written to it: it has no files, or empty ones of the same base offset.
            segments = segments.clone();
        } else {
            active().seal();
            producers.takeSnapshot(newBaseOffset);
            segments = Arrays.copyOf(segments, segments.length + 1);
        }
        segments[segments.length - 1] = next;
        tail = BatchTail.startingAt(newBaseOffset, 0);
    }

    /**
     * Commits records below an offset. Going back or beyond the log end is ignored.
     *
     * @return whether the high watermark moved
     */
    public boolean advanceHighWatermark(long offset) {
        long target = Math.min(offset, view.logEndOffset());
        if (target <= highWatermark) {
            return false;
        }
        highWatermark = target;
        producers.highWatermark(target);
        publish();
        return true;
    }

    private void publish() {
        long firstUnstable = producers.firstUnstableOffset();
        long lastStable = firstUnstable < 0 ? highWatermark : Math.min(highWatermark, Math.max(firstUnstable, logStartOffset));
        view = new LogView(
                logStartOffset,
                writtenEnd,
                highWatermark,
                lastStable,
                segments,
                active().sizeBytes(),
                tail,
                tail.count());
        unpublished = staged.count() > 0;
    }

    /**
     * Reads from an offset on. Any thread. The caller owns the leases of the file ranges it gets.
     *
     * @param maxBytes what to return at most
     * @param atLeastOneBatch return the first batch even if it is larger than that
     */
    public ReadResult read(long offset, int maxBytes, ReadIsolation isolation, boolean atLeastOneBatch)
            throws StorageException {
        return fromView(now -> LogReader.read(now, offset, maxBytes, isolation, atLeastOneBatch));
    }

    /** The first record whose timestamp is not below this one. Any thread. */
    public TimestampOffset offsetForTimestamp(long timestampMs) throws StorageException {
        return fromView(now -> LogReader.offsetForTimestamp(now, timestampMs));
    }

    /** The first record that has the largest timestamp of the log. Any thread. */
    public TimestampOffset offsetOfMaxTimestamp() throws StorageException {
        return fromView(LogReader::offsetOfMaxTimestamp);
    }

    private interface ViewReader<T> {
        T read(LogView view) throws IOException;
    }

    /** A failure while the files under the view were truncated or deleted is no disk error: look again. */
    private <T> T fromView(ViewReader<T> reader) throws StorageException {
        directory.ensureOnline();
        while (true) {
            var now = view;
            try {
                return reader.read(now);
            } catch (IOException e) {
                if (now.sameFiles(view)) {
                    throw directory.fail("Cannot read " + partition, e);
                }
            }
        }
    }

    /** Largest known epoch not above this one and where it ended; {@link EpochEndOffset#UNKNOWN} if none. Any thread. */
    public EpochEndOffset endOffsetForEpoch(int epoch) {
        return epochs.endOffset(epoch, view.logEndOffset());
    }

    public OptionalInt latestEpoch() {
        return epochs.latest();
    }

    /** The epoch a record at this offset was written in. Any thread. */
    public OptionalInt epochAt(long offset) {
        return epochs.epochAt(offset);
    }

    /** Notes that this broker leads with an epoch from the log end on. */
    public void startEpoch(int epoch) {
        epochs.assign(epoch, nextOffset);
    }

    /** Makes all that is published durable; the worker's group commit, {@code flush.ms}, or a close. Any thread. */
    public void flush(long nowMs) throws StorageException {
        flusher.flush(view, nowMs);
    }

    /** Makes rolled segments durable, with their indexes. Any thread but an owner that must not wait. */
    public void flushRolled(long nowMs) throws StorageException {
        flusher.flushRolled(view, nowMs);
    }

    /** Whether {@code flush.ms} asks for a flush. Any thread. */
    public boolean flushDue(long nowMs) {
        return view.logEndOffset() > flusher.recoveryPoint() && nowMs - flusher.lastFlushMs() >= config.flushMs();
    }

    /** Offset below which the log is on stable storage. Any thread. */
    public long recoveryPoint() {
        return flusher.recoveryPoint();
    }

    /** What to write to the recovery point checkpoint. Any thread. */
    long recoveryCheckpoint() {
        return checkpointedRecoveryPoint = flusher.checkpointOffset(view);
    }

    /**
     * Cuts all records at and above an offset; the segment that holds it is cut at its batch. Staged batches must have been
     * written before.
     */
    public void truncateTo(long offset, long nowMs) throws StorageException {
        if (offset >= nextOffset) {
            return;
        }
        if (offset < segments[0].baseOffset()) {
            truncateFullyAndStartAt(offset, nowMs);
            return;
        }
        directory.ensureOnline();
        try {
            lowerRecoveryPoint(offset);
            int keep = view.segmentOf(offset) + 1;
            if (keep < segments.length) {
                // Newest first: a crash in between leaves a prefix, no gap.
                var above = new ArrayList<>(Arrays.asList(segments).subList(keep, segments.length));
                Collections.reverse(above);
                retire(above, nowMs);
                directory.disk().forceDirectory(path);
            }
            segments = Arrays.copyOf(segments, keep);
            active().truncateTo(offset);
            nextOffset = offset;
            logStartOffset = Math.min(logStartOffset, offset);
            highWatermark = Math.min(highWatermark, offset);
            epochs.truncateFromEnd(offset);
            ProducerRebuild.rebuild(producers, List.of(segments), logStartOffset, offset, Long.MAX_VALUE, nowMs);
            restartTail();
        } catch (IOException e) {
            throw directory.fail("Cannot truncate " + partition + " to offset " + offset, e);
        }
    }

    /**
     * Before records are cut that a checkpoint calls durable: what is written in their place would pass for durable after a
     * crash.
     */
    private void lowerRecoveryPoint(long offset) {
        flusher.truncatedTo(offset);
        if (offset < checkpointedRecoveryPoint) {
            recoveryPointLowered.accept(directory);
        }
    }

    /** Drops everything; the log goes on, empty, at an offset. */
    public void truncateFullyAndStartAt(long offset, long nowMs) throws StorageException {
        directory.ensureOnline();
        try {
            lowerRecoveryPoint(Math.min(offset, segments[0].baseOffset()));
            retire(Arrays.asList(segments), nowMs);
            var fresh = Segment.create(directory.files(), path, offset, nowMs, 0);
            // The file's name is what keeps the offset over a restart.
            fresh.createFiles();
            directory.disk().forceDirectory(path);
            segments = new Segment[] {fresh};
            flusher.restartedAt(offset);
            nextOffset = offset;
            logStartOffset = offset;
            highWatermark = offset;
            epochs.clear();
            producers.truncateFullyAndStartAt(offset);
            restartTail();
        } catch (IOException e) {
            throw directory.fail("Cannot restart " + partition + " at offset " + offset, e);
        }
    }

    private void restartTail() {
        writtenEnd = nextOffset;
        tail = BatchTail.startingAt(nextOffset, active().sizeBytes());
        publish();
    }

    /**
     * Hides records below an offset (DeleteRecords, or the leader's log start); whole segments below it go with
     * {@link #deleteOldSegments}.
     *
     * @param offset at most the high watermark, or it is ignored
     * @return whether the log start moved
     */
    public boolean advanceLogStart(long offset) throws StorageException {
        if (offset <= logStartOffset || offset > highWatermark) {
            return false;
        }
        directory.ensureOnline();
        try {
            logStartOffset = offset;
            epochs.truncateFromStart(offset);
            producers.logStartOffset(offset);
        } catch (IOException e) {
            throw directory.fail("Cannot move the log start of " + partition, e);
        }
        publish();
        return true;
    }

    /** How many segments from the oldest on the topic's retention lets go now. Any thread. */
    public int deletableSegments(long nowMs) throws StorageException {
        var settings = config;
        return fromView(now -> Retention.deletable(
                facts(now),
                settings.delete(),
                settings.retentionMs(),
                settings.retentionBytes(),
                now.logStartOffset(),
                now.highWatermark(),
                nowMs));
    }

    private static List<SegmentFacts> facts(LogView view) throws IOException {
        var facts = new ArrayList<SegmentFacts>(view.segmentCount());
        for (int i = 0; i < view.segmentCount(); i++) {
            var segment = view.segment(i);
            long end = i + 1 < view.segmentCount() ? view.segment(i + 1).baseOffset() : view.logEndOffset();
            facts.add(new SegmentFacts(
                    segment.baseOffset(), end, view.sizeBytes(i), segment.largestTimestampMs(view.sizeBytes(i))));
        }
        return facts;
    }

    /**
     * Deletes the oldest segments: out of the log at once, their files renamed to {@code .deleted} and removed after
     * {@code file.delete.delay.ms}. Deleting all of them rolls the log first.
     *
     * @return how many were deleted
     */
    public int deleteOldSegments(int count, long nowMs) throws StorageException {
        if (count <= 0) {
            return 0;
        }
        writeStaged(nowMs);
        directory.ensureOnline();
        try {
            if (count >= segments.length) {
                roll(nextOffset, nowMs);
                active().createFiles();
            }
            int deleted = Math.min(count, segments.length - 1);
            var old = Arrays.asList(segments).subList(0, deleted);
            segments = Arrays.copyOfRange(segments, deleted, segments.length);
            logStartOffset = Math.max(logStartOffset, segments[0].baseOffset());
            epochs.truncateFromStart(logStartOffset);
            producers.logStartOffset(logStartOffset);
            publish();
            retire(old, nowMs);
            return deleted;
        } catch (IOException e) {
            throw directory.fail("Cannot delete segments of " + partition, e);
        }
    }

    private void retire(List<Segment> old, long nowMs) throws IOException {
        var paths = new ArrayList<Path>();
        for (var segment : old) {
            segment.retire(paths);
        }
        deletes.add(directory, paths, nowMs + config.fileDeleteDelayMs());
    }

    /** Writes out what a clean restart trusts: data, indexes, epochs and producers. The log is unusable afterwards. */
    void close(long nowMs) throws StorageException {
        writeStaged(nowMs);
        flusher.flush(view, nowMs);
        try {
            if (active().sizeBytes() > 0) {
                active().seal();
                active().force(true);
            }
            producers.takeSnapshot(nextOffset);
            for (var segment : segments) {
                segment.discard();
            }
        } catch (IOException e) {
            throw directory.fail("Cannot close " + partition, e);
        }
    }

    /** Lets go of all files without writing anything. */
    void abandon() {
        for (var segment : segments) {
            segment.discard();
        }
    }

    Path path() {
        return path;
    }

    @Override
    public String toString() {
        return partition + " in " + directory;
    }
}
