package io.barnabas.storage.compaction;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.file.Throttle;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.AppendResult;
import io.barnabas.storage.log.Batches;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.PartitionLog;
import io.barnabas.storage.log.StoredLogs;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Random keyed writes, plain, idempotent and transactional, compactions that are cut short by a failing disk at any operation,
 * kills and power losses. After every restart the latest value of each key is right, whatever is left lies where it was
 * written, the log ends where it ended, and a producer's last batches are known to be duplicates.
 *
 * <p>More seeds: {@code -Dseeds=N}; one seed again: {@code -Dseed=N}.
 */
class CompactionSimulation {
    /** Held, so that it keeps its level: recovery of many torn logs has a lot to say. */
    private static final Logger QUIET = Logger.getLogger("io.barnabas.storage");

    private static final Path DIR = Path.of("/data");
    private static final int STEPS = 100;
    private static final int KEYS = 12;
    private static final long DELETE_RETENTION_MS = 3_000;

    @AfterAll
    static void restoreLogging() {
        QUIET.setLevel(null);
    }

    @Test
    void latestValuesStay() {
        run(Integer.getInteger("seeds", 300));
    }

    @Test
    @Tag("long")
    void latestValuesStayForManySeeds() {
        run(Integer.getInteger("seeds", 10_000));
    }

    private static void run(int seeds) {
        QUIET.setLevel(Long.getLong("seed") == null ? Level.OFF : null);
        var only = Long.getLong("seed");
        long first = only != null ? only : 1;
        long last = only != null ? only : seeds;
        long swaps = 0;
        long cutShort = 0;
        for (long seed = first; seed <= last; seed++) {
            var run = new Run(seed);
            try {
                run.run();
            } catch (Throwable e) {
                throw new AssertionError(
                        "Failed with seed " + seed + ". Again: ./mvnw -o -pl storage -am test"
                                + " -Dtest=CompactionSimulation -Dsurefire.failIfNoSpecifiedTests=false"
                                + " -Dtest.jvm.args=-Dseed=" + seed,
                        e);
            }
            swaps += run.compactions;
            cutShort += run.cutShort;
        }
        assertTrue(only != null || swaps > seeds && cutShort > seeds / 4, swaps + " done, " + cutShort + " cut short");
    }

    private static final class Run {
        final Random random;
        final LogConfig config;
        final WrittenBatches written = new WrittenBatches();
        SimulatedDisk disk = new SimulatedDisk();
        LogStore store;
        long flushed;
        long nowMs = 1_000_000;
        boolean breaking;
        /** Compactions rest on nothing above this. */
        long compactedUpTo;

        int compactions;
        int cutShort;

        Run(long seed) {
            random = new Random(seed);
            config = LogConfig.builder()
                    .segmentBytes(700 + random.nextInt(2_000))
                    .indexIntervalBytes(random.nextInt(300))
                    .deleteRetentionMs(DELETE_RETENTION_MS)
                    .fileDeleteDelayMs(random.nextBoolean() ? 0 : 2_000)
                    .minCleanableDirtyRatio(0)
                    .compact(true)
                    .delete(false)
                    .build();
        }

        /** The store itself knows only the broker's defaults when it opens a log. */
        void open() {
            store = LogStore.open(StoredLogs.config(LogConfig.DEFAULTS, DIR), disk, () -> nowMs);
        }

        PartitionLog log() throws StorageException {
            var log = store.create(StoredLogs.partition(0), config);
            log.reconfigure(config);
            return log;
        }

        void run() throws Exception {
            open();
            for (int step = 0; step < STEPS; step++) {
                nowMs += random.nextInt(400);
                try {
                    step();
                } catch (IOException e) {
                    if (!breaking) {
                        throw e;
                    }
                    restart(1 + random.nextInt(2));
                }
            }
            restart(1);
        }

        void step() throws Exception {
            int what = random.nextInt(24);
            if (Long.getLong("seed") != null) {
                System.out.println("step " + what + " " + log().view() + " cleaned " + log().cleanedOffset());
            }
            switch (what) {
                case 0 -> {
                    log().flush(nowMs);
                    flushed = end();
                }
                case 1 -> store.checkpoint();
                case 2 -> store.deleteDue();
                case 3 -> restart(random.nextInt(4));
                case 4, 5, 6 -> compact();
                case 7 -> failing();
                case 8 -> verify();
                case 9 -> {
                    if (random.nextInt(4) == 0) {
                        truncate();
                    }
                }
                default -> write();
            }
        }

        long end() {
            return written.end();
        }

        void write() throws StorageException {
            int count = 1 + random.nextInt(4);
            for (int i = 0; i < count; i++) {
                int kind = random.nextInt(6);
                long producer = 1 + random.nextInt(2);
                long transactional = 3 + random.nextInt(2);
                if (kind < 2) {
                    append(Batches.of(records()), false, false);
                } else if (kind < 4) {
                    append(
                            Batches.idempotent(producer, (short) 0, written.nextSequence(producer), records()),
                            false,
                            false);
                } else if (kind == 4 && written.isOpen(transactional)) {
                    boolean commit = random.nextBoolean();
                    append(Batches.marker(transactional, (short) 0, commit, nowMs), true, commit);
                } else {
                    append(
                            Batches.transactional(
                                    transactional, (short) 0, written.nextSequence(transactional), records()),
                            false,
                            false);
                }
            }
        }

        SimpleRecord[] records() {
            var records = new SimpleRecord[1 + random.nextInt(3)];
            for (int i = 0; i < records.length; i++) {
                var key = ("k" + random.nextInt(KEYS)).getBytes(StandardCharsets.UTF_8);
                var value = random.nextInt(4) == 0
                        ? null
                        : ("v" + random.nextInt(1_000_000)).getBytes(StandardCharsets.UTF_8);
                records[i] = new SimpleRecord(nowMs, key, value);
            }
            return records;
        }

        void append(ByteBuffer batch, boolean marker, boolean commit) throws StorageException {
            var log = log();
            var origin = marker ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT;
            var result = log.stage(batch, 3, origin, 0, (short) 0, nowMs);
            assertInstanceOf(AppendResult.Appended.class, result, () -> "not appended: " + result);
            assertEquals(end(), batch.getLong(0));
            // A write that fails may be found after the restart, or not.
            written.add(batch, marker, commit);
            log.writeStaged(nowMs);
            log.advanceHighWatermark(log.view().logEndOffset());
        }

        void compact() throws Exception {
            var log = log();
            var plan = CompactionPlan.of(log, nowMs);
            if (plan.cleanableBytes() == 0) {
                return;
            }
            compactedUpTo = Math.max(compactedUpTo, plan.view().highWatermark());
            var settings = new CompactionSettings(
                    1,
                    (long) OffsetMap.SLOT_BYTES * (4 + random.nextInt(30)),
                    0.9,
                    200 + random.nextInt(3_000),
                    Double.MAX_VALUE,
                    1);
            int stopAfter = random.nextInt(4) == 0 ? random.nextInt(60) : Integer.MAX_VALUE;
            var looks = new AtomicInteger();
            var context = new CleaningContext(
                    store,
                    (owned, task) -> task.run(),
                    settings,
                    new Throttle(System::nanoTime),
                    () -> looks.incrementAndGet() > stopAfter,
                    nowMs);
            try {
                new Cleaning(plan, context).run();
                compactions++;
                verify();
            } catch (CleaningStoppedException e) {
                verify();
            } catch (StorageException e) {
                cutShort++;
                throw e;
            } finally {
                // Nothing is taken away before all is on the disk.
                flushed = Math.max(flushed, Math.min(end(), log.recoveryPoint()));
            }
        }

        /** Some operation soon, most likely of a compaction, finds the disk broken. */
        void failing() throws Exception {
            int operations = random.nextInt(150);
            var count = new AtomicInteger();
            boolean onlyRenames = random.nextInt(3) == 0;
            breaking = true;
            disk.failWhen((operation, path) -> onlyRenames
                    ? operation.equals("rename") && count.incrementAndGet() > operations % 12
                    : count.incrementAndGet() > operations);
            compact();
        }

        /** Only what was never committed is cut, and compaction sees only what was. */
        void truncate() throws Exception {
            if (written.count() < 4 || breaking) {
                return;
            }
            var from = written.fromEnd(random.nextInt(3));
            if (from.base() < compactedUpTo) {
                return;
            }
            flushed = Math.min(flushed, from.base());
            written.endAt(from.base());
            log().truncateTo(from.base(), nowMs);
            verify();
        }

        void restart(int kind) throws Exception {
            if (Long.getLong("seed") != null) {
                System.out.println("restart " + kind);
            }
            switch (kind) {
                case 0 -> {
                    store.close();
                    disk = disk.killProcess();
                }
                case 1 -> disk = disk.crash(random);
                default -> disk = disk.killProcess();
            }
            breaking = false;
            open();
            long found = log().view().logEndOffset();
            assertTrue(found >= flushed, "flushed up to " + flushed + ", found up to " + found);
            assertTrue(found <= end(), "written up to " + end() + ", found up to " + found);
            written.endAt(found);
            assertEquals(end(), found);
            if (kind == 1) {
                var left = new HashSet<Long>();
                for (var bytes : StoredLogs.batches(log(), 0, 1 << 20)) {
                    left.add(bytes.getLong(0));
                }
                written.forgetHoles(flushed, left::contains, found);
            }
            flushed = Math.min(flushed, found);
            log().advanceHighWatermark(found);
            verify();
        }

        void verify() throws Exception {
            var log = log();
            assertEquals(end(), log.view().logEndOffset());
            var aborted = written.abortedOffsets();
            var expected = written.contents(aborted);
            var found = new WrittenBatches.Contents();
            var bases = new HashSet<Long>();
            long previous = -1;
            for (var bytes : StoredLogs.batches(log, 0, 1 + random.nextInt(2_000))) {
                var batch = new RecordBatch().wrap(bytes, 0);
                assertTrue(batch.crcIsValid());
                assertTrue(batch.baseOffset() > previous, "offsets go back at " + batch.baseOffset());
                previous = batch.lastOffset();
                bases.add(batch.baseOffset());
                found.add(batch, aborted);
            }
            assertEquals(expected.latest(), found.latest());
            found.all().forEach((offset, text) -> assertEquals(expected.all().get(offset), text));
            for (long producer = 1; producer <= 4; producer++) {
                for (var batch : written.known(producer, bases)) {
                    retry(log, batch);
                }
            }
        }

        void retry(PartitionLog log, WrittenBatches.Written batch) throws StorageException {
            var again = ByteBuffer.allocate(batch.bytes().remaining())
                    .put(batch.bytes().duplicate())
                    .flip()
                    .putLong(0, 0);
            var result = log.stage(again, 3, AppendOrigin.CLIENT, nowMs);
            var duplicate = assertInstanceOf(AppendResult.Duplicate.class, result, () -> "not known: " + result);
            assertEquals(batch.base(), duplicate.baseOffset());
            assertEquals(batch.last(), duplicate.lastOffset());
        }
    }
}
