package io.barnabas.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.storage.dir.LogDirectory;

/** Reads the journal that an unclean stop left in a directory. The starting thread. */
public final class JournalReplay {
    private final LogDirectory directory;
    private final Map<TopicIdPartition, List<Cut>> cuts = new HashMap<>();
    private long position;

    public JournalReplay(LogDirectory directory) {
        this.directory = directory;
    }

    /** Gets the batches of an entry, in the order they were written in. */
    public interface Visitor {
        /** @param voidFrom batches at and above this offset were cut later and must not come back */
        void appended(TopicIdPartition partition, ByteBuffer batches, long voidFrom) throws IOException;
    }

    private record Cut(long position, long offset) {}

    private interface Reader {
        void read(JournalEntry entry) throws IOException;
    }

    /** Returns how many entries there were. */
    public long run(Visitor visitor) throws IOException {
        var files = files(new ArrayList<>());
        readAll(files, entry -> {
            if (entry.cutOffset() != JournalEntry.NO_CUT) {
                cuts.computeIfAbsent(entry.partition(), partition -> new ArrayList<>())
                        .add(new Cut(position, entry.cutOffset()));
            }
        });
        readAll(files, entry -> {
            if (entry.cutOffset() == JournalEntry.NO_CUT) {
                visitor.appended(entry.partition(), entry.batches(), voidFrom(entry.partition()));
            }
        });
        return position;
    }

    private void readAll(List<Path> files, Reader reader) throws IOException {
        position = 0;
        for (var path : files) {
            read(path, entry -> {
                position++;
                reader.read(entry);
            });
        }
    }

    private long voidFrom(TopicIdPartition partition) {
        long voidFrom = Long.MAX_VALUE;
        for (var cut : cuts.getOrDefault(partition, List.of())) {
            if (cut.position > position) {
                voidFrom = Math.min(voidFrom, cut.offset);
            }
        }
        return voidFrom;
    }

    /** What was read is in the logs' own files now. The oldest goes first: what is left after a crash must not lack what was noted later. */
    public void delete() throws IOException {
        var notBegun = new ArrayList<Path>();
        var byAge = files(notBegun);
        JournalFile.delete(directory.disk(), directory.path(), notBegun);
        JournalFile.delete(directory.disk(), directory.path(), byAge);
    }

    /**
     * Those that were begun, by age.
     *
     * @param notBegun gets the others
     */
    private List<Path> files(List<Path> notBegun) throws IOException {
        var bySequence = new TreeMap<Long, Path>();
        for (var name : directory.disk().list(directory.path())) {
            if (name.startsWith(JournalFile.PREFIX)) {
                var path = directory.path().resolve(name);
                try (var channel = directory.disk().open(path)) {
                    long sequence = sequence(channel);
                    if (sequence <= 0 || bySequence.putIfAbsent(sequence, path) != null) {
                        notBegun.add(path);
                    }
                }
            }
        }
        return new ArrayList<>(bySequence.values());
    }

    /** 0 if the file was not begun. */
    private static long sequence(FileChannel channel) throws IOException {
        var header = read(channel, 0, JournalFile.HEADER_BYTES);
        return header != null && header.getLong() == JournalFile.MAGIC ? header.getLong() : 0;
    }

    private void read(Path path, Reader reader) throws IOException {
        try (var channel = directory.disk().open(path)) {
            long sequence = sequence(channel);
            long end = channel.size();
            for (long at = JournalFile.HEADER_BYTES; ; ) {
                var start = read(channel, at, JournalEntry.START_BYTES);
                int sizeBytes = start == null ? 0 : JournalEntry.sizeBytes(start, sequence);
                if (sizeBytes == 0 || at + sizeBytes > end) {
                    return;
                }
                var bytes = read(channel, at, sizeBytes);
                var entry = bytes == null ? null : JournalEntry.read(bytes, sequence);
                if (entry == null) {
                    // The end, torn or with what an earlier use of the file left.
                    return;
                }
                reader.read(entry);
                at += sizeBytes;
            }
        }
    }

    /** Null if the file ends before. */
    private static ByteBuffer read(FileChannel channel, long at, int sizeBytes) throws IOException {
        var bytes = ByteBuffer.allocate(sizeBytes);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                return null;
            }
        }
        return bytes.flip();
    }
}
