package io.barnabas.metadata.quorum;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One file of the Raft log, {@code <first index, 20 digits>.raft}. Per entry: int32 size of what follows the checksum, int32 CRC-32C of
 * that, int8 kind, int64 index, the entry's bytes. Kind is a sum of {@link #FIRST} and {@link #CONFIGURATION}. Not thread-safe.
 */
final class RaftSegment implements AutoCloseable {
    static final String ENDING = ".raft";
    static final int HEADER_BYTES = 2 * Integer.BYTES;
    static final int HEAD_BYTES = Byte.BYTES + Long.BYTES;
    /** Set on the first entry of an append: once it was written, all before it had been forced to the disk. */
    static final int FIRST = 1;
    /** Set on entries that say who the voters are, so that opening a log need not decode all others. */
    static final int CONFIGURATION = 2;

    private static final int LARGEST_ENTRY_BYTES = 64 << 20;
    private static final int SCAN_BYTES = 1 << 16;

    private final Path path;
    private final FileChannel channel;
    private final long firstIndex;
    private long[] positions = new long[64];
    private byte[] kinds = new byte[64];
    private int count;
    private long sizeBytes;

    private RaftSegment(Path path, FileChannel channel, long firstIndex) {
        this.path = path;
        this.channel = channel;
        this.firstIndex = firstIndex;
    }

    /** An entry to be written. */
    record NewEntry(byte[] bytes, boolean isConfiguration) {}

    static RaftSegment create(MetadataSpace space, Path directory, long firstIndex) throws IOException {
        var path = directory.resolve("%020d%s".formatted(firstIndex, ENDING));
        var channel = space.openOrMake(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        DurableFiles.force(directory);
        return new RaftSegment(path, channel, firstIndex);
    }

    /**
     * Opens a file and finds its entries. What cannot be an entry at the end of the last file was never acknowledged: it is cut off.
     * Anywhere else it means damage.
     *
     * @throws RaftLogCorruptException with path and position
     */
    static RaftSegment open(Path path, boolean last) throws IOException {
        long firstIndex = firstIndexOf(path);
        var channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        var segment = new RaftSegment(path, channel, firstIndex);
        try {
            segment.scan(last);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        return segment;
    }

    private static long firstIndexOf(Path path) throws IOException {
        var name = path.getFileName().toString();
        try {
            return Long.parseLong(name.substring(0, name.length() - ENDING.length()));
        } catch (NumberFormatException e) {
            throw new RaftLogCorruptException(path + " is no file of a metadata log; move it away.");
        }
    }

    private void scan(boolean last) throws IOException {
        long end = channel.size();
        var window = ByteBuffer.allocate(0);
        while (sizeBytes < end) {
            if (!holdsEntry(window)) {
                window = windowAt(sizeBytes, end);
            }
            int size = validSize(window, window.position(), firstIndex + count);
            if (size < 0) {
                cutOrRefuse(last, end);
                return;
            }
            add(window.get(window.position() + HEADER_BYTES), size);
            window.position(window.position() + HEADER_BYTES + size);
        }
    }

    private static boolean holdsEntry(ByteBuffer window) {
        return window.remaining() >= HEADER_BYTES
                && window.remaining() - HEADER_BYTES >= window.getInt(window.position());
    }

    /** Bytes from a position on: at least the entry there if there is one, and what comes behind it cheaply. */
    private ByteBuffer windowAt(long position, long end) throws IOException {
        long wanted = SCAN_BYTES;
        if (end - position >= HEADER_BYTES) {
            int size = read(position, Integer.BYTES).getInt();
            if (size > 0 && size <= LARGEST_ENTRY_BYTES) {
                wanted = Math.max(wanted, (long) HEADER_BYTES + size);
            }
        }
        return read(position, Math.toIntExact(Math.min(wanted, end - position)));
    }

    /** The size field of the whole entry at a place in a buffer; -1 if that is not the entry with this index. */
    private static int validSize(ByteBuffer buffer, int at, long index) {
        int room = buffer.limit() - at - HEADER_BYTES;
        if (room < HEAD_BYTES) {
            return -1;
        }
        int size = buffer.getInt(at);
        boolean plausible = size >= HEAD_BYTES
                && size <= LARGEST_ENTRY_BYTES
                && size <= room
                && buffer.get(at + HEADER_BYTES) >= 0
                && buffer.get(at + HEADER_BYTES) <= FIRST + CONFIGURATION
                && buffer.getLong(at + HEADER_BYTES + Byte.BYTES) == index;
        return plausible && crcOf(buffer.slice(at + HEADER_BYTES, size)) == buffer.getInt(at + Integer.BYTES)
                ? size
                : -1;
    }

    /**
     * A write that was cut short leaves anything, in any order, but only of the last append. A later append proves that the bad entry
     * was once complete.
     */
    private void cutOrRefuse(boolean last, long end) throws IOException {
        if (!last || hasLaterAppend(end)) {
            throw new RaftLogCorruptException(
                    "The metadata log is damaged: " + path + " at position " + sizeBytes + " (entry "
                            + (firstIndex + count)
                            + "). Restore this node's metadata directory from a backup, or, where other voters are"
                            + " up to date, let it join anew.");
        }
        channel.truncate(sizeBytes);
        channel.force(true);
    }

    private boolean hasLaterAppend(long end) throws IOException {
        var rest = read(sizeBytes, Math.toIntExact(end - sizeBytes));
        long badIndex = firstIndex + count;
        for (int at = 1; at <= rest.limit() - HEADER_BYTES - HEAD_BYTES; at++) {
            long index = rest.getLong(at + HEADER_BYTES + Byte.BYTES);
            boolean mayBe =
                    index > badIndex && index - badIndex <= rest.limit() && (rest.get(at + HEADER_BYTES) & FIRST) != 0;
            if (mayBe && validSize(rest, at, index) > 0) {
                return true;
            }
        }
        return false;
    }

    long firstIndex() {
        return firstIndex;
    }

    /** firstIndex() - 1 if it is empty. */
    long lastIndex() {
        return firstIndex + count - 1;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    Path path() {
        return path;
    }

    boolean isConfiguration(long index) {
        return (kinds[Math.toIntExact(index - firstIndex)] & CONFIGURATION) != 0;
    }

    /** @throws RaftLogCorruptException if the entry is not what was written */
    byte[] entry(long index) throws IOException {
        int at = Math.toIntExact(index - firstIndex);
        long end = at + 1 < count ? positions[at + 1] : sizeBytes;
        var buffer = read(positions[at], Math.toIntExact(end - positions[at]));
        if (validSize(buffer, 0, index) != buffer.limit() - HEADER_BYTES) {
            throw new RaftLogCorruptException("The metadata log is damaged: " + path + " at position " + positions[at]
                    + " (entry " + index + ").");
        }
        return Arrays.copyOfRange(buffer.array(), HEADER_BYTES + HEAD_BYTES, buffer.limit());
    }

    /**
     * Writes entries behind the last and forces them to the disk.
     *
     * @throws MetadataDiskFullException none is there, and the same can be tried again
     */
    void append(List<NewEntry> entries, MetadataSpace space) throws IOException {
        int totalBytes = 0;
        for (var entry : entries) {
            totalBytes = Math.addExact(totalBytes, HEADER_BYTES + HEAD_BYTES + entry.bytes().length);
        }
        var buffer = ByteBuffer.allocate(totalBytes);
        int kind = FIRST;
        long index = lastIndex() + 1;
        for (var entry : entries) {
            put(buffer, entry, kind, index++);
            kind = 0;
        }
        buffer.flip();
        space.write(channel, buffer, sizeBytes);
        channel.force(false);
        kind = FIRST;
        for (var entry : entries) {
            add((byte) (kind + (entry.isConfiguration() ? CONFIGURATION : 0)), HEAD_BYTES + entry.bytes().length);
            kind = 0;
        }
    }

    private static void put(ByteBuffer buffer, NewEntry entry, int kind, long index) {
        int size = HEAD_BYTES + entry.bytes().length;
        int start = buffer.position();
        buffer.putInt(size).putInt(0);
        buffer.put((byte) (kind + (entry.isConfiguration() ? CONFIGURATION : 0)))
                .putLong(index)
                .put(entry.bytes());
        buffer.putInt(start + Integer.BYTES, crcOf(buffer.slice(start + HEADER_BYTES, size)));
    }

    /** Removes all entries behind an index, durably. */
    void truncateAfter(long lastIndexKept) throws IOException {
        int kept = Math.toIntExact(lastIndexKept - firstIndex + 1);
        if (kept < count) {
            channel.truncate(positions[kept]);
            channel.force(true);
            sizeBytes = positions[kept];
            count = kept;
        }
    }

    void delete() throws IOException {
        channel.close();
        Files.delete(path);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void add(byte kind, int size) {
        if (count == positions.length) {
            positions = Arrays.copyOf(positions, 2 * count);
            kinds = Arrays.copyOf(kinds, 2 * count);
        }
        kinds[count] = kind;
        positions[count++] = sizeBytes;
        sizeBytes += HEADER_BYTES + size;
    }

    private ByteBuffer read(long position, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException(path + " ends before position " + (position + length));
            }
        }
        return buffer.flip();
    }

    private static int crcOf(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
