package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a copy of a log follow it, batch by batch, whatever happens to the log meanwhile: appends, cuts, a moved start. What the log is
 * comes from the views that its owner publishes. One thread at a time, but for {@link #sourceIsCut}.
 *
 * <p>The copy is always the beginning of the log, or the part of it above the log's start. One found at a start is only gone on with if
 * its last batch is in the log, and the log was not compacted since: see decisions/0008.
 */
final class CopyFeed {
    private static final Logger LOG = LoggerFactory.getLogger(CopyFeed.class);
    private static final long NOT_CUT = Long.MAX_VALUE;
    private static final int SIZE_AT = 8;

    private final PartitionLog source;
    private final PartitionLog copy;
    private final AtomicLong cutOffset = new AtomicLong(NOT_CUT);
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private LogConfig config;
    private boolean trusted;

    /** @param fresh whether the copy was just begun */
    CopyFeed(PartitionLog source, PartitionLog copy, boolean fresh) {
        this.source = source;
        this.copy = copy;
        this.trusted = fresh;
    }

    /** Records of the log at and above an offset are about to be cut. The log's owner. */
    void sourceIsCut(long offset) {
        cutOffset.accumulateAndGet(offset, Math::min);
    }

    /**
     * Copies what comes next.
     *
     * @return bytes copied; 0 if there was nothing more
     * @throws StorageException if a directory failed, or the copy's has no space
     * @throws DamagedSourceException if the log has a damaged batch
     */
    int step(int maxBytes, long nowMs) throws StorageException, DamagedSourceException {
        if (copy.state().halfCut) {
            copyAnew(source.view().logStartOffset(), nowMs);
            trusted = true;
        }
        followCut(nowMs);
        if (!trusted) {
            compare(nowMs);
            trusted = true;
        }
        followConfig();
        int copied = copyNext(maxBytes, nowMs);
        followStart(nowMs);
        return copied;
    }

    /** How many records the copy is behind. Any thread. */
    long lag() {
        return source.view().logEndOffset() - copy.view().logEndOffset();
    }

    /** Whether the copy has all the log has now: offsets, start, no cut to follow. */
    boolean isLevel() {
        var from = source.view();
        var to = copy.view();
        return cutOffset.get() == NOT_CUT
                && trusted
                && !copy.state().halfCut
                && to.logEndOffset() == from.logEndOffset()
                && to.logStartOffset() >= from.logStartOffset();
    }

    private void followCut(long nowMs) throws StorageException {
        long offset = cutOffset.getAndSet(NOT_CUT);
        if (offset < copy.view().logEndOffset()) {
            copy.truncateTo(offset, nowMs);
        }
    }

    /** The copy makes nothing durable by itself; it is flushed as a whole. */
    private void followConfig() {
        var now = source.config();
        if (now != config) {
            config = now;
            copy.reconfigure(now.with()
                    .durability(Durability.REPLICATED)
                    .flushMessages(Long.MAX_VALUE)
                    .build());
        }
    }

    private int copyNext(int maxBytes, long nowMs) throws StorageException, DamagedSourceException {
        var view = source.view();
        long end = copy.view().logEndOffset();
        long from = Math.max(end, view.logStartOffset());
        if (from >= view.logEndOffset()) {
            if (end < view.logEndOffset()) {
                copy.truncateFullyAndStartAt(view.logEndOffset(), nowMs);
            }
            return 0;
        }
        var read = read(from, maxBytes);
        if (read.error() != ErrorCode.NONE) {
            // The start has moved on since, or the end was cut.
            return 0;
        }
        var batches = bytes(read);
        if (batches == null || cutOffset.get() != NOT_CUT) {
            return 0;
        }
        if (!batches.hasRemaining() && read.records().sizeBytes() > 0) {
            throw new DamagedSourceException("There is no whole batch where offset " + from + " is to be");
        }
        long first = batches.hasRemaining() ? batches.getLong(0) : read.view().logEndOffset();
        if (first > from && !isGap(from, first)) {
            return 0;
        }
        if (!batches.hasRemaining()) {
            skipTo(read.view(), nowMs);
            return 0;
        }
        boolean fits = first == end || first > end && end >= view.logStartOffset();
        if (!fits && first < end && copy.view().sizeBytes() > 0) {
            // Never on its own: the copy does not end where a batch of the log does.
            copy.truncateFullyAndStartAt(view.logStartOffset(), nowMs);
            return 0;
        }
        if (!fits) {
            // What lay before is gone from the log, which may start amid a batch.
            copy.truncateFullyAndStartAt(Math.min(first, from), nowMs);
        }
        return append(batches, nowMs);
    }

    private ReadResult read(long from, int maxBytes) throws StorageException, DamagedSourceException {
        try {
            return source.read(from, maxBytes, ReadIsolation.LOG_END, true);
        } catch (CorruptRecordsException e) {
            throw new DamagedSourceException(e.getMessage());
        }
    }

    /** Reads go past a segment whose rest is damaged, as in Kafka; a copy without that rest would not show that anything is missing. */
    private boolean isGap(long from, long to) throws StorageException, DamagedSourceException {
        try {
            source.verifyGap(from, to);
            return cutOffset.get() == NOT_CUT;
        } catch (CorruptRecordsException e) {
            throw new DamagedSourceException(e.getMessage());
        }
    }

    /**
     * There is nothing from here to the log's end. What lies below the log's start may be there again after a crash, if the new start
     * was not checkpointed: the copy must not look as if it had that.
     */
    private void skipTo(LogView view, long nowMs) throws StorageException {
        var now = copy.view();
        if (now.sizeBytes() == 0 || now.logEndOffset() < view.logStartOffset()) {
            copy.truncateFullyAndStartAt(view.logEndOffset(), nowMs);
        } else {
            copy.skipTo(view.logEndOffset(), nowMs);
        }
    }

    /** Null if the files changed meanwhile. */
    private ByteBuffer bytes(ReadResult read) throws StorageException {
        int sizeBytes = read.records().sizeBytes();
        if (buffer.capacity() < sizeBytes) {
            buffer = ByteBuffer.allocate(sizeBytes);
        }
        buffer.clear();
        try {
            read.copyTo(buffer);
        } catch (IOException e) {
            if (cutOffset.get() != NOT_CUT || !read.view().sameFiles(source.view())) {
                return null;
            }
            throw source.directory().fail("Cannot read " + source.partition(), e);
        }
        return whole(buffer.flip());
    }

    /** Without a batch that is there in part. */
    private static ByteBuffer whole(ByteBuffer batches) {
        int end = 0;
        while (batches.limit() - end >= RecordBatch.HEADER_SIZE_BYTES) {
            int sizeBytes = RecordBatch.LOG_OVERHEAD_BYTES + batches.getInt(end + SIZE_AT);
            if (sizeBytes < RecordBatch.HEADER_SIZE_BYTES || sizeBytes > batches.limit() - end) {
                break;
            }
            end += sizeBytes;
        }
        return batches.limit(end);
    }

    private int append(ByteBuffer batches, long nowMs) throws StorageException, DamagedSourceException {
        int sizeBytes = batches.remaining();
        AppendResult result;
        try {
            result = copy.stage(batches, Integer.MAX_VALUE, AppendOrigin.REPLICATION, nowMs);
        } finally {
            // Also if it was not taken for want of space, to be told so and try again.
            copy.writeStaged(nowMs);
        }
        if (result instanceof AppendResult.Rejected rejected) {
            throw new DamagedSourceException(rejected.message());
        }
        copy.advanceHighWatermark(
                Math.min(source.view().highWatermark(), copy.view().logEndOffset()));
        return sizeBytes;
    }

    private void followStart(long nowMs) throws StorageException {
        long highWatermark = source.view().highWatermark();
        if (highWatermark > copy.view().highWatermark()) {
            copy.advanceHighWatermark(highWatermark);
        }
        long start = Math.min(source.view().logStartOffset(), copy.view().highWatermark());
        if (start > copy.view().logStartOffset()) {
            copy.advanceLogStart(start);
        }
        copy.deleteSegmentsUpTo(
                Math.min(copy.view().logStartOffset(), copy.view().active().baseOffset()), nowMs);
    }

    /** A copy from an earlier life of the broker may have been overtaken by what happened while its directory was away. */
    private void compare(long nowMs) throws StorageException {
        if (end() > source.view().logEndOffset()) {
            copy.truncateTo(source.view().logEndOffset(), nowMs);
        }
        if (copy.view().sizeBytes() == 0 && copy.view().logEndOffset() == 0) {
            return;
        }
        var last = copy.view().sizeBytes() == 0
                ? null
                : TwoLogs.header(copy, copy.view().logEndOffset() - 1);
        if (last != null
                && copy.cleanedOffset() == source.cleanedOffset()
                && copy.view().logStartOffset() <= source.view().logStartOffset()
                && last.equals(TwoLogs.header(source, last.getLong(0)))) {
            LOG.info("The move of {} to {} goes on at offset {}", source.partition(), target(), end());
            return;
        }
        LOG.info(
                "What is in {} of {} up to offset {} is no part of its log in {} any more; it is copied anew",
                target(),
                source.partition(),
                end(),
                source.directory());
        copyAnew(Math.min(source.view().logStartOffset(), end()), nowMs);
    }

    private void copyAnew(long offset, long nowMs) throws StorageException {
        copy.truncateFullyAndStartAt(offset, nowMs);
        copy.state().cleanedOffset = source.cleanedOffset();
    }

    private LogDirectory target() {
        return copy.directory();
    }

    private long end() {
        return copy.view().logEndOffset();
    }
}
