package io.barnabas.storage.index;

import java.io.IOException;
import java.nio.ByteBuffer;

import io.barnabas.storage.file.LeasedFile;

/**
 * A segment's {@code .index} file: entries of (offset − base offset, int32; position in the segment, int32), the offset
 * being the last of the batch that starts at the position. Sparse: one entry about every {@code index.interval.bytes}.
 */
public final class OffsetIndex extends SortedEntries {
    public static final int ENTRY_SIZE_BYTES = 8;

    private final long baseOffset;
    private long lastOffset;

    public OffsetIndex(LeasedFile file, long baseOffset, int entriesOnDisk) {
        super(file, ENTRY_SIZE_BYTES, entriesOnDisk);
        this.baseOffset = baseOffset;
        this.lastOffset = -1;
    }

    @Override
    long key(ByteBuffer buffer, int position) {
        return buffer.getInt(position);
    }

    /** Adds an entry unless the offset is not above the last one added. Owner only. */
    public void append(long offset, int position) throws IOException {
        if (offset <= lastOffset) {
            return;
        }
        next().putInt((int) (offset - baseOffset)).putInt(position);
        added();
        lastOffset = offset;
    }

    /** Position of a batch that lies at or before this offset: the start for a scan. Any thread. */
    public int positionBefore(long offset) throws IOException {
        long target = Math.min(offset - baseOffset, Integer.MAX_VALUE);
        Integer position = floor(target, (buffer, at) -> buffer.getInt(at + 4));
        return position == null ? 0 : position;
    }

    /** The last offset of the first indexed batch that starts at or after a position; −1 if there is none. Any thread. */
    public long offsetAtOrAfterPosition(int position) throws IOException {
        int found = entryAtOrAfterPosition(position);
        return found == entries() ? -1 : baseOffset + entry(found, (buffer, at) -> buffer.getInt(at));
    }

    /** Where the first indexed batch begins that starts at or after a position; −1 if there is none. Any thread. */
    public int startAtOrAfterPosition(int position) throws IOException {
        int found = entryAtOrAfterPosition(position);
        return found == entries() ? -1 : entry(found, (buffer, at) -> buffer.getInt(at + 4));
    }

    private int entryAtOrAfterPosition(int position) throws IOException {
        int low = 0;
        int high = entries();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entry(middle, (buffer, at) -> buffer.getInt(at + 4)) < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Position in the segment of the last entry; 0 without entries. */
    public int lastPosition() throws IOException {
        return entries() == 0 ? 0 : entry(entries() - 1, (buffer, at) -> buffer.getInt(at + 4));
    }

    /** The offset of the last entry; the base offset without entries. */
    public long lastOffset() throws IOException {
        return entries() == 0 ? baseOffset : baseOffset + entry(entries() - 1, this::key);
    }

    /** Forgets entries at or above an offset. Owner only. */
    public void truncateTo(long offset) throws IOException {
        truncateToEntries(countUpTo(offset - 1 - baseOffset));
        lastOffset = entries() == 0 ? -1 : lastOffset();
    }

    /** Forgets everything. Owner only. */
    public void clear() throws IOException {
        truncateToEntries(0);
        lastOffset = -1;
    }
}
