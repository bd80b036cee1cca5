package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A start with several log directories, none of them shut down cleanly. */
@Timeout(120)
class SeveralDirectoriesTest {
    private static final long NOW = 1_000_000;
    private static final Path A = Path.of("/a");
    private static final Path B = Path.of("/b");
    /** A strong reference: the logging framework has weak ones. */
    private static final Logger PROGRESS = Logger.getLogger("io.barnabas.storage.log.RecoveryProgress");

    private final SimulatedDisk disk = new SimulatedDisk();

    /** By directory, its first line of progress; who waits for it. */
    private final Map<Path, String> lines = new ConcurrentHashMap<>();

    private final Map<Path, CountDownLatch> told = Map.of(A, new CountDownLatch(1), B, new CountDownLatch(1));

    private final Handler capture = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            for (var directory : List.of(A, B)) {
                if (entry.getMessage().startsWith("Recovering " + directory + ":")) {
                    lines.putIfAbsent(directory, entry.getMessage());
                    told.get(directory).countDown();
                }
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** Partitions 0 and 2 in A, 1 in B, of some batches each; the process dies. */
    private SimulatedDisk killed() throws IOException {
        var store = StoredLogs.open(disk, LogConfig.DEFAULTS, A, B);
        for (int i = 0; i < 3; i++) {
            var log = store.create(StoredLogs.partition(i), LogConfig.DEFAULTS);
            assertEquals(i == 1 ? B : A, log.directory().path());
            for (int j = 0; j <= i; j++) {
                var result = log.append(Batches.of(record(NOW, "k", "v" + j)), 0, AppendOrigin.CLIENT, NOW);
                assertInstanceOf(AppendResult.Appended.class, result);
            }
        }
        return disk.killProcess();
    }

    private static long bytesOf(LogStore store, Path directory) {
        return store.logs().stream()
                .filter(log -> log.directory().path().equals(directory))
                .mapToLong(PartitionLog::sizeBytes)
                .sum();
    }

    /** Only reads of segments' content are asked about: what holds the disk's lock must not wait. */
    private static BiPredicate<String, Path> whenReading(SimulatedDisk found, BiPredicate<String, Path> fails) {
        return (operation, path) -> operation.equals("read")
                && path.toString().endsWith(".log")
                && !Thread.holdsLock(found)
                && fails.test(operation, path);
    }

    /** Neither is read before both have said how far they are. */
    private boolean waitsInVain() {
        return !comes(told.get(A)) || !comes(told.get(B));
    }

    @Test
    void allAreRecoveredAtTheSameTimeAndEachTellsOfItsOwn() throws IOException {
        var found = killed();
        found.failWhen(whenReading(found, (operation, path) -> waitsInVain()));
        PROGRESS.addHandler(capture);
        PROGRESS.setLevel(Level.INFO);
        try {
            var store = StoredLogs.open(found, LogConfig.DEFAULTS, A, B);
            assertEquals(List.of(), store.offline());
            for (int i = 0; i < 3; i++) {
                var log = store.log(new TopicPartition("topic", i)).orElseThrow();
                assertEquals(i + 1, StoredLogs.batches(log, 0, 1_000).size());
            }
            assertEquals(
                    "Recovering /a: 0 of 2 partitions, 0 of " + bytesOf(store, A) + " bytes; estimated rest unknown",
                    lines.get(A));
            assertEquals(
                    "Recovering /b: 0 of 1 partitions, 0 of " + bytesOf(store, B) + " bytes; estimated rest unknown",
                    lines.get(B));
            store.close();
        } finally {
            PROGRESS.removeHandler(capture);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "/b"})
    void oneThatFailsDoesNotEndTheOthers(Path failing) throws IOException {
        var allOffline = new AtomicInteger();
        var found = killed();
        found.failWhen((operation, path) -> path.startsWith(failing) && path.getNameCount() > 2);
        var config = StoredLogs.builder(LogConfig.DEFAULTS, A, B)
                .whenAllOffline(allOffline::incrementAndGet)
                .build();
        var store = LogStore.open(config, found, () -> NOW);
        assertEquals(
                List.of(failing),
                store.offline().stream().map(LogDirectory::path).toList());
        for (int i = 0; i < 3; i++) {
            var log = store.log(new TopicPartition("topic", i));
            assertEquals(!failing.equals(i == 1 ? B : A), log.isPresent());
            if (log.isPresent()) {
                assertEquals(i + 1, StoredLogs.batches(log.get(), 0, 1_000).size());
            }
        }
        assertEquals(0, allOffline.get());
        store.close();
    }

    @Test
    void newLogsGoToDirectoriesThatAreNotCordoned() throws IOException {
        var store = StoredLogs.open(disk, LogConfig.DEFAULTS, A, B);
        cordon(store, A, true);
        assertEquals(B, placed(store, 0));
        assertEquals(B, placed(store, 1));
        cordon(store, A, false);
        assertEquals(A, placed(store, 2));
        // What must be here all the same goes to the first that works, and what was ordered to where it was ordered.
        cordon(store, A, true);
        cordon(store, B, true);
        assertEquals(A, placed(store, 3));
        assertEquals(A, placed(store, 4));
        assertEquals(A, placed(store, 5));
        assertTrue(store.prefer(new TopicPartition("topic", 6), directory(store, B)));
        assertEquals(B, placed(store, 6));
        directory(store, A).fail("Test", new IOException("as it were"));
        assertEquals(B, placed(store, 7));
        store.close();
    }

    private static void cordon(LogStore store, Path path, boolean takesNone) {
        directory(store, path).cordon(takesNone);
    }

    private static LogDirectory directory(LogStore store, Path path) {
        return store.directories().stream()
                .filter(directory -> directory.path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    private static Path placed(LogStore store, int partition) throws IOException {
        return store.create(StoredLogs.partition(partition), LogConfig.DEFAULTS)
                .directory()
                .path();
    }

    /** @param inHelper on a thread that helps to load the logs of a directory, or on the one it helps */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatEndsALoadThatIsNoFailureOfTheDiskEndsTheStart(boolean inHelper) throws IOException {
        var found = killed();
        var error = new OutOfMemoryError("as it were");
        var thrown = new CountDownLatch(1);
        found.failWhen(whenReading(found, (operation, path) -> {
            if (!path.startsWith(A)) {
                return false;
            }
            if (Thread.currentThread().getName().startsWith("log-recovery-") != inHelper) {
                return !comes(thrown);
            }
            thrown.countDown();
            throw error;
        }));
        assertSame(error, assertThrows(Error.class, () -> StoredLogs.open(found, LogConfig.DEFAULTS, A, B)));
        found.failWhen((operation, path) -> false);
        var store = StoredLogs.open(found, LogConfig.DEFAULTS, A, B);
        for (int i = 0; i < 3; i++) {
            var log = store.log(new TopicPartition("topic", i)).orElseThrow();
            assertEquals(i + 1, StoredLogs.batches(log, 0, 1_000).size());
        }
        store.close();
    }

    private static boolean comes(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whereThereIsNoSpaceAnotherDirectoryMayHaveSome() throws IOException {
        var store = StoredLogs.open(disk, LogConfig.DEFAULTS, A, B);
        disk.usableBytes(0);
        disk.failWhen((operation, path) -> operation.equals("create") && path.startsWith(A));
        assertEquals(B, placed(store, 0));
        assertEquals(B, placed(store, 1));
        // What was ordered waits for it.
        store.prefer(new TopicPartition("topic", 2), directory(store, A));
        assertThrows(StorageException.class, () -> placed(store, 2));
        assertEquals(List.of(), store.offline());
        disk.failWhen((operation, path) -> false);
        assertEquals(A, placed(store, 2));
        store.close();
    }
}
