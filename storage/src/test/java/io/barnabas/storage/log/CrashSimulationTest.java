package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Random appends, rolls, truncations, flushes, deletions and crashes against a disk that loses what was not forced. After
 * every restart a log is a prefix of what was written, at least up to the last flush; after a mere kill of the process it
 * is all of it. Idempotent producers never get a batch twice into it.
 *
 * <p>More seeds: {@code -Dseeds=N}; one seed again: {@code -Dseed=N}.
 */
class CrashSimulationTest {
    /** Held, so that it keeps its level: recovery of a thousand torn logs has a lot to say. */
    private static final Logger QUIET = Logger.getLogger("io.barnabas.storage");

    private static final Path DIR = Path.of("/data");
    private static final int STEPS = 120;
    private static final int PRODUCERS = 3;

    @AfterAll
    static void restoreLogging() {
        QUIET.setLevel(null);
    }

    @Test
    void aLogIsAlwaysAPrefixOfWhatWasWritten() {
        QUIET.setLevel(Long.getLong("seed") == null ? Level.OFF : null);
        var only = Long.getLong("seed");
        long first = only != null ? only : 1;
        long last = only != null ? only : Integer.getInteger("seeds", 300);
        for (long seed = first; seed <= last; seed++) {
            try {
                new Run(seed).run();
            } catch (Throwable e) {
                throw new AssertionError(
                        "Failed with seed " + seed + ". Again: ./mvnw -o -pl storage -am test"
                                + " -Dtest=CrashSimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dseed="
                                + seed,
                        e);
            }
        }
    }

    /** What one log must hold. */
    private static final class Model {
        final List<ByteBuffer> batches = new ArrayList<>();
        long written;
        long flushed;
        long logStart;

        /** The last batch a producer has in the log; null if none. */
        ByteBuffer lastOf(long producerId) {
            for (int i = batches.size() - 1; i >= 0; i--) {
                if (batches.get(i).getLong(43) == producerId) {
                    return batches.get(i);
                }
            }
            return null;
        }

        void truncate(long offset) {
            batches.removeIf(batch -> StoredLogs.lastOffset(batch) >= offset);
            written = Math.min(written, offset);
            flushed = Math.min(flushed, offset);
            logStart = Math.min(logStart, offset);
        }
    }

    private static final class Run {
        final Random random;
        final LogConfig logConfig;
        final List<Model> models = List.of(new Model(), new Model());
        SimulatedDisk disk = new SimulatedDisk();
        LogStore store;
        long nowMs = 1_000_000;

        Run(long seed) {
            random = new Random(seed);
            logConfig = LogConfig.builder()
                    .segmentBytes(3_500 + random.nextInt(6_000))
                    .indexIntervalBytes(random.nextInt(600))
                    .flushMessages(random.nextInt(4) == 0 ? 1 + random.nextInt(20) : Long.MAX_VALUE)
                    .durability(random.nextBoolean() ? Durability.FSYNC : Durability.REPLICATED)
                    .build();
        }

        void run() throws IOException {
            open();
            for (int step = 0; step < STEPS; step++) {
                nowMs += random.nextInt(100);
                int partition = random.nextInt(models.size());
                try {
                    step(log(partition), models.get(partition));
                } catch (StorageException e) {
                    // A forced failure: the directory is offline until the next start.
                    restart(2);
                }
            }
            restart(1);
        }

        PartitionLog log(int partition) throws StorageException {
            return store.create(StoredLogs.partition(partition), logConfig);
        }

        void step(PartitionLog log, Model model) throws IOException {
            int what = random.nextInt(22);
            if (Long.getLong("seed") != null) {
                System.out.println("step " + what + " on " + log + " " + log.view() + " rp " + log.recoveryPoint()
                        + " flushed " + model.flushed);
            }
            switch (what) {
                case 0, 1 -> {
                    log.flush(nowMs);
                    model.flushed = model.written;
                }
                case 2 -> log.flushRolled(nowMs);
                case 3 -> store.checkpoint();
                case 4 -> truncate(log, model);
                case 5 -> {
                    log.advanceHighWatermark(model.written);
                    long start = model.logStart + (long) (random.nextDouble() * (model.written - model.logStart));
                    if (log.advanceLogStart(start)) {
                        model.logStart = start;
                    }
                }
                case 6 -> {
                    log.deleteOldSegments(log.deletableSegments(nowMs), nowMs);
                    store.deleteDue();
                }
                case 7 -> restart(random.nextInt(4));
                case 8 -> {
                    if (random.nextInt(5) == 0) {
                        disk.failWhen((operation, path) -> operation.equals("force"));
                    }
                }
                case 9, 10 -> verify(log, model);
                case 11 ->
                    log.reconfigure(logConfig
                            .with()
                            .durability(random.nextBoolean() ? Durability.FSYNC : Durability.REPLICATED)
                            .build());
                default -> append(log, model);
            }
        }

        void append(PartitionLog log, Model model) throws IOException {
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                var batch = batch(model);
                var result = log.stage(batch, 3, AppendOrigin.CLIENT, nowMs);
                assertTrue(result instanceof AppendResult.Appended, () -> "not appended: " + result);
                assertEquals(model.written, batch.getLong(0));
                model.batches.add(batch.duplicate());
                model.written = StoredLogs.lastOffset(batch) + 1;
            }
            boolean flushes = log.config().flushMessages() != Long.MAX_VALUE;
            log.writeStaged(nowMs);
            if (flushes) {
                model.flushed = Math.max(model.flushed, log.recoveryPoint());
            }
            if (log.awaitsJournal()) {
                var commit = store.newGroupCommit();
                commit.add(log);
                commit.run();
                log.directory().ensureOnline();
                model.flushed = model.written;
            }
        }

        /** Of no producer, or of one of three idempotent ones, continuing its sequence. */
        ByteBuffer batch(Model model) {
            var records = Batches.randomRecords(random, 1 + random.nextInt(10), random.nextInt(300), nowMs);
            int producer = random.nextInt(PRODUCERS + 1);
            if (producer == 0) {
                return Batches.of(records);
            }
            var last = model.lastOf(producer);
            int sequence = last == null ? 0 : last.getInt(53) + last.getInt(57);
            return Batches.idempotent(producer, (short) 0, sequence, records);
        }

        /** A retry of a producer's last batch is known, whatever happened since. */
        void retry(PartitionLog log, Model model) throws IOException {
            var last = model.lastOf(1 + random.nextInt(PRODUCERS));
            if (last == null || last.getLong(0) < model.logStart) {
                return;
            }
            var again = ByteBuffer.allocate(last.remaining())
                    .put(last.duplicate())
                    .flip()
                    .putLong(0, 0);
            var result = log.stage(again, 3, AppendOrigin.CLIENT, nowMs);
            var expected = new AppendResult.Duplicate(
                    last.getLong(0),
                    StoredLogs.lastOffset(last),
                    last.getLong(35),
                    log.view().logStartOffset());
            assertEquals(expected, result);
        }

        void truncate(PartitionLog log, Model model) throws IOException {
            var inLog = model.batches.stream()
                    .filter(batch -> batch.getLong(0) >= model.logStart)
                    .toList();
            if (!inLog.isEmpty()) {
                long offset = inLog.get(random.nextInt(inLog.size())).getLong(0);
                model.flushed = Math.min(model.flushed, offset);
                log.truncateTo(offset, nowMs);
                model.truncate(offset);
                verify(log, model);
            }
        }

        void verify(PartitionLog log, Model model) throws IOException {
            assertEquals(model.written, log.view().logEndOffset());
            long from = log.view().logStartOffset();
            int maxBytes = 1 + random.nextInt(5_000);
            compare(model, from, StoredLogs.batches(log, from, maxBytes));
            retry(log, model);
        }

        void compare(Model model, long from, List<ByteBuffer> found) {
            var expected = model.batches.stream()
                    .filter(batch -> StoredLogs.lastOffset(batch) >= from)
                    .toList();
            assertEquals(offsets(expected), offsets(found));
            for (int i = 0; i < found.size(); i++) {
                assertEquals(expected.get(i), found.get(i), "batch " + i);
            }
        }

        static List<Long> offsets(List<ByteBuffer> batches) {
            return batches.stream().map(batch -> batch.getLong(0)).toList();
        }

        void restart(int kind) throws IOException {
            if (Long.getLong("seed") != null) {
                System.out.println("restart " + kind);
            }
            switch (kind) {
                case 0 -> {
                    store.close();
                    disk = disk.killProcess();
                }
                case 1, 2 -> disk = disk.crash(random);
                default -> disk = disk.killProcess();
            }
            open();
            for (int partition = 0; partition < models.size(); partition++) {
                var model = models.get(partition);
                var log = store.log(new TopicPartition("topic", partition));
                long end = log.map(found -> found.view().logEndOffset()).orElse(0L);
                assertTrue(end >= model.flushed, "flushed up to " + model.flushed + ", found up to " + end);
                assertTrue(end <= model.written, "written up to " + model.written + ", found up to " + end);
                if (kind == 0 || kind > 2) {
                    assertEquals(model.written, end);
                }
                model.truncate(end);
                if (log.isPresent()) {
                    assertTrue(log.get().view().logStartOffset() <= model.logStart);
                    model.logStart = log.get().view().logStartOffset();
                    verify(log.get(), model);
                }
            }
        }

        void open() {
            store = LogStore.open(StoredLogs.config(logConfig, DIR), disk, () -> nowMs);
        }
    }
}
