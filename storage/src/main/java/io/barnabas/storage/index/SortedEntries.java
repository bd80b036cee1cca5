package io.barnabas.storage.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

import io.barnabas.storage.file.LeasedFile;

/**
 * An append-only file of fixed-size entries sorted by their key, the shape of Kafka's {@code .index} and {@code .timeindex}
 * files. Entries not yet written stay in a small in-memory tail; the rest is read by position, so an index at rest costs
 * neither memory nor a mapping nor a descriptor.
 *
 * <p>Appended to, written, truncated by the owner of the log; searched by any thread.
 */
abstract class SortedEntries {
    private static final int TAIL_ENTRIES = 512;
    private static final int FIRST_TAIL_ENTRIES = 8;
    private static final int BLOCK_ENTRIES = 256;

    private static final class Tail {
        final int firstEntry;
        final ByteBuffer bytes;
        volatile int count;

        Tail(int firstEntry, ByteBuffer bytes, int count) {
            this.firstEntry = firstEntry;
            this.bytes = bytes;
            this.count = count;
        }
    }

    private final LeasedFile file;
    private final int entrySizeBytes;
    private volatile Tail tail;

    /**
     * @param entriesOnDisk entries already in the file
     */
    SortedEntries(LeasedFile file, int entrySizeBytes, int entriesOnDisk) {
        this.file = file;
        this.entrySizeBytes = entrySizeBytes;
        this.tail = new Tail(entriesOnDisk, ByteBuffer.allocate(0), 0);
    }

    /** The key of an entry at this position of a buffer. */
    abstract long key(ByteBuffer buffer, int position);

    public final LeasedFile file() {
        return file;
    }

    public final int entries() {
        var now = tail;
        return now.firstEntry + now.count;
    }

    /** Space for the next entry; {@link #added()} makes it visible. */
    final ByteBuffer next() throws IOException {
        var now = tail;
        if ((now.count + 1) * entrySizeBytes > now.bytes.capacity()) {
            if (now.count >= TAIL_ENTRIES) {
                writeTail();
                tail = now = new Tail(now.firstEntry + now.count, allocate(TAIL_ENTRIES), 0);
            } else {
                tail = now = grown(now);
            }
        }
        now.bytes.position(now.count * entrySizeBytes);
        return now.bytes;
    }

    final void added() {
        tail.count++;
    }

    private ByteBuffer allocate(int entries) {
        return ByteBuffer.allocate(entries * entrySizeBytes);
    }

    private Tail grown(Tail now) {
        int entries = Math.min(TAIL_ENTRIES, Math.max(FIRST_TAIL_ENTRIES, 4 * now.count));
        var bytes = allocate(entries);
        bytes.put(0, now.bytes, 0, now.count * entrySizeBytes);
        return new Tail(now.firstEntry, bytes, now.count);
    }

    /** Writes all entries to the file and trims it to them. Creates the file if there are none. */
    public final void writeOut() throws IOException {
        writeTail();
        var now = tail;
        int all = now.firstEntry + now.count;
        tail = new Tail(all, ByteBuffer.allocate(0), 0);
        var channel = file.acquireOrCreate();
        try {
            if (channel.size() != (long) all * entrySizeBytes) {
                channel.truncate((long) all * entrySizeBytes);
            }
        } finally {
            file.release();
        }
    }

    private void writeTail() throws IOException {
        var now = tail;
        if (now.count == 0) {
            return;
        }
        var bytes = now.bytes.duplicate().position(0).limit(now.count * entrySizeBytes);
        long position = (long) now.firstEntry * entrySizeBytes;
        var channel = file.acquireOrCreate();
        try {
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
        } finally {
            file.release();
        }
    }

    /** Forgets all entries from this one on, in memory and in the file. */
    final void truncateToEntries(int keep) throws IOException {
        var now = tail;
        if (keep >= now.firstEntry + now.count) {
            return;
        }
        if (keep >= now.firstEntry) {
            int kept = keep - now.firstEntry;
            var bytes = allocate(Math.max(FIRST_TAIL_ENTRIES, kept));
            bytes.put(0, now.bytes, 0, kept * entrySizeBytes);
            tail = new Tail(now.firstEntry, bytes, kept);
            return;
        }
        tail = new Tail(keep, ByteBuffer.allocate(0), 0);
        var channel = file.acquire();
        try {
            channel.truncate((long) keep * entrySizeBytes);
        } finally {
            file.release();
        }
    }

    /** Hands entry {@code n} to a reader of (buffer, position); n must be below {@link #entries()}. */
    final <T> T entry(int n, EntryReader<T> reader) throws IOException {
        var now = tail;
        if (n >= now.firstEntry) {
            return reader.read(now.bytes, (n - now.firstEntry) * entrySizeBytes);
        }
        var channel = file.acquire();
        try {
            return reader.read(readBlock(channel, n, 1), 0);
        } finally {
            file.release();
        }
    }

    /** The last entry whose key is not above the target; null if there is none. */
    final <T> T floor(long target, EntryReader<T> reader) throws IOException {
        var now = tail;
        int count = now.count;
        if (count > 0 && key(now.bytes, 0) <= target) {
            return reader.read(now.bytes, floorIn(now.bytes, count, target) * entrySizeBytes);
        }
        if (now.firstEntry == 0) {
            return null;
        }
        var channel = file.acquire();
        try {
            int low = 0;
            int high = now.firstEntry - 1;
            while (high - low >= BLOCK_ENTRIES) {
                int middle = (low + high + 1) >>> 1;
                if (key(readBlock(channel, middle, 1), 0) <= target) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            int entries = high - low + 1;
            var block = readBlock(channel, low, entries);
            if (key(block, 0) > target) {
                return null;
            }
            return reader.read(block, floorIn(block, entries, target) * entrySizeBytes);
        } finally {
            file.release();
        }
    }

    /** How many entries have a key not above the target. */
    final int countUpTo(long target) throws IOException {
        int low = 0;
        int high = entries();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entry(middle, this::key) <= target) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int floorIn(ByteBuffer buffer, int entries, long target) {
        int low = 0;
        int high = entries - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (key(buffer, middle * entrySizeBytes) <= target) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private ByteBuffer readBlock(FileChannel channel, int firstEntry, int entries) throws IOException {
        var block = allocate(entries);
        long position = (long) firstEntry * entrySizeBytes;
        while (block.hasRemaining()) {
            int read = channel.read(block, position + block.position());
            if (read < 0) {
                throw new IOException("Index " + file + " ends before its entry " + (firstEntry + entries - 1));
            }
        }
        return block;
    }

    interface EntryReader<T> {
        T read(ByteBuffer buffer, int position);
    }
}
