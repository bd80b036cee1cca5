package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

import io.barnabas.storage.checkpoint.CleanShutdown;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Writes that find no space: what was acknowledged stays, nothing of the rest does, and the log goes on. */
class DiskFullTest {
    private static final long NOW = 1_000_000;
    private static final Path DIR = Path.of("/a");

    private SimulatedDisk disk = new SimulatedDisk();
    private final LogStore store = StoredLogs.open(disk, LogConfig.DEFAULTS, DIR);

    private PartitionLog log() throws StorageException {
        return store.create(StoredLogs.partition(0), LogConfig.DEFAULTS);
    }

    private static AppendResult stage(PartitionLog log, String value) throws StorageException {
        return log.stage(Batches.of(record(NOW, "k", value)), 3, AppendOrigin.CLIENT, NOW);
    }

    private static void append(PartitionLog log, String value) throws StorageException {
        assertInstanceOf(AppendResult.Appended.class, stage(log, value));
        log.writeStaged(NOW);
    }

    private void fill(String suffix) {
        disk.usableBytes(0);
        disk.failWhen((operation, path) ->
                operation.equals("write") && path.toString().endsWith(suffix));
    }

    private void free() {
        disk.failWhen((operation, path) -> false);
        disk.usableBytes(1L << 40);
    }

    @Test
    void theLogIsAsItWasAndGoesOn() throws IOException {
        var log = log();
        append(log, "a");
        append(log, "b");
        fill(".log");
        stage(log, "lost");
        stage(log, "lost too");
        assertThrows(StorageException.class, () -> log.writeStaged(NOW));
        assertTrue(log.directory().isOnline());
        assertTrue(log.directory().reserve().refusesAll());
        assertEquals(2, log.view().logEndOffset());
        assertEquals(2, StoredLogs.batches(log, 0, 1_000).size());
        free();
        store.checkSpace();
        append(log, "c");
        assertEquals(3, log.view().logEndOffset());
        assertEquals(3, log.latestEpoch().getAsInt());
        store.close();
        var again = StoredLogs.open(disk, LogConfig.DEFAULTS, DIR);
        assertEquals(
                3, StoredLogs.batches(again.logs().iterator().next(), 0, 1_000).size());
    }

    /** Between two looks of maintenance. */
    @Test
    void fastProducersDoNotFillTheReserve() throws IOException {
        var reserved = LogStore.open(
                StoredLogs.builder(LogConfig.DEFAULTS, Path.of("/b"))
                        .minFreeBytes(1 << 20)
                        .build(),
                disk,
                () -> NOW);
        var log = reserved.create(StoredLogs.partition(0), LogConfig.DEFAULTS);
        var reserve = log.directory().reserve();
        long freeBytes = 3 << 20;
        disk.usableBytes(freeBytes);
        reserved.checkSpace();
        var value = "x".repeat(10_000);
        for (int i = 0; i < 1_000 && !reserve.refusesClients(); i++) {
            long before = log.view().sizeBytes();
            stage(log, value);
            if (i % 20 == 19) {
                log.writeStaged(NOW);
                freeBytes -= log.view().sizeBytes() - before;
                disk.usableBytes(freeBytes);
            }
        }
        log.writeStaged(NOW);
        long leftBytes = (3 << 20) - log.view().sizeBytes();
        assertTrue(leftBytes >= 1 << 20, leftBytes + " left");
        assertTrue(leftBytes <= (1 << 20) + (1 << 18), leftBytes + " left");
        assertFalse(reserve.refusesAll());
        reserved.close();
    }

    @Test
    void theFirstWriteOfALogMayFindNoSpace() throws IOException {
        var log = log();
        fill(".log");
        stage(log, "lost");
        assertThrows(StorageException.class, () -> log.writeStaged(NOW));
        free();
        append(log, "a");
        assertEquals(1, log.view().logEndOffset());
        assertEquals(1, StoredLogs.batches(log, 0, 1_000).size());
    }

    @Test
    void whatWasStagedBeforeARollThatFailsIsNotAcknowledgedEither() throws IOException {
        var small = LogConfig.builder().segmentBytes(250).build();
        var log = store.create(StoredLogs.partition(0), small);
        append(log, "a");
        append(log, "b");
        stage(log, "lost");
        fill(".log");
        assertThrows(StorageException.class, () -> stage(log, "makes it roll"));
        assertThrows(StorageException.class, () -> stage(log, "after that"));
        assertThrows(StorageException.class, () -> log.writeStaged(NOW));
        assertTrue(log.directory().isOnline());
        free();
        for (int i = 0; i < 10; i++) {
            append(log, "more");
        }
        assertEquals(12, log.view().logEndOffset());
        assertEquals(12, StoredLogs.batches(log, 0, 10_000).size());
    }

    @Test
    void theSnapshotOfARollThatFindsNoSpaceRefusesTheAppend() throws IOException {
        var log = store.create(
                StoredLogs.partition(0), LogConfig.builder().segmentBytes(250).build());
        for (int sequence = 0; sequence < 2; sequence++) {
            log.stage(Batches.idempotent(7, (short) 0, sequence, record(NOW, "k", "v")), 3, AppendOrigin.CLIENT, NOW);
            log.writeStaged(NOW);
        }
        fill(".snapshot");
        var third = Batches.idempotent(7, (short) 0, 2, record(NOW, "k", "makes it roll, with all it takes to do so"));
        assertThrows(StorageException.class, () -> {
            for (int sequence = 2; sequence < 6; sequence++) {
                log.stage(
                        Batches.idempotent(7, (short) 0, sequence, record(NOW, "k", "v")), 3, AppendOrigin.CLIENT, NOW);
            }
        });
        assertTrue(log.directory().isOnline());
        assertThrows(StorageException.class, () -> log.writeStaged(NOW));
        free();
        assertEquals(2, log.view().logEndOffset());
        assertInstanceOf(AppendResult.Appended.class, log.stage(third, 3, AppendOrigin.CLIENT, NOW));
        log.writeStaged(NOW);
        assertEquals(3, StoredLogs.batches(log, 0, 10_000).size());
    }

    @Test
    void theCheckpointsOfMaintenanceWaitForSpace() throws IOException {
        var log = log();
        append(log, "a");
        log.flush(NOW);
        fill(".tmp");
        store.checkpoint();
        assertTrue(log.directory().isOnline());
        assertFalse(log.directory().reserve().refusesClients());
        append(log, "b");
        // What is written instead of these would pass for durable: a cut may not go without its checkpoint.
        free();
        log.flush(NOW);
        store.checkpoint();
        assertEquals(1, log.writtenRecoveryPoint());
        fill(".tmp");
        assertThrows(StorageException.class, () -> log.truncateTo(0, NOW));
        assertFalse(log.directory().isOnline());
    }

    /** Whatever the last checkpoint was to say: what counts is the one on the disk. */
    @Test
    void aCutLowersTheCheckpointOnTheDisk() throws IOException {
        var log = log();
        for (var value : List.of("a", "b", "c")) {
            append(log, value);
        }
        log.flush(NOW);
        store.checkpoint();
        assertEquals(2, log.writtenRecoveryPoint());
        // As when a checkpoint is begun amid a cut, and finds no space.
        log.state().flusher.truncatedTo(1, 0);
        fill(".tmp");
        store.checkpoint();
        assertTrue(log.directory().isOnline());
        free();
        log.truncateTo(1, NOW);
        assertTrue(new Checkpoints(log.directory()).recoveryPoints().get(log.partition()) <= 1);
    }

    /** Whatever finds no space first: the next start reads the log, and it all is there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                ".index",
                ".timeindex",
                ".snapshot",
                "leader-epoch-checkpoint.tmp",
                "partition.metadata.tmp",
                ".tmp"
            })
    void aStopWithoutSpaceIsNoCleanOne(String suffix) throws IOException {
        var indexed = LogConfig.builder().indexIntervalBytes(0).build();
        var log = store.create(StoredLogs.partition(0), indexed);
        log.startEpoch(3);
        append(log, "a");
        append(log, "b");
        fill(suffix);
        store.close();
        assertTrue(log.directory().isOnline());
        free();
        assertFalse(disk.exists(DIR.resolve(CleanShutdown.FILE)));
        var again = StoredLogs.open(disk, LogConfig.DEFAULTS, DIR);
        var found = again.logs().iterator().next();
        assertEquals(2, StoredLogs.batches(found, 0, 1_000).size());
        assertEquals(3, found.latestEpoch().getAsInt());
        again.close();
        assertTrue(disk.exists(DIR.resolve(CleanShutdown.FILE)));
    }

    @Test
    void aStopWithoutSpaceLeavesTheJournal() throws IOException {
        var durable = LogConfig.builder().durability(Durability.FSYNC).build();
        var log = store.create(StoredLogs.partition(0), durable);
        for (int i = 0; i < 3; i++) {
            append(log, "v" + i);
            var commit = store.newGroupCommit();
            commit.add(log);
            commit.run();
        }
        fill("partition.metadata.tmp");
        store.close();
        assertTrue(log.directory().isOnline());
        free();
        var found = StoredLogs.open(disk.crash(new Random(1)), durable, DIR);
        assertEquals(3, found.logs().iterator().next().view().logEndOffset());
    }

    /** The epochs of a log are not written yet. */
    @Test
    void theFlushesOfMaintenanceWaitForSpace() throws IOException {
        var small = LogConfig.builder().segmentBytes(250).build();
        var log = store.create(StoredLogs.partition(0), small);
        for (int i = 0; i < 5; i++) {
            append(log, "v" + i);
        }
        fill(".tmp");
        store.flushDue();
        assertTrue(log.directory().isOnline());
        assertEquals(0, log.recoveryPoint());
        free();
        store.flushDue();
        assertEquals(log.view().active().baseOffset(), log.recoveryPoint());
        // Where an acknowledgement waits for it, its failure is one of the directory.
        append(log, "last");
        log.startEpoch(7);
        append(log, "of another epoch");
        fill(".tmp");
        assertThrows(StorageException.class, () -> log.flush(NOW));
        assertFalse(log.directory().isOnline());
    }

    @Test
    void aStartAfterACrashNeedsNoSpace() throws IOException {
        var log = log();
        append(log, "a");
        append(log, "b");
        log.flush(NOW);
        store.checkpoint();
        append(log, "c");
        disk = disk.killProcess();
        fill(".tmp");
        var again = StoredLogs.open(disk, LogConfig.DEFAULTS, DIR);
        assertEquals(List.of(), again.offline());
        var found = again.logs().iterator().next();
        assertEquals(3, StoredLogs.batches(found, 0, 1_000).size());
        free();
        append(found, "d");
        again.close();
        assertTrue(disk.exists(DIR.resolve(CleanShutdown.FILE)));
    }

    /** Records that were durable are gone: what is written in their place is not. */
    @Test
    void aStartThatFindsLessThanWasDurableDoes() throws IOException {
        var log = log();
        append(log, "a");
        append(log, "b");
        log.flush(NOW);
        store.checkpoint();
        disk = disk.killProcess();
        for (var name : disk.list(log.path())) {
            if (name.endsWith(".log")) {
                disk.delete(log.path().resolve(name));
            }
        }
        fill(".tmp");
        var again = StoredLogs.open(disk, LogConfig.DEFAULTS, DIR);
        assertEquals(1, again.offline().size());
    }

    @Test
    void aForceThatFindsNoSpaceFailsTheDirectory() throws IOException {
        var log = log();
        append(log, "a");
        disk.usableBytes(0);
        disk.failWhen((operation, path) ->
                operation.equals("force") && path.toString().endsWith(".tmp"));
        store.checkpoint();
        assertFalse(log.directory().isOnline());
    }

    @Test
    void aLogIsCreatedOnceThereIsSpace() throws IOException {
        disk.usableBytes(0);
        disk.failWhen((operation, path) -> operation.equals("create"));
        assertThrows(StorageException.class, this::log);
        assertEquals(List.of(), store.offline());
        free();
        append(log(), "a");
    }

    /** A longer name may need a block. What an operator deletes to make room goes all the same, at once. */
    @Test
    void aLogIsDeletedWithoutSpaceForAnotherName() throws IOException {
        var log = log();
        append(log, "a");
        disk.usableBytes(0);
        disk.failWhen((operation, path) -> operation.equals("rename"));
        store.delete(log.partition());
        assertEquals(List.of(), store.offline());
        assertFalse(disk.exists(log.path()));
        free();
        append(log(), "b");
        assertEquals(1, log().view().logEndOffset());
    }

    /** Of what has expired the last segment stays for now, where there is no space for the one that would follow. */
    @ParameterizedTest
    @ValueSource(strings = {".snapshot", ".log", ".index", ".timeindex"})
    void retentionNeedsNoSpace(String suffix) throws IOException {
        var log = store.create(
                StoredLogs.partition(0), LogConfig.builder().segmentBytes(250).build());
        for (int i = 0; i < 10; i++) {
            append(log, "value " + i);
        }
        log.advanceHighWatermark(10);
        fill(suffix);
        assertTrue(log.deleteSegmentsUpTo(10, NOW) > 0);
        assertEquals(List.of(), store.offline());
        free();
        log.deleteSegmentsUpTo(10, NOW);
        assertEquals(10, log.view().logStartOffset());
        append(log, "more");
        assertEquals(1, StoredLogs.batches(log, 10, 1_000).size());
    }
}
