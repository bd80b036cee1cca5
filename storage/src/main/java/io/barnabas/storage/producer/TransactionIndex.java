package io.barnabas.storage.producer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.LeasedFile;

/**
 * The aborted transactions whose markers lie in one segment: its {@code .txnindex}. Entries of 34 bytes: int16 version 0,
 * int64 producer id, first offset, last offset, last stable offset. The file is created with the first entry; most
 * segments have none. Written by the owner, read by any thread.
 */
public final class TransactionIndex {
    public static final int ENTRY_SIZE_BYTES = 34;
    private static final short VERSION = 0;

    private final LeasedFile file;
    private final long startOffset;
    private volatile int entries;
    private long lastOffset = -1;

    /**
     * @param startOffset base offset of the segment
     * @param fileSizeBytes 0 if there is no file; a rest that is no whole entry is ignored
     */
    public TransactionIndex(LeasedFile file, long startOffset, long fileSizeBytes) {
        this.file = file;
        this.startOffset = startOffset;
        this.entries = Math.toIntExact(fileSizeBytes / ENTRY_SIZE_BYTES);
    }

    public LeasedFile file() {
        return file;
    }

    public boolean isEmpty() {
        return entries == 0;
    }

    /** Markers come in the order of their offsets; IllegalArgumentException otherwise. */
    public void append(AbortedTransaction transaction) throws IOException {
        if (lastOffset >= transaction.lastOffset()) {
            throw new IllegalArgumentException("Marker " + transaction.lastOffset()
                    + " does not follow the last one of " + file + ", " + lastOffset);
        }
        var bytes = ByteBuffer.allocate(ENTRY_SIZE_BYTES)
                .putShort(VERSION)
                .putLong(transaction.producerId())
                .putLong(transaction.firstOffset())
                .putLong(transaction.lastOffset())
                .putLong(transaction.lastStableOffset())
                .flip();
        long position = (long) entries * ENTRY_SIZE_BYTES;
        var channel = file.acquireOrCreate();
        try {
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
        } finally {
            file.release();
        }
        lastOffset = transaction.lastOffset();
        entries++;
    }

    /**
     * Adds the aborted transactions that have records from one offset up to another, in the order of their markers.
     *
     * @return whether no later segment can have more of them
     */
    public boolean collectAborted(long fetchOffset, long upperBoundOffset, List<AbortedTransaction> found)
            throws IOException {
        var bytes = read();
        while (bytes.hasRemaining()) {
            var transaction = next(bytes);
            if (transaction.lastOffset() >= fetchOffset && transaction.firstOffset() < upperBoundOffset) {
                found.add(transaction);
            }
            if (transaction.lastStableOffset() >= upperBoundOffset) {
                return true;
            }
        }
        return false;
    }

    /** Drops the transactions whose markers are at or above an offset. */
    public void truncateTo(long offset) throws IOException {
        var bytes = read();
        long last = -1;
        for (int kept = 0; bytes.hasRemaining(); kept++) {
            var transaction = next(bytes);
            if (transaction.lastOffset() >= offset) {
                truncateToEntries(kept);
                break;
            }
            last = transaction.lastOffset();
        }
        lastOffset = last;
    }

    /** Drops everything, before the index is built again. */
    public void clear() throws IOException {
        if (entries > 0) {
            truncateToEntries(0);
        }
        lastOffset = -1;
    }

    private void truncateToEntries(int kept) throws IOException {
        entries = kept;
        var channel = file.acquire();
        try {
            channel.truncate((long) kept * ENTRY_SIZE_BYTES);
        } finally {
            file.release();
        }
    }

    /** Makes the entries durable. */
    public void force() throws IOException {
        if (entries > 0) {
            var channel = file.acquire();
            try {
                Disk.force(channel);
            } finally {
                file.release();
            }
        }
    }

    /** Whether all entries are readable and belong to the segment; if not, build the index again. */
    public boolean isSane() throws IOException {
        var bytes = read();
        while (bytes.hasRemaining()) {
            if (bytes.getShort(bytes.position()) != VERSION || next(bytes).lastOffset() < startOffset) {
                return false;
            }
        }
        return true;
    }

    private ByteBuffer read() throws IOException {
        int count = entries;
        var bytes = ByteBuffer.allocate(count * ENTRY_SIZE_BYTES);
        if (count == 0) {
            return bytes;
        }
        var channel = file.acquire();
        try {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, bytes.position()) < 0) {
                    throw new IOException(file + " ends before entry " + count);
                }
            }
        } finally {
            file.release();
        }
        return bytes.flip();
    }

    private AbortedTransaction next(ByteBuffer bytes) throws IOException {
        short version = bytes.getShort();
        if (version > VERSION) {
            throw new IOException(file + " has an entry of the unknown version " + version);
        }
        return new AbortedTransaction(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }
}
