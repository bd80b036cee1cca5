package io.barnabas.storage.compaction;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.AppendResult;
import io.barnabas.storage.log.Batches;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.PartitionLog;
import io.barnabas.storage.log.StoredLogs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A log that cannot be compacted is set aside and told; the others are compacted, by the same threads. */
class CompactorTest {
    private static final long NOW = 1_000_000;
    private static final int RECORDS = 10;
    /** A strong reference: the logging framework has weak ones. */
    private static final Logger LOG = Logger.getLogger(Compactor.class.getName());

    @TempDir
    Path directory;

    private final LogConfig config = LogConfig.builder()
            .compact(true)
            .delete(false)
            .segmentBytes(300)
            .minCleanableDirtyRatio(0.1)
            .build();
    private LogStore store;

    private PartitionLog log(int partition) throws IOException {
        if (store == null) {
            store = StoredLogs.open(new RealDisk(), config, directory);
        }
        var log = store.create(StoredLogs.partition(partition), config);
        for (int i = 0; i < RECORDS; i++) {
            var result = log.append(Batches.of(record(NOW, "k", "value" + i)), 0, AppendOrigin.CLIENT, NOW);
            assertInstanceOf(AppendResult.Appended.class, result);
        }
        log.advanceHighWatermark(RECORDS);
        return log;
    }

    private Compactor compactor(OwnerThreads owners) {
        return new Compactor(store, () -> List.copyOf(store.logs()), owners, CompactionSettings.DEFAULT, () -> NOW);
    }

    @BeforeEach
    void quiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void close() {
        LOG.setLevel(null);
        store.abandon();
    }

    private void damage(int partition) throws IOException {
        var file = directory.resolve("topic-" + partition).resolve(String.format("%020d.log", 0));
        var bytes = Files.readAllBytes(file);
        bytes[70] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void aDamagedLogIsLeftAsItIsAndTheOthersAreCompacted() throws IOException {
        var damaged = log(0);
        var sound = log(1);
        damage(0);
        var compactor = compactor((owned, task) -> task.run());
        while (compactor.compactDirtiest()) {}
        var facts = compactor.uncleanable(damaged.directory());
        assertEquals(1, facts.count());
        assertEquals(CompactionPlan.of(damaged, NOW).cleanableBytes(), facts.bytes());
        assertEquals(RECORDS, StoredLogs.batches(damaged, 0, 10_000).size(), "nothing of it is gone");
        assertEquals(-1, damaged.cleanedOffset());
        assertTrue(StoredLogs.batches(sound, 0, 10_000).size() < RECORDS / 2);
        assertTrue(sound.cleanedOffset() > 0);

        store.delete(new TopicPartition("topic", 0));
        compactor.compactDirtiest();
        assertEquals(0, compactor.uncleanable(damaged.directory()).count());
        assertEquals(0, compactor.uncleanable(damaged.directory()).bytes());
    }

    @Test
    void whateverBreaksACompactionOthersGoOn() throws IOException {
        var first = log(0);
        var second = log(1);
        var third = log(2);
        var compactor = compactor((owned, task) -> {
            if (owned == first) {
                throw new OutOfMemoryError("made up");
            } else if (owned == second) {
                throw new IllegalStateException("made up");
            }
            task.run();
        });
        assertTrue(compactor.compactDirtiest());
        assertTrue(compactor.compactDirtiest());
        assertTrue(compactor.compactDirtiest());
        assertFalse(compactor.compactDirtiest());
        assertEquals(2, compactor.uncleanable(first.directory()).count());
        assertTrue(third.cleanedOffset() > 0);
    }

    /** At a byte a second it would take hours. */
    @Test
    void theRateIsKeptAndACompactionThatWaitsForItCanBeStopped() throws Exception {
        var log = log(0);
        var slow = new CompactionSettings(1, 1 << 20, 0.9, 1 << 16, 1, 1);
        var compactor = new Compactor(store, () -> List.of(log), (owned, task) -> task.run(), slow, () -> NOW);
        var thread = new Thread(compactor::compactDirtiest, "slow");
        thread.start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertTrue(thread.isAlive() && System.nanoTime() < deadline, "it does not wait");
            Thread.sleep(1);
        }
        compactor.stop();
        thread.join(30_000);
        assertFalse(thread.isAlive());
        assertEquals(-1, log.cleanedOffset());
        assertEquals(RECORDS, StoredLogs.batches(log, 0, 10_000).size());
    }

    @Test
    void whatIsMeasuredIsThatOfTheLastCompaction() throws IOException {
        var log = log(0);
        var compactor = compactor((owned, task) -> task.run());
        assertEquals(CompactionStats.NONE, compactor.stats());
        assertEquals(0, compactor.maxDirtyPercent());
        var plan = CompactionPlan.of(log, NOW);
        assertTrue(compactor.compactDirtiest());
        var stats = compactor.stats();
        assertEquals(plan.cleanableBytes(), stats.bytesRead());
        assertTrue(stats.bytesWritten() > 0 && stats.bytesWritten() < stats.bytesRead(), stats::toString);
        assertTrue(stats.bufferUtilization() > 0 && stats.bufferUtilization() < 0.1, stats::toString);
        assertEquals((int) (100 * stats.bytesWritten() / stats.bytesRead()), stats.recopyPercent());
        assertEquals(100, compactor.maxDirtyPercent());
        assertFalse(compactor.compactDirtiest());
        assertEquals(0, compactor.maxDirtyPercent());
        assertEquals(stats, compactor.stats(), "a look that finds nothing is no compaction");
        assertEquals(NOW, compactor.lastRunMs());
    }

    /** Whatever finds no space first: the log stays as it is, the directory online, and the next attempt succeeds. */
    @Test
    void withoutSpaceACompactionIsPutOff() throws IOException {
        int failed = 0;
        for (int first = 0; first < 40; first++) {
            var disk = new SimulatedDisk();
            store = StoredLogs.open(disk, config, Path.of("/data"));
            var log = log(0);
            var count = new AtomicInteger(-first);
            disk.failWhen((operation, path) -> {
                boolean isFull = operation.equals("write") && count.getAndIncrement() >= 0;
                if (isFull) {
                    disk.usableBytes(0);
                }
                return isFull;
            });
            compactor((owned, task) -> task.run()).compactDirtiest();
            if (count.get() > 0) {
                failed++;
            }
            assertEquals(List.of(), store.offline(), "write " + first);
            assertEquals(RECORDS, log.view().logEndOffset());
            disk.failWhen((operation, path) -> false);
            disk.usableBytes(1L << 40);
            store.checkSpace();
            compactor((owned, task) -> task.run()).compactDirtiest();
            assertTrue(StoredLogs.batches(log, 0, 100_000).size() < RECORDS, "write " + first);
            store.close();
        }
        assertTrue(failed > 5, failed + " writes found no space");
    }

    /** It is what makes room where all topics are compacted; but what it needs for a while must be there. */
    @Test
    void belowTheReserveIsCompactedWhatFits() throws IOException {
        var disk = new SimulatedDisk();
        var settings = StoredLogs.builder(config, Path.of("/data"))
                .minFreeBytes(1_000_000)
                .build();
        store = LogStore.open(settings, disk, () -> NOW);
        log(0);
        disk.usableBytes(500_100);
        store.checkSpace();
        var nowMs = new AtomicLong(NOW);
        var compactor = new Compactor(
                store,
                () -> List.copyOf(store.logs()),
                (owned, task) -> task.run(),
                CompactionSettings.DEFAULT,
                nowMs::get);
        assertTrue(compactor.compactDirtiest());
        assertEquals(
                RECORDS,
                StoredLogs.batches(store.logs().iterator().next(), 0, 100_000).size());
        assertFalse(compactor.compactDirtiest(), "not again at once");
        disk.usableBytes(900_000);
        store.checkSpace();
        nowMs.addAndGet(60_000);
        assertTrue(compactor.compactDirtiest());
        assertTrue(
                StoredLogs.batches(store.logs().iterator().next(), 0, 100_000).size() < RECORDS);
    }
}
