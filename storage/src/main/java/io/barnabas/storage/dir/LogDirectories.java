package io.barnabas.storage.dir;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;

import io.barnabas.protocol.Uuid;
import io.barnabas.storage.checkpoint.MetaProperties;
import io.barnabas.storage.file.OpenFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the {@code log.dirs} of a node: creates missing ones, takes their {@code .lock}, checks that their
 * {@code meta.properties} belong to this node. A directory that cannot be read or written starts offline, as long as
 * another one works.
 */
public final class LogDirectories {
    public static final String LOCK_FILE = ".lock";

    private static final Logger LOG = LoggerFactory.getLogger(LogDirectories.class);

    private LogDirectories() {}

    /** One opened directory and the lock to close at the end; the lock is null if the directory is offline. */
    public record Opened(LogDirectory directory, Closeable lock) {}

    /**
     * @throws LogDirectoryException if a directory is in use by another process, belongs to another node or cluster, is
     *     named twice, or none of them works
     */
    public static List<Opened> open(
            List<Path> paths, int nodeId, String clusterId, OpenFiles files, Consumer<LogDirectory> whenOffline) {
        var opened = new ArrayList<Opened>();
        try {
            var seen = new HashSet<Path>();
            for (var path : paths) {
                if (!seen.add(path.toAbsolutePath().normalize())) {
                    throw new LogDirectoryException("Duplicate log directory found: " + paths);
                }
                opened.add(open(new LogDirectory(path, files, whenOffline), nodeId, clusterId));
            }
            checkDistinctIds(opened);
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

    private static Opened open(LogDirectory directory, int nodeId, String clusterId) {
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
            checkOwner(directory, nodeId, clusterId);
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

    /** A directory without meta.properties is nobody's; its ids are given by whoever formats it. */
    private static void checkOwner(LogDirectory directory, int nodeId, String clusterId) throws IOException {
        var path = directory.path();
        var found = MetaProperties.read(directory.disk(), path);
        if (found.isEmpty()) {
            return;
        }
        var file = path.resolve(MetaProperties.FILE);
        if (found.get().clusterId().isEmpty() || found.get().nodeId().isEmpty()) {
            throw new IOException(file + " names no cluster.id or no node.id");
        }
        found.get().clusterId().filter(id -> !id.equals(clusterId)).ifPresent(id -> {
            throw new LogDirectoryException("Invalid cluster.id in: " + file + ". Expected " + clusterId + ", but read "
                    + id + ". The directory belongs to another cluster.");
        });
        int storedNode = found.get().nodeId().orElse(nodeId);
        if (storedNode != nodeId) {
            throw new LogDirectoryException("Stored node id " + storedNode + " doesn't match previous node id " + nodeId
                    + " in " + file
                    + ". If you moved your data, make sure your configured node id matches. If you intend"
                    + " to create a new node, you should remove all data in your data directories.");
        }
        found.get().directoryId().ifPresent(directory::id);
    }

    private static void checkDistinctIds(List<Opened> opened) {
        var seen = new HashMap<Uuid, Path>();
        for (var each : opened) {
            var directory = each.directory();
            var other = directory.id().map(id -> seen.put(id, directory.path())).orElse(null);
            if (other != null) {
                throw new LogDirectoryException(
                        "Duplicate directory ID " + directory.id().get() + " found. It was the ID of " + other
                                + ", but also of " + directory.path());
            }
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
