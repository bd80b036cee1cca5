package io.barnabas.storage.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.file.Disk;

/**
 * An offset per partition, in the files {@code recovery-point-offset-checkpoint},
 * {@code replication-offset-checkpoint}, {@code log-start-offset-checkpoint} and {@code cleaner-offset-checkpoint} of a
 * log directory. One line per partition: topic, partition, offset.
 */
public final class OffsetCheckpoint {
    private static final int FIELDS = 3;

    private OffsetCheckpoint() {}

    /**
     * Empty if there is no file. The map may be changed.
     *
     * @throws IOException if the file cannot be read or is damaged
     */
    public static Map<TopicPartition, Long> read(Disk disk, Path file) throws IOException {
        var offsets = new HashMap<TopicPartition, Long>();
        for (var fields : CheckpointText.read(disk, file, FIELDS)) {
            long partition = CheckpointText.number(file, fields[1]);
            if (partition < 0 || partition > Integer.MAX_VALUE) {
                throw CheckpointText.damaged(file, partition + " is no partition");
            }
            offsets.put(new TopicPartition(fields[0], (int) partition), CheckpointText.number(file, fields[2]));
        }
        return offsets;
    }

    /** Replaces the file, durably. */
    public static void write(Disk disk, Path file, Map<TopicPartition, Long> offsets) throws IOException {
        var lines = new ArrayList<String>(offsets.size());
        offsets.forEach(
                (partition, offset) -> lines.add(partition.topic() + " " + partition.partition() + " " + offset));
        CheckpointText.write(disk, file, lines);
    }
}
