package io.barnabas.broker.tool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.PartitionDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What stands in a log directory before anything opens it. One that is not there yet is empty. Any thread. */
public final class LogDirContents {
    /** Partition 0 is Apache Kafka's metadata log, partition 1 ours. */
    private static final String METADATA_TOPIC = "__cluster_metadata";

    private static final Logger LOG = LoggerFactory.getLogger(LogDirContents.class);

    private LogDirContents() {}

    /** The name of a directory that holds a partition of a topic, the first by name; none where that cannot be read. */
    public static Optional<String> somePartition(Path dir) {
        try {
            return first(dir, partition -> !partition.topic().equals(METADATA_TOPIC));
        } catch (IOException e) {
            LOG.debug("Cannot list {}; whoever opens it says so", dir, e);
            return Optional.empty();
        }
    }

    /** The name of a directory that holds a partition or cluster metadata, the first by name. */
    static Optional<String> somethingOfACluster(Path dir) throws IOException {
        return first(dir, partition -> true);
    }

    private static Optional<String> first(Path dir, Predicate<TopicPartition> wanted) throws IOException {
        if (!Files.isDirectory(dir)) {
            return Optional.empty();
        }
        try (var entries = Files.list(dir)) {
            return entries.filter(Files::isDirectory)
                    .map(entry -> entry.getFileName().toString())
                    .filter(name ->
                            PartitionDirectory.parse(name).filter(wanted).isPresent())
                    .min(String::compareTo);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
