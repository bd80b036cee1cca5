package io.barnabas.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A journal on a disk that fails while several threads commit: nobody may take a record for durable that may be lost. */
class JournalTest {
    private static final Path DIR = Path.of("/data");
    private static final String FIRST_FILE = JournalFile.PREFIX + "0";
    private static final long DEADLINE_S = 30;
    private static final int FILE_BYTES = 1_000;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final LogDirectory directory = new LogDirectory(DIR, new OpenFiles(disk, 16), failed -> {});
    private final Journal journal = new Journal(directory, FILE_BYTES);
    private final CountDownLatch failing = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();

    @BeforeEach
    void open() throws IOException {
        disk.createDirectories(DIR);
    }

    @AfterEach
    void close() {
        goOn.countDown();
        journal.abandon();
    }

    private static JournalEntries entries(Journaled log, int bytes) {
        var entries = new JournalEntries();
        entries.add(log, new TopicIdPartition(new Uuid(1, 2), "t", 0), List.of(ByteBuffer.allocate(bytes)));
        return entries;
    }

    private static JournalEntries small() {
        return entries(() -> {}, 50);
    }

    private static JournalEntries large() {
        return entries(() -> {}, FILE_BYTES);
    }

    /** A thread that commits, and how that ended. */
    private final class Committer {
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Thread thread;

        Committer(JournalEntries entries) {
            thread = new Thread(() -> {
                try {
                    journal.commit(entries);
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        void awaitBlocked() throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
            while (thread.getState() != Thread.State.BLOCKED) {
                assertTrue(System.nanoTime() < deadline, () -> "not blocked but " + thread.getState());
                Thread.sleep(1);
            }
        }

        /** Null if the commit went well. */
        Throwable end() throws InterruptedException {
            thread.join(TimeUnit.SECONDS.toMillis(DEADLINE_S));
            assertFalse(thread.isAlive(), "still commits");
            return failure.get();
        }
    }

    /** The call of this number for the first file waits, then fails; all others succeed, as the fsync after one that failed does. */
    private void failOnce(String operation, int number) {
        disk.failWhen((what, path) -> {
            if (!what.equals(operation) || !path.endsWith(FIRST_FILE) || calls.incrementAndGet() != number) {
                return false;
            }
            failing.countDown();
            await(goOn);
            return true;
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(DEADLINE_S, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoWaitsForAForceThatFailsHasNothingDurable() throws Exception {
        failOnce("force", 1);
        var first = new Committer(small());
        await(failing);
        var second = new Committer(small());
        second.awaitBlocked();
        goOn.countDown();
        assertInstanceOf(StorageException.class, first.end());
        assertInstanceOf(StorageException.class, second.end());
        assertEquals(1, calls.get());
    }

    /** The file is forced because it is full while another force of it is under way: only one of them is told of an error. */
    @Test
    void theForceOfAFullFileHidesNoOtherOneThatFails() throws Exception {
        failOnce("force", 1);
        var first = new Committer(small());
        await(failing);
        var filling = new Committer(large());
        filling.awaitBlocked();
        var next = new Committer(small());
        next.awaitBlocked();
        goOn.countDown();
        assertInstanceOf(StorageException.class, first.end());
        assertInstanceOf(StorageException.class, filling.end());
        assertInstanceOf(StorageException.class, next.end());
        assertEquals(1, calls.get());
    }

    /** What is behind a torn entry is not read. */
    @Test
    void nothingIsWrittenBehindAnEntryThatFailed() throws Exception {
        journal.commit(small());
        failOnce("write", 2);
        var first = new Committer(small());
        await(failing);
        var second = new Committer(small());
        second.awaitBlocked();
        goOn.countDown();
        assertInstanceOf(StorageException.class, first.end());
        assertInstanceOf(StorageException.class, second.end());
        assertEquals(2, calls.get());
    }

    @Test
    void anErrorIsAFailureToo() throws Exception {
        journal.commit(small());
        disk.failWhen((operation, path) -> {
            if (operation.equals("write") && calls.incrementAndGet() == 1) {
                throw new InternalError("on purpose");
            }
            return false;
        });
        var failure = assertThrows(StorageException.class, () -> journal.commit(small()));
        assertInstanceOf(InternalError.class, failure.getCause());
        assertFalse(directory.isOnline());
        assertThrows(StorageException.class, () -> journal.commit(small()));
    }

    @Test
    void nobodyWaitsForATrimThatBroke() throws Exception {
        var broken = new IllegalStateException("on purpose");
        Journaled log = () -> {
            throw broken;
        };
        var failures = new ArrayList<Throwable>();
        // More than there are files.
        for (int i = 0; i < 20 && failures.isEmpty(); i++) {
            var failure = new Committer(entries(log, FILE_BYTES)).end();
            if (failure != null) {
                failures.add(failure);
            }
        }
        assertEquals(1, failures.size());
        assertInstanceOf(StorageException.class, failures.get(0));
        assertFalse(directory.isOnline());
    }

    @Test
    void filesAreUsedAgainOnceTheirLogsAreDurable() throws Exception {
        var made = new AtomicInteger();
        for (int i = 0; i < 40; i++) {
            assertNull(new Committer(entries(made::incrementAndGet, FILE_BYTES)).end());
        }
        assertTrue(disk.list(DIR).stream()
                        .filter(name -> name.startsWith(JournalFile.PREFIX))
                        .count()
                <= 8);
        assertTrue(made.get() >= 40 - 8, () -> made + " logs were made durable");
    }
}
