package io.barnabas.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

import io.barnabas.storage.file.Disk;

/**
 * One file of a journal: a header (magic int64, sequence int64), then entries. It is used again and again without being cut, because
 * writing over what is there spares the file system its own journal. The journal's lock guards it.
 */
final class JournalFile {
    static final String PREFIX = "barnabas-journal-";
    static final long MAGIC = 0x424e_4253_4a52_4e31L;
    static final int HEADER_BYTES = 2 * Long.BYTES;

    private final Path path;
    private final FileChannel channel;
    private final Set<Journaled> logs = Collections.newSetFromMap(new IdentityHashMap<>());
    private long sequence;

    private JournalFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static JournalFile create(Disk disk, Path directory, int number) throws IOException {
        var path = directory.resolve(PREFIX + number);
        var channel = disk.openOrCreate(path);
        disk.forceDirectory(directory);
        return new JournalFile(path, channel);
    }

    /**
     * Files that are not needed any more, oldest first. Each deletion is durable before the next one: what is left by a stop in between
     * has all the cuts that came after its entries.
     */
    static void delete(Disk disk, Path directory, List<Path> byAge) throws IOException {
        for (var path : byAge) {
            if (disk.delete(path)) {
                disk.forceDirectory(directory);
            }
        }
    }

    /** From now on the file holds only what is written next. */
    void begin(long nextSequence) throws IOException {
        logs.clear();
        channel.position(0);
        write(new ByteBuffer[] {
            ByteBuffer.allocate(HEADER_BYTES)
                    .putLong(MAGIC)
                    .putLong(nextSequence)
                    .flip()
        });
        sequence = nextSequence;
    }

    /** Grows with each {@link #begin} of any file; 0 if it was never begun. */
    long sequence() {
        return sequence;
    }

    void write(JournalEntries entries) throws IOException {
        logs.addAll(entries.logs());
        write(entries.sealed(sequence));
    }

    private void write(ByteBuffer[] buffers) throws IOException {
        for (int next = 0; next < buffers.length; ) {
            channel.write(buffers, next, buffers.length - next);
            while (next < buffers.length && !buffers[next].hasRemaining()) {
                next++;
            }
        }
    }

    void force() throws IOException {
        Disk.force(channel, false);
    }

    long usedBytes() throws IOException {
        return channel.position();
    }

    /** The logs that must be durable themselves before the file may be used again. */
    Set<Journaled> logs() {
        return logs;
    }

    Path path() {
        return path;
    }

    void close() throws IOException {
        channel.close();
    }
}
