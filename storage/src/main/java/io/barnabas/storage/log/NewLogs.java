package io.barnabas.storage.log;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.file.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the logs of new partitions, each in a directory of its choice or where it was ordered to. Thread-safe; one is made at a time. */
final class NewLogs {
    private static final Logger LOG = LoggerFactory.getLogger(NewLogs.class);
    private static final int MOST_PREFERRED = 10_000;

    private final LogStore store;
    private final LogStoreConfig config;
    private final ConcurrentHashMap<TopicPartition, PartitionLog> logs;
    private final LongSupplier clockMs;
    /** Where partitions that do not exist yet are to be created. */
    private final Map<TopicPartition, LogDirectory> preferred = new ConcurrentHashMap<>();

    /** @param logs gets those that are made */
    NewLogs(
            LogStore store,
            LogStoreConfig config,
            ConcurrentHashMap<TopicPartition, PartitionLog> logs,
            LongSupplier clockMs) {
        this.store = store;
        this.config = config;
        this.logs = logs;
        this.clockMs = clockMs;
    }

    /** See {@link LogStore#prefer}. */
    boolean prefer(TopicPartition partition, LogDirectory directory) {
        if (preferred.size() >= MOST_PREFERRED && !preferred.containsKey(partition)) {
            return false;
        }
        preferred.put(partition, directory);
        return true;
    }

    /** See {@link LogStore#create}. */
    PartitionLog create(TopicIdPartition topicIdPartition, LogConfig logConfig) throws StorageException {
        var partition = topicIdPartition.topicPartition();
        var existing = logs.get(partition);
        if (existing != null && existing.topicId().equals(topicIdPartition.topicId())) {
            return existing;
        }
        synchronized (this) {
            existing = existing(partition, topicIdPartition.topicId());
            if (existing != null) {
                return existing;
            }
            var created = createSomewhere(topicIdPartition, logConfig);
            preferred.remove(partition);
            return created;
        }
    }

    private PartitionLog existing(TopicPartition partition, Uuid topicId) throws StorageException {
        var log = logs.get(partition);
        if (log == null || log.topicId().equals(topicId)) {
            return log;
        }
        if (log.topicId().equals(Uuid.ZERO)) {
            log.adoptTopicId(topicId);
            return log;
        }
        LOG.warn(
                "The log of {} on disk belongs to an earlier topic of that name (id {}, now {}) and is put aside",
                log,
                log.topicId(),
                topicId);
        store.putAsideStray(partition);
        return null;
    }

    /** Where there is no space, the next directory may have some. */
    private PartitionLog createSomewhere(TopicIdPartition partition, LogConfig logConfig) throws StorageException {
        var wanted = preferred.get(partition.topicPartition());
        if (wanted != null && wanted.isOnline()) {
            return createIn(wanted, partition, logConfig);
        }
        StorageException first = null;
        for (var directory : byUse()) {
            try {
                return createIn(directory, partition, logConfig);
            } catch (StorageException e) {
                first = first == null ? e : first;
            }
        }
        if (first == null) {
            store.directories().get(0).ensureOnline();
            throw new IllegalStateException("No log directory is online, and none has failed");
        }
        throw first;
    }

    /**
     * Those that are not cordoned, the least used first. If none of them works all that do, in their order, as in Kafka: the controller has
     * placed it here all the same, or before it knew.
     */
    private List<LogDirectory> byUse() {
        var open = store.online().stream()
                .filter(directory -> !directory.isCordoned())
                .sorted(Comparator.comparingInt(
                        directory -> directory.partitions().get()))
                .toList();
        return open.isEmpty() ? store.online() : open;
    }

    /** Creates a log in a certain directory, configured as its topic is. The starting thread. */
    PartitionLog createIn(LogDirectory directory, TopicIdPartition partition) throws StorageException {
        return createIn(directory, partition, config.topicConfig().apply(partition.topic()));
    }

    private PartitionLog createIn(LogDirectory directory, TopicIdPartition topicIdPartition, LogConfig logConfig)
            throws StorageException {
        var partition = topicIdPartition.topicPartition();
        var path = directory.path().resolve(PartitionDirectory.name(partition));
        try {
            for (var each : store.online()) {
                putAsideForeign(partition, each);
            }
            store.futures().drop(partition);
            store.namesakes().lay(partition, directory);
            directory.disk().createDirectory(path);
            var home = store.home(partition, directory, path);
            var log = PartitionLog.create(home, topicIdPartition.topicId(), logConfig, clockMs.getAsLong());
            directory.partitions().incrementAndGet();
            logs.put(partition, log);
            return log;
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            throw directory.failUnlessFull("Cannot create the log of " + partition, e);
        }
    }

    /** What the load left untouched. */
    void putAsideForeign(TopicPartition partition, LogDirectory directory) throws StorageException {
        var path = directory.path().resolve(PartitionDirectory.name(partition));
        var disk = directory.disk();
        try {
            if (disk.exists(path) && !(disk.isDirectory(path) && disk.list(path).isEmpty())) {
                var to = path.resolveSibling(PartitionDirectory.strayName(partition));
                LOG.warn("{} is in the way of a new partition and belongs to none; it is renamed to {}", path, to);
                store.leaveUnused(path);
                disk.rename(path, to);
                store.namesakes().left(directory, partition);
            }
        } catch (IOException e) {
            throw directory.failUnlessFull("Cannot put " + path + " aside", e);
        }
    }
}
