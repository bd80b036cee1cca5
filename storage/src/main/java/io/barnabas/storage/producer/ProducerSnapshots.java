package io.barnabas.storage.producer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

import io.barnabas.storage.file.Disk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code %020d.snapshot} files of one partition directory. The directory is listed at first need. */
final class ProducerSnapshots {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerSnapshots.class);
    private static final String SUFFIX = ".snapshot";
    private static final String DELETED_SUFFIX = ".deleted";

    private final Disk disk;
    private Path directory;
    private TreeSet<Long> offsets;

    ProducerSnapshots(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /** The same in another directory, which is listed anew. */
    ProducerSnapshots in(Path otherDirectory) {
        return new ProducerSnapshots(disk, otherDirectory);
    }

    void moveTo(Path newDirectory) {
        directory = newDirectory;
        offsets = null;
    }

    private TreeSet<Long> offsets() throws IOException {
        if (offsets == null) {
            var found = new TreeSet<Long>();
            if (disk.isDirectory(directory)) {
                for (var name : disk.list(directory)) {
                    offsetOf(name).ifPresent(found::add);
                }
            }
            offsets = found;
        }
        return offsets;
    }

    private static OptionalLong offsetOf(String name) {
        if (!name.endsWith(SUFFIX)) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(name.substring(0, name.length() - SUFFIX.length())));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private Path file(long offset) {
        return directory.resolve("%020d".formatted(offset) + SUFFIX);
    }

    OptionalLong latest() throws IOException {
        return offsets().isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(offsets().last());
    }

    OptionalLong oldest() throws IOException {
        return offsets().isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(offsets().first());
    }

    void write(long offset, Collection<ProducerState> producers, boolean durable) throws IOException {
        var known = offsets();
        var content = ByteBuffer.wrap(SnapshotCodec.encode(producers));
        try (var channel = disk.openOrCreate(file(offset))) {
            channel.truncate(0);
            while (content.hasRemaining()) {
                channel.write(content);
            }
            if (durable) {
                Disk.force(channel);
            }
        }
        known.add(offset);
    }

    /** The newest readable snapshot; deletes damaged ones. Empty if there is none. */
    Optional<Loaded> loadLatest() throws IOException {
        while (!offsets().isEmpty()) {
            long offset = offsets().last();
            var bytes = disk.readAll(file(offset));
            try {
                return Optional.of(new Loaded(offset, SnapshotCodec.decode(bytes)));
            } catch (IOException e) {
                LOG.warn(
                        "Producer snapshot {} is not usable, {}; it is deleted and an older one or the log itself used",
                        file(offset),
                        e.getMessage());
                delete(offset);
            }
        }
        return Optional.empty();
    }

    record Loaded(long offset, List<ProducerState> producers) {}

    void delete(long offset) throws IOException {
        if (offsets().remove(offset)) {
            disk.delete(file(offset));
        }
    }

    /** Deletes one that may have been written by someone else. */
    void drop(long offset) throws IOException {
        disk.delete(file(offset));
        offsets = null;
    }

    /** Deletes those at or below one offset and those above another. */
    void keepWithin(long aboveOffset, long upToOffset) throws IOException {
        for (long offset : new ArrayList<>(offsets())) {
            if (offset > upToOffset || offset <= aboveOffset) {
                delete(offset);
            }
        }
    }

    void deleteBefore(long offset) throws IOException {
        for (long old : new ArrayList<>(offsets().headSet(offset))) {
            delete(old);
        }
    }

    /** Durably: it would come back, after a power loss, among records that were written in place of those it speaks of. */
    void cutAbove(long offset) throws IOException {
        var cut = List.copyOf(offsets().tailSet(offset, false));
        for (long each : cut) {
            delete(each);
        }
        if (!cut.isEmpty()) {
            disk.forceDirectory(directory);
        }
    }

    /** Deletes those that belong to no segment, but for the newest if no segment is newer: it is of a clean shutdown. */
    void deleteStray(Collection<Long> segmentBases) throws IOException {
        offsets = null;
        var stray = new TreeSet<>(offsets());
        stray.removeAll(segmentBases);
        long newestBase = segmentBases.stream().mapToLong(Long::longValue).max().orElse(-1);
        if (!stray.isEmpty() && stray.last() >= newestBase) {
            stray.pollLast();
        }
        for (long offset : stray) {
            delete(offset);
        }
    }

    /** Renames a snapshot so that a later delete can take its time. */
    Optional<Path> retire(long offset) throws IOException {
        if (!offsets().remove(offset)) {
            return Optional.empty();
        }
        var from = file(offset);
        if (!disk.exists(from)) {
            return Optional.empty();
        }
        var to = from.resolveSibling(from.getFileName() + DELETED_SUFFIX);
        disk.rename(from, to);
        return Optional.of(to);
    }
}
