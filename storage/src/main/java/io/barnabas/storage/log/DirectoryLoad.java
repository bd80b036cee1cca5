package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.checkpoint.CleanShutdown;
import io.barnabas.storage.checkpoint.PartitionMetadataFile;
import io.barnabas.storage.dir.DeferredDeletes;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.journal.Journal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads all logs of one log directory at start. The starting thread, with helpers per log. */
final class DirectoryLoad {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryLoad.class);
    /** Where Kafka in KRaft mode keeps its metadata log: not a partition of ours. */
    private static final String METADATA_TOPIC = "__cluster_metadata";

    private final LogDirectory directory;
    private final LogStoreConfig config;
    private final DeferredDeletes deletes;
    private final Journal journal;
    private final Consumer<LogDirectory> recoveryPointLowered;
    private final LongSupplier clockMs;

    DirectoryLoad(
            LogDirectory directory,
            LogStoreConfig config,
            DeferredDeletes deletes,
            Journal journal,
            Consumer<LogDirectory> recoveryPointLowered,
            LongSupplier clockMs) {
        this.directory = directory;
        this.config = config;
        this.deletes = deletes;
        this.journal = journal;
        this.recoveryPointLowered = recoveryPointLowered;
        this.clockMs = clockMs;
    }

    /** Whether the directory had been shut down cleanly. */
    boolean load(Consumer<PartitionLog> loaded) {
        try {
            var partitions = partitions();
            boolean clean = CleanShutdown.consume(directory.disk(), directory.path());
            if (!partitions.isEmpty()) {
                LOG.info(
                        clean ? "Loading {} logs from {}" : "Recovering {} logs from {}: it was not shut down cleanly",
                        partitions.size(),
                        directory);
            }
            var checkpoints = new Checkpoints(directory);
            var recoveryPoints = checkpoints.recoveryPoints();
            var logStarts = checkpoints.logStarts();
            var highWatermarks = checkpoints.highWatermarks();
            var cleaned = checkpoints.cleaned();
            directory.partitions().addAndGet(partitions.size());
            var progress = new RecoveryProgress(directory, partitions, recoveryPoints);
            try (var lines = clean ? null : progress.tell()) {
                Parallel.forEach("log-recovery", config.recoveryThreadsPerDir(), partitions, partition -> {
                    loaded.accept(load(partition, clean, recoveryPoints, logStarts, highWatermarks, cleaned, progress));
                    progress.partitionDone();
                });
            }
            return clean;
        } catch (IOException e) {
            directory.fail("Cannot load its logs", e);
            return false;
        }
    }

    private List<TopicPartition> partitions() throws IOException {
        var found = new ArrayList<TopicPartition>();
        for (var name : directory.disk().list(directory.path())) {
            var path = directory.path().resolve(name);
            if (!directory.disk().isDirectory(path)) {
                continue;
            }
            var partition = PartitionDirectory.parse(name);
            if (name.endsWith(PartitionDirectory.DELETE_SUFFIX)) {
                deletes.add(directory, List.of(path), clockMs.getAsLong());
            } else if (partition.isEmpty()) {
                LOG.warn("Ignoring directory {}, whose name is not of the form topic-partition", path);
            } else if (partition.get().topic().equals(METADATA_TOPIC)) {
                LOG.debug("{} is not a partition of a topic", path);
            } else if (isOurs(partition.get(), path)) {
                found.add(partition.get());
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

    private PartitionLog load(
            TopicPartition partition,
            boolean clean,
            Map<TopicPartition, Long> recoveryPoints,
            Map<TopicPartition, Long> logStarts,
            Map<TopicPartition, Long> highWatermarks,
            Map<TopicPartition, Long> cleaned,
            RecoveryProgress progress)
            throws StorageException {
        try {
            return PartitionLog.load(
                    new LogHome(
                            partition,
                            directory,
                            directory.path().resolve(PartitionDirectory.name(partition)),
                            deletes,
                            journal,
                            config.producerSettings(),
                            recoveryPointLowered),
                    config.topicConfig().apply(partition.topic()),
                    config.compacted(),
                    logStarts.getOrDefault(partition, 0L),
                    recoveryPoints.getOrDefault(partition, 0L),
                    highWatermarks.getOrDefault(partition, 0L),
                    cleaned.getOrDefault(partition, PartitionLog.NEVER_CLEANED),
                    clean,
                    clockMs.getAsLong(),
                    progress::scanned);
        } catch (IOException e) {
            throw directory.fail("Cannot load the log of " + partition, e);
        }
    }
}
