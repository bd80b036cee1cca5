package io.barnabas.storage.log;

import java.nio.file.Path;
import java.util.function.Consumer;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.DeferredDeletes;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.Disk;
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
        Consumer<LogDirectory> recoveryPointLowered) {
    Disk disk() {
        return directory.disk();
    }
}
