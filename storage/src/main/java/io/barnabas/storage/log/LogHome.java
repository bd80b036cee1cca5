package io.barnabas.storage.log;

import java.nio.file.Path;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.DeferredDeletes;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.journal.Journal;
import io.barnabas.storage.producer.ProducerSettings;

/**
 * Where a log lives and what its store does for it.
 *
 * @param path the partition's own directory
 * @param recoveryPointLowered must make the directory's recovery point checkpoint durable again before it returns
 */
record LogHome(
        TopicPartition partition,
        LogDirectory directory,
        Path path,
        DeferredDeletes deletes,
        Journal journal,
        ProducerSettings producerSettings,
        Lowering recoveryPointLowered) {
    interface Lowering {
        /** @throws StorageException if there was no space, and the log is a copy, whose cut can be put off */
        void checkpoint(LogDirectory directory) throws StorageException;
    }

    Disk disk() {
        return directory.disk();
    }

    /** Whether the log is made after another one, and can be made again. */
    boolean isCopy() {
        return isCopy(path);
    }

    static boolean isCopy(Path path) {
        return PartitionDirectory.parseFuture(path.getFileName().toString()).isPresent();
    }
}
