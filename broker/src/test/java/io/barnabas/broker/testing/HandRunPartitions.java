package io.barnabas.broker.testing;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;

import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.partition.Workers;
import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.LogStoreConfig;

/** Partitions on real logs with one worker. Whatever a thread is given waits in a queue until the test runs it. */
public final class HandRunPartitions implements AutoCloseable {
    private final LogStore logs;
    private final ArrayDeque<Runnable> threads = new ArrayDeque<>();
    private final Partitions partitions;

    public HandRunPartitions(Path logDir) {
        this(logDir, new RealDisk());
    }

    public HandRunPartitions(Path logDir, Disk disk) {
        logs = LogStore.open(
                LogStoreConfig.builder(List.of(logDir), 1, "cluster").build(), disk, System::currentTimeMillis);
        partitions =
                new Partitions(new Workers(1, threads::add, threads::add, logs::newGroupCommit), logs, new Telemetry());
    }

    public Partitions partitions() {
        return partitions;
    }

    /** What threads have to do, oldest first. */
    public ArrayDeque<Runnable> threads() {
        return threads;
    }

    public void runAll() {
        while (!threads.isEmpty()) {
            threads.poll().run();
        }
    }

    @Override
    public void close() {
        logs.close();
    }
}
