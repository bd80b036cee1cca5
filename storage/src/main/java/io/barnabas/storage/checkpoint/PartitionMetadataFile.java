package io.barnabas.storage.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.Disk;

/** The topic id of a partition directory: {@code partition.metadata}, two lines, {@code version: 0} and {@code topic_id: …}. */
public final class PartitionMetadataFile {
    public static final String FILE = "partition.metadata";
    private static final int LINES = 2;

    private PartitionMetadataFile() {}

    /**
     * Empty if the directory has no such file, or an empty one, as a power loss may leave.
     *
     * @throws IOException if the file cannot be read or is damaged
     */
    public static Optional<Uuid> read(Disk disk, Path partitionDirectory) throws IOException {
        var file = partitionDirectory.resolve(FILE);
        byte[] bytes;
        try {
            bytes = disk.readAll(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (bytes.length == 0) {
            return Optional.empty();
        }
        var lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        if (lines.size() < LINES) {
            throw CheckpointText.damaged(file, "it should have " + LINES + " lines");
        }
        // A later version only adds lines: Kafka reads it too, so that going back to an older release works.
        if (CheckpointText.number(file, value(file, lines.get(0))) < 0) {
            throw CheckpointText.damaged(file, "its version is negative");
        }
        try {
            var topicId = Uuid.parse(value(file, lines.get(1)));
            if (topicId.equals(Uuid.ZERO)) {
                throw CheckpointText.damaged(file, "the topic id is zero");
            }
            return Optional.of(topicId);
        } catch (IllegalArgumentException e) {
            throw CheckpointText.damaged(file, e.getMessage());
        }
    }

    private static String value(Path file, String line) throws IOException {
        var fields = line.split(":\\s+");
        if (fields.length != 2) {
            throw CheckpointText.damaged(file, "the line '" + line + "' should be a name and a value");
        }
        return fields[1];
    }

    /** Writes the file, durably. */
    public static void write(Disk disk, Path partitionDirectory, Uuid topicId) throws IOException {
        disk.replace(partitionDirectory.resolve(FILE), content(topicId));
    }

    /** Writes a file that is not there yet without waiting for the disk; a power loss may leave it empty or away. */
    public static void create(Disk disk, Path partitionDirectory, Uuid topicId) throws IOException {
        disk.write(partitionDirectory.resolve(FILE), content(topicId));
    }

    private static byte[] content(Uuid topicId) {
        return ("version: 0\ntopic_id: " + topicId).getBytes(StandardCharsets.UTF_8);
    }
}
