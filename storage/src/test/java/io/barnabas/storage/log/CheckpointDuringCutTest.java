package io.barnabas.storage.log;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.barnabas.storage.file.SimulatedDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A log is cut while a checkpoint is written that has its recovery point from before. */
@Timeout(120)
class CheckpointDuringCutTest {
    private static final long NOW = 1_000_000;
    private static final Path DIR = Path.of("/a");
    private static final int LEFT = 3;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final LogStore store = StoredLogs.open(disk, LogConfig.DEFAULTS, DIR);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private static void append(PartitionLog log, int records) throws IOException {
        for (int i = 0; i < records; i++) {
            log.append(Batches.of(record(NOW, "k", "v" + i)), 1, AppendOrigin.CLIENT, NOW);
        }
    }

    private Thread cutting(PartitionLog log) {
        return new Thread(() -> {
            try {
                log.truncateTo(LEFT, NOW);
            } catch (Throwable e) {
                failure.set(e);
            }
        });
    }

    /** Waits until the cut waits for the checkpoint, or has not waited for it. */
    private static void goAsFarAsItGets(Thread cut) {
        var threads = ManagementFactory.getThreadMXBean();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (cut.isAlive()) {
            var info = threads.getThreadInfo(cut.getId());
            if (info != null && info.getLockOwnerId() == Thread.currentThread().getId()) {
                return;
            }
            assertTrue(System.nanoTime() < deadline, "The cut neither waits nor ends");
            Thread.onSpinWait();
        }
    }

    @Test
    void itsRecoveryPointDoesNotVouchForWhatIsWrittenInPlaceOfTheRecords() throws Exception {
        var log = store.create(StoredLogs.partition(0), LogConfig.DEFAULTS);
        append(log, 10);
        log.flush(NOW);
        var cut = cutting(log);
        var file = DIR.resolve("recovery-point-offset-checkpoint.tmp");
        var begun = new AtomicReference<Boolean>();
        disk.failWhen((operation, path) -> {
            // The recovery points are collected, and not on the disk yet.
            if (operation.equals("write") && path.equals(file) && begun.compareAndSet(null, true)) {
                cut.start();
                goAsFarAsItGets(cut);
            }
            return false;
        });
        store.checkpoint();
        assertEquals(true, begun.get());
        cut.join();
        assertNull(failure.get());
        append(log, 10);
        assertEquals(LEFT + 10, log.view().logEndOffset());
        long written = new Checkpoints(log.directory()).recoveryPoints().get(log.partition());
        assertTrue(written <= LEFT, "the checkpoint says " + written);
        assertTrue(log.writtenRecoveryPoint() <= LEFT);
        store.close();
    }
}
