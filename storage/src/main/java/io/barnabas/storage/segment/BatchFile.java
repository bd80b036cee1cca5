package io.barnabas.storage.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;

import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.LeasedFile;
import io.barnabas.storage.index.TimeIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code .log} file of a segment: batches one after the other, written at the end and cut there by the owner of the log, looked up by
 * any thread. Knows no index: whoever looks something up says where to begin.
 */
final class BatchFile {
    private static final Logger LOG = LoggerFactory.getLogger(BatchFile.class);

    private final LeasedFile file;
    private final long baseOffset;

    private volatile int sizeBytes;
    private volatile boolean damageTold;
    private int positionedAtOpen;

    BatchFile(LeasedFile file, long baseOffset, int sizeBytes) {
        this.file = file;
        this.baseOffset = baseOffset;
        this.sizeBytes = sizeBytes;
    }

    LeasedFile file() {
        return file;
    }

    /** Bytes written. */
    int sizeBytes() {
        return sizeBytes;
    }

    /** Tells how many bytes are there. Owner only. */
    void sizeBytes(int fileSizeBytes) {
        sizeBytes = fileSizeBytes;
    }

    /** Writes buffers at the end by as few system calls as the platform allows. Owner only. */
    void write(ByteBuffer[] buffers, int count, int totalBytes) throws IOException {
        var channel = file.acquireOrCreate();
        try {
            if (positionedAtOpen != file.timesOpened()) {
                channel.position(sizeBytes);
                positionedAtOpen = file.timesOpened();
            }
            long left = totalBytes;
            int first = 0;
            while (left > 0) {
                left -= count - first == 1
                        ? channel.write(buffers[first])
                        : channel.write(buffers, first, count - first);
                while (first < count && !buffers[first].hasRemaining()) {
                    first++;
                }
            }
        } finally {
            file.release();
        }
        sizeBytes += totalBytes;
    }

    /** Cuts off what a failed write left behind the end, durably. Owner only. */
    void cutBack() throws IOException {
        positionedAtOpen = 0;
        try {
            var channel = file.acquire();
            try {
                channel.truncate(sizeBytes);
                Disk.force(channel);
            } finally {
                file.release();
            }
        } catch (NoSuchFileException e) {
            if (sizeBytes > 0) {
                throw e;
            }
        }
    }

    /** Cuts off what lies from a position on, durably: it must not come back behind what is written from now on. Owner only. */
    void truncateTo(int position) throws IOException {
        var channel = file.acquire();
        try {
            channel.truncate(position);
            Disk.force(channel);
            channel.position(position);
            positionedAtOpen = file.timesOpened();
        } finally {
            file.release();
        }
        sizeBytes = position;
    }

    /** The first batch from a position on whose last offset is not below this one; see {@link Segment#find}. */
    BatchTail.Place find(long offset, int from, int limit) throws IOException {
        try (var headers = new BatchHeaders(file, from, limit)) {
            int position = -1;
            int end = -1;
            long last = -1;
            while (headers.next()) {
                if (headers.baseOffset() == offset || headers.baseOffset() > offset && last < offset) {
                    return new BatchTail.Place(headers.position(), headers.endPosition());
                }
                if (headers.baseOffset() > offset) {
                    break;
                }
                position = headers.position();
                end = headers.endPosition();
                last = headers.lastOffset();
            }
            if (last >= offset) {
                return new BatchTail.Place(position, end);
            }
            checkEnd(headers, last + 1);
            return null;
        }
    }

    /** Whether bytes follow the last whole batch; a walk of the headers from a position on. */
    boolean isCutShort(int from, int limit) throws IOException {
        try (var headers = new BatchHeaders(file, from, limit)) {
            boolean more = true;
            while (more) {
                more = headers.next();
            }
            return headers.isCutShort();
        }
    }

    /** See {@link Segment#checkEnd}. */
    void checkEnd(BatchHeaders headers, long nextOffset) throws IOException {
        if (headers.isCutShort()) {
            tellDamage(headers.endPosition(), Math.max(nextOffset, baseOffset));
            if (headers.isNoBatch()) {
                throw new CorruptRecordsException(
                        "No batch begins at position " + headers.endPosition() + " of " + this);
            }
        }
    }

    private void tellDamage(int position, long offset) {
        if (!damageTold) {
            damageTold = true;
            LOG.warn(
                    "{} is damaged at position {}: its records from offset {} on cannot be read; look at it with"
                            + " kafka-dump-log --deep-iteration",
                    file.path(),
                    position,
                    offset);
        }
    }

    /** The largest timestamp of the first batch; −1 if there is none. */
    long firstTimestampMs() throws IOException {
        try (var headers = new BatchHeaders(file, 0, sizeBytes)) {
            return headers.next() ? headers.maxTimestampMs() : -1;
        }
    }

    /** The offset after the last whole batch from a position on; the base offset if there is none. */
    long nextOffset(int from) throws IOException {
        if (sizeBytes == 0) {
            return baseOffset;
        }
        try (var headers = new BatchHeaders(file, from, sizeBytes)) {
            long next = baseOffset;
            while (headers.next()) {
                next = headers.lastOffset() + 1;
            }
            return next;
        }
    }

    /** The largest timestamp of the batches from a position on, if it is above one known already, or else that. */
    TimeIndex.Entry maxTimestamp(TimeIndex.Entry known, int from) throws IOException {
        if (sizeBytes == 0) {
            return known;
        }
        long timestamp = known.timestampMs();
        long offset = known.offset();
        try (var headers = new BatchHeaders(file, from, sizeBytes)) {
            while (headers.next()) {
                if (headers.maxTimestampMs() > timestamp) {
                    timestamp = headers.maxTimestampMs();
                    offset = headers.lastOffset();
                }
            }
        }
        return new TimeIndex.Entry(timestamp, offset);
    }

    @Override
    public String toString() {
        return file.path().getFileName().toString();
    }
}
