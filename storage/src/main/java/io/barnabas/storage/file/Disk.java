package io.barnabas.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Port to the file system: everything this module does to a disk goes through here, so that tests can lose unsynced
 * bytes, tear writes and fail an fsync. Implementations are safe for use by any thread; a returned channel is safe for
 * positional reads by any thread and for writes by one thread at a time. {@link FileChannel#force} is the fsync.
 *
 * <p>What a crash may do: bytes written since the last {@code force} of that file may be missing or torn; a create, rename
 * or delete may be undone until {@link #forceDirectory} of the parent directory.
 */
public interface Disk {
    /**
     * Opens an existing file for reading and writing, positioned at 0.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such file
     */
    FileChannel open(Path file) throws IOException;

    /** Opens a file for reading and writing, positioned at 0, and creates it empty if it is absent. */
    FileChannel openOrCreate(Path file) throws IOException;

    boolean exists(Path path);

    boolean isDirectory(Path path);

    long sizeBytes(Path file) throws IOException;

    long lastModifiedMs(Path file) throws IOException;

    /** Names of all entries of a directory, sorted. */
    List<String> list(Path directory) throws IOException;

    /** Creates a directory and its missing parents; no error if it is there already. */
    void createDirectories(Path directory) throws IOException;

    /** Creates one directory whose parent exists: a single system call. */
    void createDirectory(Path directory) throws IOException;

    /** Renames atomically; an existing file at the target is replaced. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file or an empty directory; false if it was not there. */
    boolean delete(Path path) throws IOException;

    /** Forces a file with its metadata, telling a failure of that from others. */
    static void force(FileChannel channel) throws IOException {
        force(channel, true);
    }

    /** The same with or without metadata that is not needed to read the file. */
    static void force(FileChannel channel, boolean metadata) throws IOException {
        try {
            channel.force(metadata);
        } catch (IOException e) {
            throw new ForceFailedException(e.toString(), e);
        }
    }

    /** Makes creates, renames and deletes in this directory survive a power loss. */
    void forceDirectory(Path directory) throws IOException;

    /** Bytes an unprivileged process may still write to the file system of this path. */
    long usableBytes(Path path) throws IOException;

    /** Size of the file system of this path. */
    long totalBytes(Path path) throws IOException;

    /** Takes an exclusive lock on a file (created if absent) until closed; empty if another process or store has it. */
    Optional<Closeable> lock(Path file) throws IOException;

    /** Whole content of a small file. */
    default byte[] readAll(Path file) throws IOException {
        try (var channel = open(file)) {
            var content = ByteBuffer.allocate(Math.toIntExact(channel.size()));
            while (content.hasRemaining() && channel.read(content, content.position()) >= 0) {}
            var bytes = new byte[content.position()];
            content.flip().get(bytes);
            return bytes;
        }
    }

    /**
     * Replaces the content of a small file so that a crash leaves the old or the new content, never a mixture: writes
     * {@code <file>.tmp}, forces it, renames it over the file and forces the directory.
     */
    default void replace(Path file, byte[] content) throws IOException {
        var temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (var channel = openOrCreate(temporary)) {
            channel.truncate(0);
            writeFully(channel, content);
            force(channel);
        }
        rename(temporary, file);
        forceDirectory(file.getParent());
    }

    /** Writes a small file in place without forcing it: for content that can be derived again after a power loss. */
    default void write(Path file, byte[] content) throws IOException {
        try (var channel = openOrCreate(file)) {
            writeFully(channel, content);
            if (channel.size() > content.length) {
                channel.truncate(content.length);
            }
        }
    }

    /** Deletes a file, or a directory with all it holds. */
    default void deleteRecursively(Path path) throws IOException {
        if (isDirectory(path)) {
            for (var name : list(path)) {
                deleteRecursively(path.resolve(name));
            }
        }
        delete(path);
    }

    private static void writeFully(FileChannel channel, byte[] content) throws IOException {
        var buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
