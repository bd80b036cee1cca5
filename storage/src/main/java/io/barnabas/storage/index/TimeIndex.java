package io.barnabas.storage.index;

import java.io.IOException;
import java.nio.ByteBuffer;

import io.barnabas.storage.file.LeasedFile;

/**
 * A segment's {@code .timeindex} file: entries of (timestamp, int64; offset − base offset, int32): the largest timestamp up
 * to a point of the segment and the last offset of the batch that has it. Timestamps strictly ascend.
 */
public final class TimeIndex extends SortedEntries {
    public static final int ENTRY_SIZE_BYTES = 12;

    /** A timestamp and the last offset of the batch it came from. */
    public record Entry(long timestampMs, long offset) {}

    private final long baseOffset;
    private long lastTimestampMs = Long.MIN_VALUE;

    public TimeIndex(LeasedFile file, long baseOffset, int entriesOnDisk) {
        super(file, ENTRY_SIZE_BYTES, entriesOnDisk);
        this.baseOffset = baseOffset;
    }

    @Override
    long key(ByteBuffer buffer, int position) {
        return buffer.getLong(position);
    }

    /** Adds an entry if the timestamp is above that of the last entry. Owner only. */
    public void append(long timestampMs, long offset) throws IOException {
        if (lastTimestampMs == Long.MIN_VALUE) {
            lastTimestampMs = last().timestampMs();
        }
        if (timestampMs <= lastTimestampMs) {
            return;
        }
        next().putLong(timestampMs).putInt((int) (offset - baseOffset));
        added();
        lastTimestampMs = timestampMs;
    }

    /** The last entry; (−1, base offset) without entries. Any thread. */
    public Entry last() throws IOException {
        return entries() == 0 ? new Entry(-1, baseOffset) : entry(entries() - 1, this::read);
    }

    /** The last entry not above a timestamp; (−1, base offset) if there is none. Any thread. */
    public Entry floor(long timestampMs) throws IOException {
        Entry entry = floor(timestampMs, this::read);
        return entry == null ? new Entry(-1, baseOffset) : entry;
    }

    private Entry read(ByteBuffer buffer, int position) {
        return new Entry(buffer.getLong(position), baseOffset + buffer.getInt(position + 8));
    }

    /** Forgets entries whose offset is at or above this one. Owner only. */
    public void truncateTo(long offset) throws IOException {
        int keep = entries();
        while (keep > 0 && entry(keep - 1, this::read).offset() >= offset) {
            keep--;
        }
        truncateToEntries(keep);
        lastTimestampMs = Long.MIN_VALUE;
    }

    /** Forgets everything. Owner only. */
    public void clear() throws IOException {
        truncateToEntries(0);
        lastTimestampMs = Long.MIN_VALUE;
    }
}
