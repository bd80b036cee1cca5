package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import io.barnabas.protocol.Uuid;
import io.barnabas.storage.checkpoint.PartitionMetadataFile;
import io.barnabas.storage.file.Disk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The id of a log's topic and the {@code partition.metadata} that keeps it: written with the first record, made durable
 * with the first flush. Written by the owner, forced and read by any thread.
 */
final class TopicIdFile {
    private static final Logger LOG = LoggerFactory.getLogger(TopicIdFile.class);

    private final Disk disk;
    private final Path directory;
    private volatile Uuid id;
    private volatile boolean written;
    private boolean durable;

    private TopicIdFile(Disk disk, Path directory, Uuid id, boolean written) {
        this.disk = disk;
        this.directory = directory;
        this.id = id;
        this.written = written;
    }

    static TopicIdFile of(Disk disk, Path directory, Uuid id) {
        return new TopicIdFile(disk, directory, id, false);
    }

    /**
     * @param flushed whether the log was flushed before, so that the file must be whole; else a damaged one is one that a
     *     power loss tore, and counts as absent
     */
    static TopicIdFile load(Disk disk, Path directory, boolean flushed) throws IOException {
        Optional<Uuid> found;
        try {
            found = PartitionMetadataFile.read(disk, directory);
        } catch (IOException e) {
            if (flushed) {
                throw e;
            }
            LOG.warn("Going on without the topic id of a log that was never flushed: {}", e.getMessage());
            disk.delete(directory.resolve(PartitionMetadataFile.FILE));
            found = Optional.empty();
        }
        return new TopicIdFile(disk, directory, found.orElse(Uuid.ZERO), found.isPresent());
    }

    /** {@link Uuid#ZERO} if unknown. */
    Uuid id() {
        return id;
    }

    /** What is to be written, where none may have been known. */
    synchronized void take(Uuid topicId) {
        id = topicId;
    }

    /** Takes an id where none was known; at once and durably if the log has records already. */
    synchronized void adopt(Uuid topicId, boolean hasRecords) throws IOException {
        take(topicId);
        if (hasRecords) {
            PartitionMetadataFile.write(disk, directory, topicId);
            written = true;
            durable = true;
        }
    }

    /** The same file, when the partition's directory has another name. */
    synchronized TopicIdFile in(Path otherDirectory) {
        var moved = new TopicIdFile(disk, otherDirectory, id, written);
        moved.durable = durable;
        return moved;
    }

    void ensureWritten() throws IOException {
        if (!written && !id.equals(Uuid.ZERO)) {
            PartitionMetadataFile.create(disk, directory, id);
            written = true;
        }
    }

    synchronized void force() throws IOException {
        if (!durable && written) {
            PartitionMetadataFile.write(disk, directory, id);
            durable = true;
        }
    }
}
