package io.barnabas.storage.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.LeasedFile;
import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.index.OffsetIndex;
import io.barnabas.storage.index.TimeIndex;
import io.barnabas.storage.producer.TransactionIndex;

/**
 * One stretch of a log on disk: {@code <base offset>.log} with its offset and time index. Files are opened when needed.
 * Appended to and changed by the owner of the log; read by any thread, up to the size a view tells.
 */
public final class Segment {
    private static final long UNKNOWN = Long.MIN_VALUE;

    private final long baseOffset;
    private final BatchFile batches;
    private final OffsetIndex offsetIndex;
    private final TimeIndex timeIndex;
    private final TransactionIndex transactionIndex;
    private final long createdMs;
    /** How much of {@code segment.jitter.ms} this segment ends early, from 0 to 1. */
    private final float rollJitter = ThreadLocalRandom.current().nextFloat();

    /** Null until read from the time index. */
    private volatile TimeIndex.Entry maxTimestamp;

    private long firstTimestampMs = UNKNOWN;
    private int bytesSinceIndexEntry;

    private Segment(
            OpenFiles files,
            Path directory,
            long baseOffset,
            int sizeBytes,
            int offsetEntries,
            int timeEntries,
            int transactionIndexBytes,
            long createdMs,
            String suffix) {
        this.baseOffset = baseOffset;
        this.batches = new BatchFile(
                files.file(directory.resolve(SegmentNames.name(baseOffset, SegmentNames.LOG) + suffix)),
                baseOffset,
                sizeBytes);
        this.offsetIndex = new OffsetIndex(
                files.file(directory.resolve(SegmentNames.name(baseOffset, SegmentNames.INDEX) + suffix)),
                baseOffset,
                offsetEntries);
        this.timeIndex = new TimeIndex(
                files.file(directory.resolve(SegmentNames.name(baseOffset, SegmentNames.TIME_INDEX) + suffix)),
                baseOffset,
                timeEntries);
        this.transactionIndex = new TransactionIndex(
                files.file(directory.resolve(SegmentNames.name(baseOffset, SegmentNames.TXN_INDEX) + suffix)),
                baseOffset,
                transactionIndexBytes);
        this.createdMs = createdMs;
    }

    /** A segment without files yet; they appear with the first bytes. */
    public static Segment create(OpenFiles files, Path directory, long baseOffset, long nowMs) {
        var segment = new Segment(files, directory, baseOffset, 0, 0, 0, 0, nowMs, "");
        segment.maxTimestamp = new TimeIndex.Entry(-1, baseOffset);
        return segment;
    }

    /**
     * A segment whose files are there and trusted.
     *
     * @param offsetEntries entries in the offset index file
     * @param timeEntries entries in the time index file
     * @param transactionIndexBytes size of the transaction index file; 0 if there is none
     */
    public static Segment existing(
            OpenFiles files,
            Path directory,
            long baseOffset,
            int sizeBytes,
            int offsetEntries,
            int timeEntries,
            int transactionIndexBytes,
            long nowMs) {
        return new Segment(
                files, directory, baseOffset, sizeBytes, offsetEntries, timeEntries, transactionIndexBytes, nowMs, "");
    }

    /**
     * A segment that a compaction writes: its files end in {@code .cleaned} until {@link #rename}. What an earlier attempt
     * left goes.
     */
    public static Segment createCleaned(OpenFiles files, Path directory, long baseOffset) throws IOException {
        var segment = new Segment(files, directory, baseOffset, 0, 0, 0, 0, 0, SegmentNames.CLEANED);
        segment.deleteFiles();
        segment.maxTimestamp = new TimeIndex.Entry(-1, baseOffset);
        return segment;
    }

    /** Deletes the files at once: of a segment that never became part of a log. */
    public void deleteFiles() throws IOException {
        for (var file : files()) {
            file.discard();
            file.delete();
        }
    }

    /** Gives all files another last part of their names, the data first. Owner only. */
    public void rename(String oldSuffix, String newSuffix) throws IOException {
        for (var file : files()) {
            var name = file.path().getFileName().toString();
            var plain = name.substring(0, name.length() - oldSuffix.length());
            file.rename(file.path().resolveSibling(plain + newSuffix));
        }
    }

    private List<LeasedFile> files() {
        return List.of(log(), offsetIndex.file(), timeIndex.file(), transactionIndex.file());
    }

    public long baseOffset() {
        return baseOffset;
    }

    /** Bytes written. */
    public int sizeBytes() {
        return batches.sizeBytes();
    }

    public LeasedFile log() {
        return batches.file();
    }

    public OffsetIndex offsetIndex() {
        return offsetIndex;
    }

    public TimeIndex timeIndex() {
        return timeIndex;
    }

    public TransactionIndex transactionIndex() {
        return transactionIndex;
    }

    /** The largest timestamp of the segment and the last offset of the batch that has it; (−1, base offset) if none. */
    public TimeIndex.Entry maxTimestamp() throws IOException {
        var known = maxTimestamp;
        if (known == null) {
            maxTimestamp = known = timeIndex.last();
        }
        return known;
    }

    /**
     * Notes a batch that is about to be written: largest timestamp, index entries. Owner only.
     *
     * @param position where the batch will lie
     */
    public void note(
            int position, int batchSizeBytes, long lastOffset, long batchMaxTimestampMs, int indexIntervalBytes)
            throws IOException {
        if (firstTimestampMs == UNKNOWN && position == 0) {
            firstTimestampMs = batchMaxTimestampMs;
        }
        if (batchMaxTimestampMs > maxTimestamp().timestampMs()) {
            maxTimestamp = new TimeIndex.Entry(batchMaxTimestampMs, lastOffset);
        }
        if (bytesSinceIndexEntry > indexIntervalBytes) {
            offsetIndex.append(lastOffset, position);
            timeIndex.append(maxTimestamp.timestampMs(), maxTimestamp.offset());
            bytesSinceIndexEntry = 0;
        }
        bytesSinceIndexEntry += batchSizeBytes;
    }

    /** Tells how many bytes the file holds, after all its batches were noted. Owner only. */
    public void recovered(int fileSizeBytes) {
        batches.sizeBytes(fileSizeBytes);
    }

    /** Writes buffers at the end by as few system calls as the platform allows. Owner only. */
    public void write(ByteBuffer[] buffers, int count, int totalBytes) throws IOException {
        batches.write(buffers, count, totalBytes);
    }

    /** Cuts off what a failed write left behind the end, durably. Owner only. */
    public void cutBack() throws IOException {
        batches.cutBack();
    }

    /**
     * Whether a batch may not go into this segment any more, by Kafka's rules.
     *
     * @param stagedSizeBytes bytes written and staged so far
     * @param timestampMs the largest timestamp of the batch
     * @param maxJitterMs at most {@code rollMs}
     */
    public boolean mustRoll(
            int stagedSizeBytes,
            int batchSizeBytes,
            long lastOffset,
            long timestampMs,
            long nowMs,
            int segmentBytes,
            long rollMs,
            long maxJitterMs,
            int maxIndexBytes)
            throws IOException {
        return stagedSizeBytes > segmentBytes - batchSizeBytes
                || stagedSizeBytes > 0 && waitedMs(nowMs, timestampMs) > rollMs - (long) (rollJitter * maxJitterMs)
                || offsetIndex.entries() >= maxIndexBytes / OffsetIndex.ENTRY_SIZE_BYTES
                || timeIndex.entries() >= maxIndexBytes / TimeIndex.ENTRY_SIZE_BYTES - 1
                || lastOffset - baseOffset > Integer.MAX_VALUE;
    }

    private long waitedMs(long nowMs, long timestampMs) throws IOException {
        if (firstTimestampMs == UNKNOWN && sizeBytes() > 0) {
            firstTimestampMs = readFirstTimestamp();
        }
        return firstTimestampMs >= 0 ? timestampMs - firstTimestampMs : nowMs - createdMs;
    }

    /** The largest timestamp of the first batch, by which the age of a segment counts; −1 if there is none. Any thread. */
    public long readFirstTimestamp() throws IOException {
        return batches.firstTimestampMs();
    }

    /** Writes the indexes out, with the last time index entry a rolled or closed segment has. Owner only. */
    public void seal() throws IOException {
        var max = maxTimestamp();
        if (max.timestampMs() >= 0) {
            timeIndex.append(max.timestampMs(), max.offset());
        }
        offsetIndex.writeOut();
        timeIndex.writeOut();
    }

    /** Forces the segment's data to the disk, and its indexes if asked. Any thread. */
    public void force(boolean withIndexes) throws IOException {
        force(log());
        if (withIndexes) {
            force(offsetIndex.file());
            force(timeIndex.file());
            transactionIndex.force();
        }
    }

    private static void force(LeasedFile file) throws IOException {
        var channel = file.acquire();
        try {
            Disk.force(channel);
        } finally {
            file.release();
        }
    }

    /**
     * The first batch whose last offset is not below this one, found by index and headers; null if there is none below the
     * limit. Any thread.
     *
     * <p>Where a batch begins is known by base offsets alone as far as they go, so that a damaged header hides no batch but its own. Bytes
     * that are no batch hide all that follows in the segment.
     *
     * @throws CorruptRecordsException if the batch may be hidden behind bytes that no batch begins with; as in Kafka, a length beyond the
     *     end of the segment is only told in the log
     */
    public BatchTail.Place find(long offset, int limit) throws IOException {
        return limit == 0 ? null : batches.find(offset, startOfWalk(offset, limit), limit);
    }

    /** Whether bytes follow the last whole batch, which hide records; looks from an offset on. Any thread. */
    public boolean isCutShort(long fromOffset, int limit) throws IOException {
        return limit > 0 && batches.isCutShort(startOfWalk(fromOffset, limit), limit);
    }

    private int startOfWalk(long offset, int limit) throws IOException {
        return Math.min(offsetIndex.positionBefore(offset), limit);
    }

    /**
     * Where a walk of the headers came to no further batch: makes sure that nothing is left that may be one. Any thread.
     *
     * @param nextOffset after the last batch that the walk came to
     * @throws CorruptRecordsException if no batch begins with what is left; as in Kafka, a length beyond the end of the segment is only
     *     told in the log
     */
    public void checkEnd(BatchHeaders headers, long nextOffset) throws IOException {
        batches.checkEnd(headers, nextOffset);
    }

    /** The offset after the last whole batch, read from the file; the base offset if it holds none. */
    public long readNextOffset() throws IOException {
        return batches.nextOffset(offsetIndex.lastPosition());
    }

    /** Cuts the segment before the batch that holds an offset; returns the bytes cut off. Owner only. */
    public int truncateTo(long offset) throws IOException {
        var place = find(offset, sizeBytes());
        int keep = place == null ? sizeBytes() : place.position();
        int cut = sizeBytes() - keep;
        offsetIndex.truncateTo(offset);
        timeIndex.truncateTo(offset);
        transactionIndex.truncateTo(offset);
        if (cut > 0) {
            batches.truncateTo(keep);
        }
        if (keep == 0) {
            firstTimestampMs = UNKNOWN;
        }
        bytesSinceIndexEntry = 0;
        rereadMaxTimestamp();
        return cut;
    }

    /** The time index knows the maximum up to its last entry; what follows that is read from the headers. */
    public void rereadMaxTimestamp() throws IOException {
        var max = timeIndex.last();
        maxTimestamp = batches.maxTimestamp(max, max.timestampMs() < 0 ? 0 : offsetIndex.positionBefore(max.offset()));
    }

    /** Largest record timestamp, or when the file was last modified if no record has one. Any thread. */
    public long largestTimestampMs(int limit) throws IOException {
        long timestamp = maxTimestamp().timestampMs();
        return timestamp >= 0 || limit == 0 ? timestamp : log().lastModifiedMs();
    }

    /** Creates the files, empty, of a segment whose base offset must survive a restart before it has records. */
    public void createFiles() throws IOException {
        log().acquireOrCreate();
        log().release();
        offsetIndex.writeOut();
        timeIndex.writeOut();
    }

    /** Renames the files out of use; adds their new paths. Reads under lease finish. Owner only. */
    public void retire(List<Path> retired) throws IOException {
        for (var file : files()) {
            var to = file.path().resolveSibling(file.path().getFileName() + SegmentNames.DELETED);
            if (file.rename(to)) {
                retired.add(to);
            }
            file.discard();
        }
    }

    /** The partition's directory has another name now. Owner only. */
    public void movedTo(Path directory) {
        files().forEach(file -> file.movedTo(directory));
    }

    /** Lets go of the descriptors; reads under lease finish. */
    public void discard() {
        files().forEach(LeasedFile::discard);
    }

    @Override
    public String toString() {
        return batches.toString();
    }
}
