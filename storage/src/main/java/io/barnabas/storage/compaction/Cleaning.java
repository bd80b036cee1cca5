package io.barnabas.storage.compaction;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.log.PartitionLog;
import io.barnabas.storage.segment.BatchScan;
import io.barnabas.storage.segment.Segment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One compaction of one log. Reads and writes on its own thread, off to the side; only the swap of each group of segments runs
 * on the log's owner. It can be given up at any point, by a crash too: the log then is as it was, or compacted in part.
 */
final class Cleaning {
    private static final Logger LOG = LoggerFactory.getLogger(Cleaning.class);
    private static final int MAX_TIMESTAMP_AT = 35;

    private final CompactionPlan plan;
    private final CleaningContext context;
    private final PartitionLog log;
    private final CleanedTransactions transactions = new CleanedTransactions();
    private final ByteBuffer out;
    private BatchFilter filter;
    private long bytesRead;
    private long bytesWritten;

    /**
     * What a cleaning did.
     *
     * @param endOffset below it the log is compacted now
     * @param mapUtilization how full the key map was, 0 to 1
     */
    record Report(
            long endOffset,
            long bytesRead,
            long bytesWritten,
            long recordsRead,
            long recordsKept,
            long keyless,
            double mapUtilization) {}

    Cleaning(CompactionPlan plan, CleaningContext context) {
        this.plan = plan;
        this.context = context;
        this.log = plan.log();
        this.out = ByteBuffer.allocate(context.settings().bufferBytes());
    }

    /**
     * @throws StorageException if the log directory failed, or there is no space: then it is online, and the log is as it was or compacted
     *     in part
     * @throws CorruptRecordsException if the log holds a damaged batch; it stays as it is
     */
    Report run() throws StorageException, CleaningStoppedException {
        try {
            return clean();
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            if (hasChanged()) {
                throw changed();
            }
            throw log.directory().fail("Cannot compact " + log.partition(), e);
        }
    }

    /** Segments that retention, a deletion or a move took away meanwhile fail no disk. */
    private boolean hasChanged() {
        return log.isGone() || log.isMoving() || log.cuts() != plan.cuts() || !hasAll(source(Long.MAX_VALUE));
    }

    private boolean hasAll(List<Segment> segments) {
        return log.view().segments().containsAll(segments);
    }

    private List<Segment> source(long endOffset) {
        return CompactionPlan.between(plan.view().segments(), -1, Math.min(endOffset, plan.firstUncleanableOffset()));
    }

    private Report clean() throws IOException, CleaningStoppedException {
        var latest = new DirtyKeys(plan, context).read();
        long endOffset = Math.max(latest.latestOffset() + 1, plan.firstDirtyOffset());
        var producers = context.onOwner(log, log::lastRecords);
        filter = new BatchFilter(
                latest,
                transactions,
                producers,
                plan.firstUncleanableOffset(),
                plan.config().deleteRetentionMs(),
                context.nowMs());
        makeDurable();
        var groups = SegmentGroups.of(
                source(endOffset),
                plan.config().segmentBytes(),
                plan.config().segmentIndexBytes(),
                plan.firstUncleanableOffset());
        for (var group : groups) {
            clean(group);
        }
        context.onOwner(log, () -> {
            log.cleanedUpTo(endOffset, plan.cuts());
            return null;
        });
        context.store().checkpointCleaned(log.directory());
        return new Report(
                endOffset,
                bytesRead,
                bytesWritten,
                filter.recordsRead(),
                filter.recordsKept(),
                filter.keyless(),
                latest.utilization());
    }

    /**
     * Makes durable what the decisions rest on, the newest batch of each producer included: what a power loss took would else
     * be missing beside what was cleaned away for its sake. And compaction leaves gaps, which recovery could take for lost
     * batches where it has to read a segment through: segments are only replaced where the checkpoint on the disk vouches
     * for them.
     */
    private void makeDurable() throws StorageException {
        log.flushUnlessFull(context.nowMs());
        if (log.writtenRecoveryPoint() < plan.firstUncleanableOffset()) {
            context.store().checkpointUnlessFull(log.directory());
        }
    }

    private void clean(List<Segment> group) throws IOException, CleaningStoppedException {
        context.goOn();
        if (log.isGone()) {
            throw changed();
        }
        ensureRoom(group);
        var cleaned = log.createCleanedSegment(group.get(0).baseOffset());
        try {
            write(group, cleaned);
        } catch (IOException e) {
            giveUp(cleaned);
            throw e instanceof StorageException || hasChanged()
                    ? e
                    : log.directory().failUnlessFull("Cannot write compacted segments of " + log.partition(), e);
        } catch (CleaningStoppedException | RuntimeException e) {
            giveUp(cleaned);
            throw e;
        }
        if (!context.onOwner(log, () -> log.replaceSegments(group, cleaned, plan.cuts(), context.nowMs()))) {
            cleaned.deleteFiles();
            throw changed();
        }
        log.forceDirectory();
    }

    private void ensureRoom(List<Segment> group) throws StorageException {
        long sourceBytes = group.stream().mapToLong(Segment::sizeBytes).sum();
        long neededBytes = Math.min(sourceBytes, plan.config().segmentBytes());
        if (!log.directory().reserve().hasRoomFor(neededBytes)) {
            throw new StorageException(
                    "It needs up to " + neededBytes + " bytes, which log directory " + log.directory()
                            + " has not to spare",
                    null);
        }
    }

    /** Also where the log's directory is another log's by now: of its partition nobody else compacts anything meanwhile. */
    private void giveUp(Segment cleaned) {
        out.clear();
        try {
            cleaned.deleteFiles();
        } catch (IOException e) {
            LOG.debug("What was compacted of {} stays until the next start", log, e);
        }
    }

    private CleaningStoppedException changed() {
        return new CleaningStoppedException(log.partition() + " changed while it was compacted");
    }

    private void write(List<Segment> group, Segment cleaned) throws IOException, CleaningStoppedException {
        transactions.keepIn(cleaned.transactionIndex());
        for (int i = 0; i < group.size(); i++) {
            var segment = group.get(i);
            long end = i + 1 < group.size() ? group.get(i + 1).baseOffset() : segment.readNextOffset();
            transactions.expect(DirtyKeys.aborted(plan, segment.baseOffset(), end));
            copy(segment, cleaned);
        }
        writeOut(cleaned);
        if (cleaned.sizeBytes() == 0) {
            cleaned.createFiles();
        }
        cleaned.seal();
        cleaned.force(true);
    }

    private void copy(Segment segment, Segment cleaned) throws IOException, CleaningStoppedException {
        if (segment.sizeBytes() == 0) {
            return;
        }
        var channel = segment.log().acquire();
        try {
            var scan = new BatchScan(
                    channel, 0, segment.sizeBytes(), context.settings().bufferBytes());
            while (scan.next()) {
                context.goOn();
                if (log.directory().reserve().refusesAll()) {
                    throw new StorageException(
                            "The disk of log directory " + log.directory() + " became full meanwhile", null);
                }
                var batch = scan.batch();
                context.pay(batch.sizeBytes());
                bytesRead += batch.sizeBytes();
                if (!batch.crcIsValid()) {
                    throw new CorruptRecordsException("The batch at offset " + batch.baseOffset() + " (" + segment
                            + ", position " + scan.position() + ") does not match its checksum");
                }
                var kept = filter.filter(batch);
                if (kept != null) {
                    append(kept, batch.lastOffset(), cleaned);
                }
            }
            if (scan.position() != segment.sizeBytes()) {
                throw new CorruptRecordsException("No whole batch at position " + scan.position() + " of " + segment);
            }
        } finally {
            segment.log().release();
        }
    }

    /** @param kept one batch */
    private void append(ByteBuffer kept, long lastOffset, Segment cleaned)
            throws IOException, CleaningStoppedException {
        int sizeBytes = kept.remaining();
        context.pay(sizeBytes);
        bytesWritten += sizeBytes;
        int position = Math.addExact(cleaned.sizeBytes(), out.position());
        long maxTimestampMs = kept.getLong(kept.position() + MAX_TIMESTAMP_AT);
        cleaned.note(
                position, sizeBytes, lastOffset, maxTimestampMs, plan.config().indexIntervalBytes());
        if (sizeBytes > out.remaining()) {
            writeOut(cleaned);
        }
        if (sizeBytes > out.capacity()) {
            cleaned.write(new ByteBuffer[] {kept}, 1, sizeBytes);
        } else {
            out.put(kept);
        }
    }

    private void writeOut(Segment cleaned) throws IOException {
        if (out.position() > 0) {
            out.flip();
            cleaned.write(new ByteBuffer[] {out}, 1, out.remaining());
            out.clear();
        }
    }
}
