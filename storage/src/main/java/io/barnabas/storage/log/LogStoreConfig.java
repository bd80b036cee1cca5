package io.barnabas.storage.log;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.producer.ProducerSettings;

/** What a {@link LogStore} needs to know. Immutable; made by a {@link #builder}. */
public final class LogStoreConfig {
    public static final int DEFAULT_MAX_OPEN_FILES = 4096;
    public static final long DEFAULT_JOURNAL_FILE_BYTES = 64 << 20;

    /** Nobody changes it any more. */
    private final Builder parts;

    private LogStoreConfig(Builder parts) {
        this.parts = parts;
    }

    /**
     * All partitions found are this node's, and nothing is kept free, unless the builder is told otherwise.
     *
     * @param logDirs {@code log.dirs}, at least one
     * @param nodeId must be the {@code node.id} of each directory's meta.properties
     * @param clusterId must be the {@code cluster.id} of each directory's meta.properties
     */
    public static Builder builder(List<Path> logDirs, int nodeId, String clusterId) {
        if (logDirs.isEmpty()) {
            throw new IllegalArgumentException("log.dirs must name at least one directory");
        }
        return new Builder(List.copyOf(logDirs), nodeId, clusterId);
    }

    public List<Path> logDirs() {
        return parts.logDirs;
    }

    public int nodeId() {
        return parts.nodeId;
    }

    public String clusterId() {
        return parts.clusterId;
    }

    public int recoveryThreadsPerDir() {
        return parts.recoveryThreadsPerDir;
    }

    public int maxOpenFiles() {
        return parts.maxOpenFiles;
    }

    public Function<String, LogConfig> topicConfig() {
        return parts.topicConfig;
    }

    public ProducerSettings producerSettings() {
        return parts.producerSettings;
    }

    public Predicate<TopicPartition> held() {
        return parts.held;
    }

    public Predicate<String> compacted() {
        return parts.compacted;
    }

    public Function<TopicPartition, Uuid> recordedTopicId() {
        return parts.recordedTopicId;
    }

    public BiPredicate<TopicPartition, LogDirectory> recordedIn() {
        return parts.recordedIn;
    }

    public long journalFileBytes() {
        return parts.journalFileBytes;
    }

    public long minFreeBytes() {
        return parts.minFreeBytes;
    }

    public Set<Path> indispensable() {
        return parts.indispensable;
    }

    public Runnable whenAllOffline() {
        return parts.whenAllOffline;
    }

    /** Collects the parts; each setter changes one of them. Not to be used after {@link #build}. */
    public static final class Builder {
        private final List<Path> logDirs;
        private final int nodeId;
        private final String clusterId;
        private int recoveryThreadsPerDir = 1;
        private int maxOpenFiles = DEFAULT_MAX_OPEN_FILES;
        private Function<String, LogConfig> topicConfig = topic -> LogConfig.DEFAULTS;
        private ProducerSettings producerSettings = ProducerSettings.DEFAULT;
        private Predicate<TopicPartition> held = partition -> true;
        private Predicate<String> compacted = topic -> topicConfig.apply(topic).compact();
        private Function<TopicPartition, Uuid> recordedTopicId = partition -> Uuid.ZERO;
        private BiPredicate<TopicPartition, LogDirectory> recordedIn = (partition, directory) -> false;
        private long journalFileBytes = DEFAULT_JOURNAL_FILE_BYTES;
        private long minFreeBytes;
        private Set<Path> indispensable = Set.of();
        private Runnable whenAllOffline = () -> {};

        private Builder(List<Path> logDirs, int nodeId, String clusterId) {
            this.logDirs = logDirs;
            this.nodeId = nodeId;
            this.clusterId = clusterId;
        }

        /** {@code num.recovery.threads.per.data.dir}: threads that load and close logs, at least 1. */
        public Builder recoveryThreadsPerDir(int threads) {
            recoveryThreadsPerDir = threads;
            return this;
        }

        /** Segment files kept open at most while nobody reads or writes them. */
        public Builder maxOpenFiles(int files) {
            maxOpenFiles = files;
            return this;
        }

        /** Configuration of a topic by name, for the logs found at start. */
        public Builder topicConfig(Function<String, LogConfig> configs) {
            topicConfig = configs;
            return this;
        }

        /** How long producers are remembered, and whether their transactions are verified. */
        public Builder producerSettings(ProducerSettings settings) {
            producerSettings = settings;
            return this;
        }

        /**
         * Whether this node is to have a partition, as far as the cluster metadata tells; asked, and may wait for the answer, of
         * directories only that hold files but no {@code partition.metadata}: those of other partitions are nobody's, and not touched.
         */
        public Builder held(Predicate<TopicPartition> isHeld) {
            held = isHeld;
            return this;
        }

        /**
         * Whether a topic is compacted, as far as the cluster metadata tells; asked, and may wait for the answer, only where offsets
         * are missing in a log, which is a loss in any other topic. What {@link #topicConfig} says, if it is not told.
         */
        public Builder compacted(Predicate<String> isCompacted) {
            compacted = isCompacted;
            return this;
        }

        /**
         * The id that the cluster metadata has for a partition's topic, {@link Uuid#ZERO} if it knows none; asked, and may wait for the
         * answer, only where logs or journal entries of two topics of that name are found.
         */
        public Builder recordedTopicId(Function<TopicPartition, Uuid> topicId) {
            recordedTopicId = topicId;
            return this;
        }

        /**
         * Whether the cluster metadata has a partition of this node in a directory; asked, and may wait for the answer, only where two
         * directories have it.
         */
        public Builder recordedIn(BiPredicate<TopicPartition, LogDirectory> isRecorded) {
            recordedIn = isRecorded;
            return this;
        }

        /** Size of a journal's file; there are at most eight in a directory, and none without {@code durability=fsync}. */
        public Builder journalFileBytes(long bytes) {
            journalFileBytes = bytes;
            return this;
        }

        /** {@code log.dir.min.free.bytes}, see {@link io.barnabas.storage.dir.Reserve}. */
        public Builder minFreeBytes(long bytes) {
            minFreeBytes = bytes;
            return this;
        }

        /** The directories without which the node cannot go on, such as that of its cluster metadata. */
        public Builder indispensable(Set<Path> directories) {
            indispensable = Set.copyOf(directories);
            return this;
        }

        /**
         * Called when the last log directory, or an indispensable one, has failed: nothing can be stored any more. It should end the
         * process; called on the thread whose disk operation failed.
         */
        public Builder whenAllOffline(Runnable action) {
            whenAllOffline = action;
            return this;
        }

        public LogStoreConfig build() {
            return new LogStoreConfig(this);
        }
    }
}
