package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import org.junit.jupiter.api.Test;

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

    private final SimulatedDisk disk = new SimulatedDisk();
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
}
