package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.move.MoveThreads;
import io.barnabas.storage.move.Swaps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Moves whose target is full from some operation on: both directories stay online, the log serves, and the move comes to its end later. */
@Timeout(120)
class MoveDiskFullTest {
    private static final long NOW = 1_000_000;
    private static final LogConfig CONFIG =
            LogConfig.builder().segmentBytes(600).indexIntervalBytes(100).build();
    private static final TopicPartition NAME = new TopicPartition("topic", 0);
    private static final Path A = Path.of("/a");
    private static final Path B = Path.of("/b");
    private static final int PRODUCER = 7;

    private SimulatedDisk disk;
    private LogStore store;
    private volatile PartitionLog log;
    private Random random;
    private int sequence;

    /** @param start log start offset, at least */
    private void begin(int seed, long start) throws IOException {
        begin(seed);
        write(15);
        log.advanceLogStart(start);
        log.deleteSegmentsUpTo(start, NOW);
        assertTrue(log.view().segment(0).baseOffset() > 0);
        store.checkpoint();
    }

    private void begin(int seed) throws IOException {
        disk = new SimulatedDisk();
        random = new Random(seed);
        sequence = 0;
        store = StoredLogs.open(disk, CONFIG, A, B);
        log = store.create(StoredLogs.partition(0), CONFIG);
        assertEquals(A, log.directory().path());
        write(15);
        log.startEpoch(2);
    }

    private static ByteBuffer batch(int sequence) {
        return Batches.idempotent(PRODUCER, (short) 0, sequence, record(NOW, "k", "v" + sequence));
    }

    private void write(int batches) throws IOException {
        for (int i = 0; i < batches; i++) {
            append(Batches.random(random, 1 + random.nextInt(3), 50, NOW));
            append(batch(sequence++));
        }
    }

    private void append(ByteBuffer batch) throws IOException {
        StoredLogs.append(log, batch, log.latestEpoch().orElse(1), AppendOrigin.CLIENT, NOW);
    }

    private LogDirectory target() {
        return StoredLogs.directory(store, B);
    }

    /** From now on, so many operations that need space in the target succeed. */
    private AtomicInteger fillAfter(int operations) {
        var left = new AtomicInteger(operations);
        disk.usableBytes(0);
        disk.failWhen((operation, path) -> path.startsWith(B)
                && List.of("write", "create", "rename").contains(operation)
                && left.getAndDecrement() <= 0);
        return left;
    }

    private void free() {
        disk.failWhen((operation, path) -> false);
        disk.usableBytes(1L << 40);
        store.checkSpace();
    }

    private void restartKilled() throws StorageException {
        store.abandon();
        disk = disk.killProcess();
        store = StoredLogs.open(disk, CONFIG, A, B);
        log = StoredLogs.log(store, 0);
        log.advanceHighWatermark(log.view().logEndOffset());
    }

    private LogMove copied() throws IOException, DamagedSourceException {
        var move = store.moveOf(NAME).orElse(null);
        if (move == null) {
            move = store.move(log, target());
        }
        while (move.copy(300, NOW) > 0) {}
        move.prepare(NOW);
        return move;
    }

    /** From the order to the swap. */
    private PartitionLog run() throws IOException, DamagedSourceException {
        return copied().swap(NOW);
    }

    private List<ByteBuffer> batches() throws IOException {
        return StoredLogs.batches(log, log.view().logStartOffset(), 100_000);
    }

    private void isIn(Path directory, List<ByteBuffer> expected, int lastEpoch) throws IOException {
        assertEquals(directory, log.directory().path());
        assertSame(log, store.log(NAME).orElseThrow());
        assertEquals(List.of(), store.offline());
        assertEquals(expected, batches());
        assertEquals(lastEpoch, log.latestEpoch().orElseThrow());
        assertInstanceOf(
                AppendResult.Duplicate.class, log.stage(batch(sequence - 1), lastEpoch, AppendOrigin.CLIENT, NOW));
    }

    @Test
    void whateverFindsNoSpaceTheMoveIsPutOff() throws Exception {
        fullAfterEachOperation(0);
    }

    @Test
    void whateverFindsNoSpaceTheMoveOfALogWithALaterStartIsPutOff() throws Exception {
        fullAfterEachOperation(20);
    }

    private void fullAfterEachOperation(long start) throws Exception {
        boolean wasFull = true;
        int n = 0;
        for (; wasFull; n++) {
            if (start == 0) {
                begin(n);
            } else {
                begin(n, start);
            }
            var before = batches();
            var left = fillAfter(n);
            try {
                var moved = run();
                log = moved == null ? log : moved;
            } catch (StorageException e) {
                assertTrue(target().isOnline(), "with " + n + " operations: " + e);
            }
            wasFull = left.get() < 0;
            boolean isMoved = log.directory() == target();
            isIn(isMoved ? B : A, before, 2);
            free();
            if (!isMoved) {
                goesOn(n);
            }
        }
        assertTrue(n > 30, "operations: " + n);
    }

    /** The log goes on, is cut, or is killed, before the move goes on. */
    private void goesOn(int n) throws Exception {
        int lastEpoch = 2;
        if (n % 3 == 1) {
            // Two of the producer's batches go, and the log goes on in another way.
            log.truncateTo(batches().get(batches().size() - 3).getLong(0), NOW);
            sequence -= 2;
            lastEpoch = 4;
            log.startEpoch(lastEpoch);
        }
        write(2);
        var expected = batches();
        lastEpoch = log.latestEpoch().orElseThrow();
        if (n % 2 == 1) {
            restartKilled();
        }
        log = run();
        isIn(B, expected, lastEpoch);
        restartKilled();
        isIn(B, expected, lastEpoch);
        store.close();
    }

    /** The copy has most of the log when that is cut, moves its start on, or is replaced, and the copy cannot follow. */
    @Test
    void whateverFindsNoSpaceACutIsFollowedLater() throws Exception {
        for (int kind = 0; kind < 3; kind++) {
            boolean wasFull = true;
            for (int n = 0; wasFull; n++) {
                begin(n);
                var move = copied();
                store.checkpoint();
                long middle = batches().get(10).getLong(0);
                switch (kind) {
                    case 0 -> log.truncateTo(middle, NOW);
                    case 1 -> log.truncateFullyAndStartAt(log.view().logEndOffset() + 5, NOW);
                    default -> {
                        log.advanceLogStart(middle);
                        log.deleteSegmentsUpTo(log.view().segment(2).baseOffset(), NOW);
                    }
                }
                var left = fillAfter(n);
                try {
                    while (move.copy(100_000, NOW) > 0) {}
                } catch (StorageException e) {
                    assertTrue(target().isOnline(), "kind " + kind + ", " + n + " operations: " + e);
                }
                wasFull = left.get() < 0;
                free();
                log.startEpoch(5);
                append(Batches.random(random, 2, 50, NOW));
                if (kind > 1 && n % 2 == 1) {
                    restartKilled();
                }
                var expected = batches();
                log = run();
                assertEquals(B, log.directory().path());
                assertEquals(List.of(), store.offline());
                assertEquals(expected, batches());
                assertEquals(5, log.latestEpoch().orElseThrow());
                store.close();
            }
        }
    }

    /** Whatever of a cut of the copy there was space for, and whether there is some again when the broker stops. */
    @Test
    void aStopWhileTheCopyIsHalfCutFailsNothing() throws Exception {
        for (int kind = 0; kind < 6; kind++) {
            boolean wasFull = true;
            for (int n = 0; wasFull; n++) {
                begin(n);
                var move = store.move(log, target());
                while (move.copy(300, NOW) > 0) {}
                move.prepare(NOW);
                store.checkpoint();
                long middle = batches().get(10).getLong(0);
                if (kind % 2 == 0) {
                    log.truncateTo(middle, NOW);
                } else {
                    log.truncateFullyAndStartAt(log.view().logEndOffset() + 5, NOW);
                }
                var left = fillAfter(n);
                try {
                    while (move.copy(100_000, NOW) > 0) {}
                } catch (StorageException e) {
                    assertTrue(target().isOnline(), "kind " + kind + ", " + n + " operations: " + e);
                }
                wasFull = left.get() < 0;
                move.abandon();
                if (kind < 2) {
                    free();
                }
                var expected = batches();
                store.close();
                assertEquals(List.of(), store.offline(), "kind " + kind + ", " + n + " operations");
                free();
                if (kind < 4) {
                    disk = disk.killProcess();
                } else {
                    disk = disk.crash(random);
                }
                store = StoredLogs.open(disk, CONFIG, A, B);
                log = store.log(NAME).orElseThrow();
                assertEquals(expected, batches());
                log.advanceHighWatermark(log.view().logEndOffset());
                log = run();
                assertEquals(B, log.directory().path());
                assertEquals(List.of(), store.offline());
                assertEquals(expected, StoredLogs.batches(log, log.view().logStartOffset(), 100_000));
                store.close();
            }
        }
    }

    @Test
    void whatTheLogKnewWhenTheSwapWasPutOffIsForgotten() throws Exception {
        begin(1);
        long end = log.view().logEndOffset();
        // Nothing is left of its producers but what it remembers.
        log.advanceLogStart(end);
        log.deleteSegmentsUpTo(end, NOW);
        disk.usableBytes(0);
        disk.failWhen((operation, path) ->
                operation.equals("rename") && path.toString().endsWith("-future"));
        assertThrows(StorageException.class, this::run);
        free();
        // One segment from now on, so that no newer snapshot is in the way.
        log.reconfigure(CONFIG.with().segmentBytes(1 << 20).build());
        log.truncateFullyAndStartAt(0, NOW);
        log.startEpoch(3);
        while (log.view().logEndOffset() < end + 10) {
            append(Batches.random(random, 2, 50, NOW));
        }
        log = run();
        assertEquals(B, log.directory().path());
        // It is brought there from the newest snapshot below.
        log.truncateTo(log.view().logEndOffset() - 1, NOW);
        assertTrue(log.view().logEndOffset() > end);
        append(batch(sequence - 1));
    }

    @Test
    void theThreadsWaitForSpace() throws Exception {
        begin(1);
        var expected = batches();
        var refused = new CompletableFuture<Void>();
        var moved = new CompletableFuture<LogMove>();
        Swaps swaps = (move, answer) -> {
            if (!refused.isDone()) {
                fillAfter(0);
            }
            if (!StoredLogs.swap(move, answer, next -> log = next, NOW)) {
                refused.complete(null);
            }
        };
        try (var threads = new MoveThreads(store, 1, swaps, moved::complete, () -> NOW)) {
            threads.add(store.move(log, target()));
            refused.get(30, TimeUnit.SECONDS);
            isIn(A, expected, 2);
            // Whether they are refused is for appends, and for the free space, to say.
            assertFalse(target().reserve().refusesClients());
            free();
            moved.get(30, TimeUnit.SECONDS);
        }
        isIn(B, expected, 2);
    }
}
