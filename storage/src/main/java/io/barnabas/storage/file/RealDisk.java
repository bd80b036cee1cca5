package io.barnabas.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

/** The machine's own file system. Stateless. */
public final class RealDisk implements Disk {
    @Override
    public FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, READ, WRITE);
    }

    @Override
    public FileChannel openOrCreate(Path file) throws IOException {
        return FileChannel.open(file, READ, WRITE, CREATE);
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) {
        return Files.isDirectory(path);
    }

    @Override
    public long sizeBytes(Path file) throws IOException {
        return Files.size(file);
    }

    @Override
    public long lastModifiedMs(Path file) throws IOException {
        return Files.getLastModifiedTime(file).toMillis();
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        var names = new ArrayList<String>();
        try (var entries = Files.newDirectoryStream(directory)) {
            for (var entry : entries) {
                names.add(entry.getFileName().toString());
            }
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        Files.createDirectories(directory);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public boolean delete(Path path) throws IOException {
        return Files.deleteIfExists(path);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, READ)) {
            Disk.force(channel);
        }
    }

    @Override
    public long usableBytes(Path path) throws IOException {
        // One system call; a FileStore reads the table of mounts. Zero may mean a failure, so the total is asked then.
        long usable = path.toFile().getUsableSpace();
        if (usable == 0) {
            totalBytes(path);
        }
        return usable < 0 ? Long.MAX_VALUE : usable;
    }

    @Override
    public long totalBytes(Path path) throws IOException {
        long total = path.toFile().getTotalSpace();
        if (total == 0) {
            throw new IOException("The size of the file system of " + path + " is not known");
        }
        return total < 0 ? Long.MAX_VALUE : total;
    }

    @Override
    public Optional<Closeable> lock(Path file) throws IOException {
        var channel = openOrCreate(file);
        try {
            if (channel.tryLock() != null) {
                return Optional.of(channel);
            }
        } catch (OverlappingFileLockException heldInThisProcess) {
            // Same answer as when another process holds it.
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        return Optional.empty();
    }
}
