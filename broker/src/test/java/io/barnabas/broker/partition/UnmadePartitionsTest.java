package io.barnabas.broker.partition;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

import io.barnabas.broker.testing.HandRunPartitions;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.log.LogConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

/** A topic that is created while the disk is full is there once it is not. */
class UnmadePartitionsTest {
    private static final TopicIdPartition ID = new TopicIdPartition(new Uuid(1, 2), "t", 0);
    private static final Leadership LEADERSHIP = new Leadership(1, 3, true, 1);

    @TempDir
    Path directory;

    private final AtomicBoolean full = new AtomicBoolean();

    private Disk disk() {
        var real = new RealDisk();
        return (Disk) Proxy.newProxyInstance(
                Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, (self, method, arguments) -> {
                    if (full.get() && method.getName().equals("createDirectory")) {
                        throw new IOException("No space left on device");
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void aLogIsMadeOnceThereIsSpace() {
        try (var world = new HandRunPartitions(directory, disk())) {
            var partitions = world.partitions();
            full.set(true);
            partitions.keep(ID, LEADERSHIP, LogConfig.DEFAULTS, 1);
            world.runAll();
            assertNull(partitions.find(ID.topicPartition()));
            var changed = LogConfig.builder().retentionMs(77).build();
            partitions.reconfigure(ID.topicPartition(), changed, 1);
            partitions.makeUnmade();
            world.runAll();
            assertNull(partitions.find(ID.topicPartition()));
            full.set(false);
            partitions.makeUnmade();
            world.runAll();
            var made = partitions.find(ID.topicPartition());
            assertNotNull(made);
            assertEquals(3, made.leadership().epoch());
            assertEquals(77, made.log().config().retentionMs());
        }
    }

    @Test
    void whatIsDeletedMeanwhileIsNotMade() {
        try (var world = new HandRunPartitions(directory, disk())) {
            var partitions = world.partitions();
            full.set(true);
            partitions.keep(ID, LEADERSHIP, LogConfig.DEFAULTS, 1);
            partitions.delete(ID.topicPartition());
            world.runAll();
            full.set(false);
            partitions.makeUnmade();
            world.runAll();
            assertNull(partitions.find(ID.topicPartition()));
        }
    }
}
