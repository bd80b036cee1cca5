package io.barnabas.storage.dir;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;

import io.barnabas.storage.file.OpenFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the {@code log.dirs} of a node: creates missing ones, takes their {@code .lock}. A directory that cannot be read or written starts offline, as long as
 * another one works.
 */
public final class LogDirectories {
    public static final String LOCK_FILE = ".lock";

    private static final Logger LOG = LoggerFactory.getLogger(LogDirectories.class);

    private LogDirectories() {}

    /** One opened directory and the lock to close at the end; the lock is null if the directory is offline. */
    public record Opened(LogDirectory directory, Closeable lock) {}

    /**
     * @throws LogDirectoryException if a directory is in use by another process, is named twice, or none of them works
     */
    public static List<Opened> open(List<Path> paths, OpenFiles files, Consumer<LogDirectory> whenOffline) {
        var opened = new ArrayList<Opened>();
        try {
            var seen = new HashSet<Path>();
            for (var path : paths) {
                if (!seen.add(path.toAbsolutePath().normalize())) {
                    throw new LogDirectoryException("Duplicate log directory found: " + paths);
                }
                opened.add(open(new LogDirectory(path, files, whenOffline)));
            }
        } catch (LogDirectoryException e) {
            release(opened);
            throw e;
        }
        if (opened.stream().noneMatch(o -> o.directory().isOnline())) {
            release(opened);
            throw new LogDirectoryException(
                    "None of the specified log dirs from " + paths + " can be created or used; see the errors above");
        }
        return opened;
    }

    private static Opened open(LogDirectory directory) {
        var disk = directory.disk();
        var path = directory.path();
        Closeable lock = null;
        try {
            if (!disk.exists(path)) {
                LOG.info("Log directory {} not found, creating it.", path);
                disk.createDirectories(path);
                disk.forceDirectory(path.toAbsolutePath().getParent());
            }
            if (!disk.isDirectory(path)) {
                throw new IOException(path + " is not a directory");
            }
            lock = disk.lock(path.resolve(LOCK_FILE))
                    .orElseThrow(() -> new LogDirectoryException("Failed to acquire lock on file .lock in " + path
                            + ". A Kafka instance in another process or thread is using this directory."));
            return new Opened(directory, lock);
        } catch (IOException e) {
            directory.fail("Cannot use it", e);
            release(List.of(new Opened(directory, lock)));
            return new Opened(directory, null);
        } catch (LogDirectoryException e) {
            release(List.of(new Opened(directory, lock)));
            throw e;
        }
    }

    public static void release(List<Opened> opened) {
        for (var each : opened) {
            try {
                if (each.lock() != null) {
                    each.lock().close();
                }
            } catch (IOException e) {
                LOG.warn("Cannot release the lock of {}", each.directory(), e);
            }
        }
    }
}
