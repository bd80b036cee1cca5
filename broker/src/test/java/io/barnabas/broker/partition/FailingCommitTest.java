package io.barnabas.broker.partition;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BiPredicate;

import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.broker.testing.Batches;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.AppendResult;
import io.barnabas.storage.log.Durability;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.LogStoreConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The end of a drain that meets what is no failure of a disk: nobody is told that a record is kept unless it is, and everybody is told
 * something. Threads are run by hand.
 */
class FailingCommitTest {
    private static final LogConfig DURABLE =
            LogConfig.builder().durability(Durability.FSYNC).build();

    @TempDir
    Path logDir;

    private final ArrayDeque<Runnable> threads = new ArrayDeque<>();
    private final List<ErrorCode> outcomes = new ArrayList<>();
    private Executor forcing = threads::add;
    /** Which operations of the disk, by name, on which path end with something else than an IOException. */
    private BiPredicate<String, Path> breaking = (operation, path) -> false;

    private Throwable breakage;
    private LogStore logs;
    private Partitions partitions;

    @BeforeEach
    void open() {
        logs = LogStore.open(
                LogStoreConfig.builder(List.of(logDir), 1, "cluster").build(), disk(), System::currentTimeMillis);
        var workers = new Workers(1, threads::add, task -> forcing.execute(task), logs::newGroupCommit);
        partitions = new Partitions(workers, logs, new Telemetry());
    }

    @AfterEach
    void close() {
        logs.close();
    }

    private Disk disk() {
        var real = new RealDisk();
        return (Disk) Proxy.newProxyInstance(
                Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, (self, method, args) -> {
                    if (args != null && args[0] instanceof Path path && breaking.test(method.getName(), path)) {
                        throw breakage;
                    }
                    try {
                        return method.invoke(real, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Once. */
    private void breakAt(String operation, String name, Throwable with) {
        breakage = with;
        breaking = (what, path) -> {
            if (!what.equals(operation) || !path.getFileName().toString().startsWith(name)) {
                return false;
            }
            breaking = (other, otherPath) -> false;
            return true;
        };
    }

    private Partition lead(int number, LogConfig config) {
        partitions.keep(new TopicIdPartition(new Uuid(1, 2), "t", number), new Leadership(1, 0, true, 1), config, 1);
        runAll();
        return partitions.find(new TopicPartition("t", number));
    }

    private void append(Partition partition) {
        partition.worker().execute(() -> {
            var result = partition.append(
                    Batches.of("v"), AppendOrigin.CLIENT, true, System.currentTimeMillis(), outcomes::add);
            if (result instanceof AppendResult.Rejected rejected) {
                outcomes.add(rejected.error());
            }
        });
    }

    private void runAll() {
        while (!threads.isEmpty()) {
            threads.poll().run();
        }
    }

    @Test
    void anErrorInTheJournalIsNoAcknowledgement() {
        var first = lead(0, DURABLE);
        var second = lead(1, DURABLE);
        breakAt("openOrCreate", "barnabas-journal-", new OutOfMemoryError("on purpose"));
        append(first);
        append(second);
        runAll();
        assertEquals(List.of(ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.KAFKA_STORAGE_ERROR), outcomes);
        assertTrue(first.isOffline());
        assertEquals(0, first.log().view().highWatermark());
        append(first);
        runAll();
        assertEquals(ErrorCode.KAFKA_STORAGE_ERROR, outcomes.get(2));
    }

    /** What the journal lacks is flushed first, and that breaks; another partition makes the commit go on. */
    @Test
    void whatDidNotReachTheJournalIsNoAcknowledgement() {
        var first = lead(0, LogConfig.DEFAULTS);
        append(first);
        runAll();
        outcomes.clear();
        first = lead(0, DURABLE);
        var second = lead(1, DURABLE);
        breakAt("forceDirectory", "t-0", new IllegalStateException("on purpose"));
        append(first);
        append(second);
        runAll();
        assertEquals(List.of(ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.KAFKA_STORAGE_ERROR), outcomes);
        assertTrue(first.isOffline());
    }

    @Test
    void whoeverWaitsForAWriteThatBreaksIsTold() {
        var partition = lead(0, LogConfig.DEFAULTS);
        breakAt("write", "partition.metadata", new IllegalStateException("on purpose"));
        append(partition);
        runAll();
        assertEquals(List.of(ErrorCode.KAFKA_STORAGE_ERROR), outcomes);
        assertTrue(partition.isOffline());
    }

    @Test
    void withoutAThreadForItTheCommitIsDoneAtOnce() {
        var partition = lead(0, DURABLE);
        forcing = task -> {
            forcing = threads::add;
            throw new OutOfMemoryError("unable to create native thread: on purpose");
        };
        append(partition);
        // Not assertThrows: it passes this error on.
        try {
            runAll();
        } catch (OutOfMemoryError e) {
            outcomes.add(ErrorCode.UNKNOWN_SERVER_ERROR);
        }
        append(partition);
        runAll();
        assertEquals(List.of(ErrorCode.NONE, ErrorCode.NONE), outcomes);
        assertFalse(partition.isOffline());
    }

    /** A thread that has the task after all does not do it again. */
    @Test
    void aCommitIsDoneOnce() {
        var partition = lead(0, DURABLE);
        forcing = task -> {
            forcing = threads::add;
            threads.add(task);
            throw new IllegalStateException("on purpose");
        };
        append(partition);
        try {
            runAll();
        } catch (IllegalStateException e) {
            outcomes.add(ErrorCode.UNKNOWN_SERVER_ERROR);
        }
        append(partition);
        runAll();
        assertEquals(List.of(ErrorCode.NONE, ErrorCode.NONE), outcomes);
    }
}
