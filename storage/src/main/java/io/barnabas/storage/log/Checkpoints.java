package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.checkpoint.OffsetCheckpoint;
import io.barnabas.storage.dir.LogDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The four offset checkpoint files of one log directory, in Kafka's format. Read at the start; whoever writes, or asks what was written,
 * holds the directory's monitor.
 */
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final String RECOVERY_POINTS = "recovery-point-offset-checkpoint";
    private static final String LOG_STARTS = "log-start-offset-checkpoint";
    private static final String HIGH_WATERMARKS = "replication-offset-checkpoint";
    private static final String CLEANED = "cleaner-offset-checkpoint";

    private final LogDirectory directory;
    /** Partitions that the files may say something of. */
    private final Set<TopicPartition> named = new HashSet<>();

    Checkpoints(LogDirectory directory) {
        this.directory = directory;
    }

    Map<TopicPartition, Long> recoveryPoints() {
        return read(RECOVERY_POINTS);
    }

    Map<TopicPartition, Long> logStarts() {
        return read(LOG_STARTS);
    }

    Map<TopicPartition, Long> highWatermarks() {
        return read(HIGH_WATERMARKS);
    }

    /** How far compacted topics were compacted; a log without an entry never was. */
    Map<TopicPartition, Long> cleaned() {
        return read(CLEANED);
    }

    /** Whether the files may say something of a partition: what they say of one log must not be taken for the next of its name. */
    boolean name(TopicPartition partition) {
        return named.contains(partition);
    }

    /** A damaged checkpoint only costs time: more is scanned. */
    private Map<TopicPartition, Long> read(String name) {
        var file = directory.path().resolve(name);
        try {
            var offsets = OffsetCheckpoint.read(directory.disk(), file);
            named.addAll(offsets.keySet());
            return offsets;
        } catch (IOException e) {
            LOG.warn("Cannot read {}, going on without it: {}", file, e.getMessage());
            return Map.of();
        }
    }

    void write(List<PartitionLog> logs) throws IOException {
        var recoveryPoints = new HashMap<TopicPartition, Long>();
        var logStarts = new HashMap<TopicPartition, Long>();
        var highWatermarks = new HashMap<TopicPartition, Long>();
        for (var log : logs) {
            var view = log.view();
            recoveryPoints.put(log.partition(), log.recoveryCheckpoint());
            highWatermarks.put(log.partition(), view.highWatermark());
            if (view.logStartOffset() > view.segment(0).baseOffset()) {
                logStarts.put(log.partition(), view.logStartOffset());
            }
        }
        named.addAll(recoveryPoints.keySet());
        write(RECOVERY_POINTS, recoveryPoints);
        logs.forEach(log -> log.recoveryCheckpointWritten(recoveryPoints.get(log.partition())));
        write(LOG_STARTS, logStarts);
        write(HIGH_WATERMARKS, highWatermarks);
        writeCleaned(logs);
        named.retainAll(recoveryPoints.keySet());
    }

    /** Writes only how far compaction came, unless nothing ever was compacted. */
    void writeCleaned(List<PartitionLog> logs) throws IOException {
        var cleaned = new HashMap<TopicPartition, Long>();
        for (var log : logs) {
            if (log.cleanedOffset() != PartitionLog.NEVER_CLEANED) {
                named.add(log.partition());
                cleaned.put(log.partition(), log.cleanedOffset());
            }
        }
        if (!cleaned.isEmpty() || directory.disk().exists(directory.path().resolve(CLEANED))) {
            write(CLEANED, cleaned);
        }
    }

    private void write(String name, Map<TopicPartition, Long> offsets) throws IOException {
        Path file = directory.path().resolve(name);
        OffsetCheckpoint.write(directory.disk(), file, offsets);
    }
}
