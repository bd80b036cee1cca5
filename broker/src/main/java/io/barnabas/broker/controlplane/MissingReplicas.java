package io.barnabas.broker.controlplane;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.barnabas.broker.partition.Partitions;
import io.barnabas.metadata.image.DirectoryIds;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.PartitionLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicas that the metadata on this disk gives to this broker, but of which none of its log directories has a trace. While a log
 * directory is offline they are taken to be there. Else they are made anew, empty; that is never to happen unsaid. Found once, at the start; a topic that is new has no metadata on the disk by then.
 */
public final class MissingReplicas {
    private static final Logger LOG = LoggerFactory.getLogger(MissingReplicas.class);

    private final List<TopicPartition> missing = new ArrayList<>();
    /** They moved to a directory that does not work, and what was found of them is from before. */
    private final List<TopicPartition> elsewhere = new ArrayList<>();

    private MissingReplicas() {}

    /**
     * @param image as loaded from the disk
     * @param logs as loaded, before the metadata orders any to be created
     */
    public static MissingReplicas among(MetadataImage image, int brokerId, LogStore logs) {
        var found = new MissingReplicas();
        for (TopicImage topic : image.topics().all()) {
            for (PartitionImage partition : topic.partitions()) {
                var name = new TopicPartition(topic.name(), partition.partition());
                var log = logs.log(name);
                if (!partition.replicas().contains(brokerId)) {
                    continue;
                }
                if (log.isEmpty()) {
                    found.missing.add(name);
                } else if (isElsewhere(partition.directoryOf(brokerId), log.get(), logs)) {
                    found.elsewhere.add(name);
                }
            }
        }
        return found;
    }

    /** Whether the metadata has the replica in none of the directories that work, while there are others. */
    private static boolean isElsewhere(Uuid recorded, PartitionLog log, LogStore logs) {
        return !logs.offline().isEmpty()
                && !DirectoryIds.isReserved(recorded)
                && log.directory().id().isPresent()
                && logs.directories().stream()
                        .filter(LogDirectory::isOnline)
                        .noneMatch(directory -> directory.id().equals(Optional.of(recorded)));
    }

    /** Orders those to be offline that may lie in a directory that does not work, before the metadata orders any to be created. */
    public void keepOffline(LogStore logs, Partitions partitions) {
        for (TopicPartition partition : elsewhere) {
            LOG.error(
                    "The metadata has {} in a log directory that does not work; what is in {} is from before it moved there. It"
                            + " answers KAFKA_STORAGE_ERROR until the broker is restarted with that directory",
                    partition,
                    logs.log(partition).orElseThrow().directory());
            partitions.keepOffline(partition);
        }
        if (missing.isEmpty() || logs.offline().isEmpty()) {
            return;
        }
        LOG.error(
                "{} partitions, such as {}, are in none of the log directories that work; they are taken to be in {} and answer"
                        + " KAFKA_STORAGE_ERROR until the broker is restarted with it",
                missing.size(),
                missing.get(0),
                logs.offline());
        missing.forEach(partitions::keepOffline);
    }

    /** One line for each, once they were made anew. */
    public void report(LogStore logs) {
        for (TopicPartition partition : missing) {
            logs.log(partition)
                    .ifPresent(log -> LOG.warn(
                            "The directory of {} was gone from log.dirs {}, though the cluster metadata says that this broker has"
                                    + " it: its records here are lost. It starts empty, as {}; to get them back, stop the broker"
                                    + " and restore the directory.",
                            partition,
                            logs.directories(),
                            log.directory().path().resolve(PartitionDirectory.name(partition))));
        }
    }
}
