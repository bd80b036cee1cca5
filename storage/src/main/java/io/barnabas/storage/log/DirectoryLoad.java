package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.checkpoint.CleanShutdown;
import io.barnabas.storage.checkpoint.PartitionMetadataFile;
import io.barnabas.storage.dir.DeferredDeletes;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.file.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads all logs of one log directory at start. One thread, with helpers per log; the results are for whoever has seen it end. */
final class DirectoryLoad {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryLoad.class);
    /** Where Kafka in KRaft mode keeps its metadata log: not a partition of ours. */
    private static final String METADATA_TOPIC = "__cluster_metadata";

    private final LogDirectory directory;
    private final Checkpoints checkpoints;
    private final LogStoreConfig config;
    private final DeferredDeletes deletes;
    private final Homes homes;
    private final LongSupplier clockMs;
    private final Collection<PartitionLog> logs = new ConcurrentLinkedQueue<>();
    private final Collection<PartitionLog> copies = new ConcurrentLinkedQueue<>();
    private Map<TopicPartition, Long> recoveryPoints = Map.of();
    private boolean clean;

    /** What the store does for a log in a directory. */
    interface Homes {
        LogHome of(TopicPartition partition, LogDirectory directory, Path path);
    }

    DirectoryLoad(
            LogDirectory directory,
            Checkpoints checkpoints,
            LogStoreConfig config,
            DeferredDeletes deletes,
            Homes homes,
            LongSupplier clockMs) {
        this.directory = directory;
        this.checkpoints = checkpoints;
        this.config = config;
        this.deletes = deletes;
        this.homes = homes;
        this.clockMs = clockMs;
    }

    /** A directory that holds a log. */
    private record Found(TopicPartition partition, Path path, boolean isCopy) {}

    LogDirectory directory() {
        return directory;
    }

    /** Whether the directory had been shut down cleanly. */
    boolean isClean() {
        return clean;
    }

    /** What the checkpoint said, also of partitions that are not here. */
    Map<TopicPartition, Long> recoveryPoints() {
        return recoveryPoints;
    }

    /** Those that could be loaded, in no order. */
    Collection<PartitionLog> logs() {
        return logs;
    }

    /** The copies of logs that were to move here. */
    Collection<PartitionLog> copies() {
        return copies;
    }

    void run() {
        try {
            var found = found();
            var partitions = found.stream()
                    .filter(each -> !each.isCopy())
                    .map(Found::partition)
                    .toList();
            boolean marked = CleanShutdown.consume(directory.disk(), directory.path());
            if (!found.isEmpty()) {
                LOG.info(
                        marked ? "Loading {} logs from {}" : "Recovering {} logs from {}: it was not shut down cleanly",
                        found.size(),
                        directory);
            }
            var saved = new Saved(checkpoints, marked);
            recoveryPoints = saved.recoveryPoints;
            directory.partitions().addAndGet(found.size());
            var progress = new RecoveryProgress(directory, partitions, saved.recoveryPoints);
            try (var lines = marked ? null : progress.tell()) {
                Parallel.forEach("log-recovery-" + directory, config.recoveryThreadsPerDir(), found, each -> {
                    if (each.isCopy()) {
                        loadCopy(each, saved);
                    } else {
                        logs.add(load(each, saved, progress));
                        progress.partitionDone();
                    }
                });
            }
            clean = marked;
        } catch (IOException e) {
            directory.fail("Cannot load its logs", e);
        }
    }

    /** Lets go of what was loaded. */
    void abandon() {
        logs.forEach(PartitionLog::abandon);
        copies.forEach(PartitionLog::abandon);
    }

    /** What the checkpoints and the marker of the directory say. */
    private static final class Saved {
        private final boolean clean;
        private final Map<TopicPartition, Long> recoveryPoints;
        private final Map<TopicPartition, Long> logStarts;
        private final Map<TopicPartition, Long> highWatermarks;
        private final Map<TopicPartition, Long> cleaned;

        Saved(Checkpoints checkpoints, boolean clean) {
            this.clean = clean;
            recoveryPoints = checkpoints.recoveryPoints();
            logStarts = checkpoints.logStarts();
            highWatermarks = checkpoints.highWatermarks();
            cleaned = checkpoints.cleaned();
        }
    }

    private List<Found> found() throws IOException {
        var found = new ArrayList<Found>();
        for (var name : directory.disk().list(directory.path())) {
            var path = directory.path().resolve(name);
            if (!directory.disk().isDirectory(path)) {
                continue;
            }
            var copied = PartitionDirectory.parseFuture(name);
            var partition = copied.or(() -> PartitionDirectory.parse(name));
            if (name.endsWith(PartitionDirectory.DELETE_SUFFIX)) {
                deletes.add(directory, List.of(path), clockMs.getAsLong());
            } else if (partition.isEmpty()) {
                LOG.warn("Ignoring directory {}, whose name is not of the form topic-partition", path);
            } else if (partition.get().topic().equals(METADATA_TOPIC)) {
                LOG.debug("{} is not a partition of a topic", path);
            } else if (isOurs(partition.get(), path)) {
                found.add(new Found(partition.get(), path, copied.isPresent()));
            } else {
                LOG.warn(
                        "Leaving the directory {} untouched: it holds files but no {}, and the cluster metadata gives no"
                                + " partition {} to this broker",
                        path,
                        PartitionMetadataFile.FILE,
                        partition.get());
            }
        }
        return found;
    }

    /** Loading repairs and deletes; files that someone else put here must not be taken for a damaged log. */
    private boolean isOurs(TopicPartition partition, Path path) throws IOException {
        var disk = directory.disk();
        return disk.exists(path.resolve(PartitionMetadataFile.FILE))
                || disk.list(path).isEmpty()
                || config.held().test(partition);
    }

    private PartitionLog load(Found found, Saved saved, RecoveryProgress progress) throws StorageException {
        try {
            return open(found, saved, progress::scanned);
        } catch (IOException e) {
            throw directory.fail("Cannot load the log of " + found.partition(), e);
        }
    }

    /** A copy that cannot be read is made again; nothing rests on it. */
    private void loadCopy(Found found, Saved saved) throws StorageException {
        try {
            copies.add(open(found, saved, scanned -> {}));
        } catch (IOException e) {
            LOG.warn("The copy {} cannot be used and is deleted: {}", found.path(), e.getMessage());
            drop(found);
        }
    }

    private void drop(Found found) throws StorageException {
        directory.partitions().decrementAndGet();
        var to = found.path().resolveSibling(PartitionDirectory.deleteName(found.partition()));
        try {
            directory.disk().rename(found.path(), to);
        } catch (IOException e) {
            throw directory.fail("Cannot rename " + found.path(), e);
        }
        deletes.add(directory, List.of(to), clockMs.getAsLong());
    }

    private PartitionLog open(Found found, Saved saved, LongConsumer scannedBytes) throws IOException {
        var partition = found.partition();
        return PartitionLog.load(
                homes.of(partition, directory, found.path()),
                config.topicConfig().apply(partition.topic()),
                config.compacted(),
                saved.logStarts.getOrDefault(partition, 0L),
                saved.recoveryPoints.getOrDefault(partition, 0L),
                saved.highWatermarks.getOrDefault(partition, 0L),
                saved.cleaned.getOrDefault(partition, PartitionLog.NEVER_CLEANED),
                saved.clean,
                clockMs.getAsLong(),
                scannedBytes);
    }
}
