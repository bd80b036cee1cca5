package io.barnabas.broker.controlplane;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.partition.Partition;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.storage.compaction.CompactionSettings;
import io.barnabas.storage.compaction.CompactionThreads;
import io.barnabas.storage.compaction.Compactor;
import io.barnabas.storage.log.LogStore;

/**
 * Compaction of the logs on this broker, as {@code log.cleaner.*} says, also when that changes. Owns the compaction threads; they read
 * and write on their own and swap segments on the partitions' workers.
 */
public final class Compaction implements AutoCloseable {
    private final NodeConfig config;
    private final Compactor compactor;
    private final CompactionThreads threads;

    public Compaction(LogStore logs, Partitions partitions, NodeConfig config) {
        this.config = config;
        compactor = new Compactor(
                logs,
                () -> partitions.all().stream().map(Partition::log).toList(),
                (log, task) -> partitions.ownerOf(log.partition()).execute(task),
                settings(config.at(MetadataImage.EMPTY)),
                System::currentTimeMillis);
        threads = new CompactionThreads(compactor);
    }

    /** For reading what it tells of itself. */
    public Compactor compactor() {
        return compactor;
    }

    /** Threads that should be there and are not. Any thread. */
    public int deadThreads() {
        return threads.deadThreads();
    }

    /** Hears of every new image on the thread that applies them. */
    public void apply(MetadataImage before, MetadataImage after) {
        if (before.configs() != after.configs()) {
            threads.reconfigure(settings(config.at(after)));
        }
    }

    static CompactionSettings settings(BrokerConfig config) {
        return new CompactionSettings(
                config.intValue("log.cleaner.threads"),
                config.longValue("log.cleaner.dedupe.buffer.size"),
                config.doubleValue("log.cleaner.io.buffer.load.factor"),
                config.intValue("log.cleaner.io.buffer.size"),
                config.doubleValue("log.cleaner.io.max.bytes.per.second"),
                config.longValue("log.cleaner.backoff.ms"));
    }

    @Override
    public void close() {
        threads.close();
    }
}
