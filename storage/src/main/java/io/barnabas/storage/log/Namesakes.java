package io.barnabas.storage.log;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.StorageException;

/**
 * Logs that left a directory and may still be there after a power loss, or live on in its checkpoints: nothing of them must be taken for
 * the next log of the name. Thread-safe.
 */
final class Namesakes {
    private final LogStore store;
    /** Renamed since the directory was last forced. */
    private final Map<LogDirectory, Set<TopicPartition>> left = new ConcurrentHashMap<>();

    Namesakes(LogStore store) {
        this.store = store;
    }

    /** A log has another name in its directory now; not durably. */
    void left(LogDirectory directory, TopicPartition partition) {
        names(directory).add(partition);
    }

    /**
     * Before a log is created: what had its name is gone for good, from all directories.
     *
     * @throws StorageException if a directory failed; or there is no space in the one it is created in
     */
    void lay(TopicPartition partition, LogDirectory target) throws StorageException {
        for (var directory : store.online()) {
            if (names(directory).contains(partition)) {
                force(directory);
            }
        }
        synchronized (target) {
            if (store.checkpoints(target).name(partition)) {
                store.checkpointUnlessFull(target);
            }
        }
    }

    private void force(LogDirectory directory) throws StorageException {
        try {
            forced(directory, () -> directory.disk().forceDirectory(directory.path()));
        } catch (IOException e) {
            throw directory.fail("Cannot force it", e);
        }
    }

    interface Force {
        void run() throws IOException;
    }

    /** Does what makes all names in a directory durable. */
    void forced(LogDirectory directory, Force force) throws IOException {
        var names = Set.copyOf(names(directory));
        force.run();
        names(directory).removeIf(names::contains);
    }

    private Set<TopicPartition> names(LogDirectory directory) {
        return left.computeIfAbsent(directory, key -> ConcurrentHashMap.newKeySet());
    }
}
