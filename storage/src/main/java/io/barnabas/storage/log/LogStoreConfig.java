package io.barnabas.storage.log;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.producer.ProducerSettings;

/**
 * What a {@link LogStore} needs to know.
 *
 * @param logDirs {@code log.dirs}, at least one
 * @param nodeId must be the {@code node.id} of each directory's meta.properties
 * @param clusterId must be the {@code cluster.id} of each directory's meta.properties
 * @param recoveryThreadsPerDir {@code num.recovery.threads.per.data.dir}: threads that load and close logs, at least 1
 * @param maxOpenFiles segment files kept open at most while nobody reads or writes them
 * @param topicConfig configuration of a topic by name, for the logs found at start
 * @param producerSettings how long producers are remembered, and whether their transactions are verified
 * @param held whether this node is to have a partition, as far as the cluster metadata tells; asked, and may wait for the answer, of
 *     directories only that hold files but no {@code partition.metadata}: those of other partitions are nobody's, and not touched
 * @param compacted whether a topic is compacted, as far as the cluster metadata tells; asked, and may wait for the answer, only where
 *     offsets are missing in a log, which is a loss in any other topic
 * @param journalFileBytes size of a journal's file; there are at most eight in a directory, and none without {@code durability=fsync}
 * @param minFreeBytes {@code log.dir.min.free.bytes}, see {@link io.barnabas.storage.dir.Reserve}
 * @param indispensable the directories without which the node cannot go on, such as that of its cluster metadata
 * @param whenAllOffline called when the last log directory, or an indispensable one, has failed: nothing can be stored any more. It
 *     should end the process; called on the thread whose disk operation failed
 */
public record LogStoreConfig(
        List<Path> logDirs,
        int nodeId,
        String clusterId,
        int recoveryThreadsPerDir,
        int maxOpenFiles,
        Function<String, LogConfig> topicConfig,
        ProducerSettings producerSettings,
        Predicate<TopicPartition> held,
        Predicate<String> compacted,
        long journalFileBytes,
        long minFreeBytes,
        Set<Path> indispensable,
        Runnable whenAllOffline) {

    public static final int DEFAULT_MAX_OPEN_FILES = 4096;
    public static final long DEFAULT_JOURNAL_FILE_BYTES = 64 << 20;

    /** All partitions found are this node's. */
    public LogStoreConfig(
            List<Path> logDirs,
            int nodeId,
            String clusterId,
            int recoveryThreadsPerDir,
            int maxOpenFiles,
            Function<String, LogConfig> topicConfig,
            ProducerSettings producerSettings,
            Runnable whenAllOffline) {
        this(
                logDirs,
                nodeId,
                clusterId,
                recoveryThreadsPerDir,
                maxOpenFiles,
                topicConfig,
                producerSettings,
                partition -> true,
                topic -> topicConfig.apply(topic).compact(),
                DEFAULT_JOURNAL_FILE_BYTES,
                0,
                Set.of(),
                whenAllOffline);
    }

    /** With Kafka's default settings of producers, too. */
    public LogStoreConfig(
            List<Path> logDirs,
            int nodeId,
            String clusterId,
            int recoveryThreadsPerDir,
            int maxOpenFiles,
            Function<String, LogConfig> topicConfig,
            Runnable whenAllOffline) {
        this(
                logDirs,
                nodeId,
                clusterId,
                recoveryThreadsPerDir,
                maxOpenFiles,
                topicConfig,
                ProducerSettings.DEFAULT,
                whenAllOffline);
    }

    public LogStoreConfig {
        logDirs = List.copyOf(logDirs);
        if (logDirs.isEmpty()) {
            throw new IllegalArgumentException("log.dirs must name at least one directory");
        }
    }
}
