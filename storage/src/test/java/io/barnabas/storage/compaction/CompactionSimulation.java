package io.barnabas.storage.compaction;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
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
    private static final int IN_FLIGHT = 5;
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

    /** A batch as it was written, with its offsets. */
    private record Written(ByteBuffer bytes, boolean marker, boolean commit) {
        long base() {
            return bytes.getLong(0);
        }

        long last() {
            return StoredLogs.lastOffset(bytes);
        }

        RecordBatch batch() {
            return new RecordBatch().wrap(bytes, 0);
        }
    }

    private record Value(long offset, String value) {}

    private static final class Run {
        final Random random;
        final LogConfig config;
        final List<Written> written = new ArrayList<>();
        SimulatedDisk disk = new SimulatedDisk();
        LogStore store;
        long flushed;
        long nowMs = 1_000_000;
        boolean breaking;
        /** Compactions rest on nothing above this. */
        long compactedUpTo;

        /** Where the log ended after the last power loss, perhaps behind a hole. */
        long foundEnd;

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
            return Math.max(
                    foundEnd,
                    written.isEmpty() ? 0 : written.get(written.size() - 1).last() + 1);
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
                    append(Batches.idempotent(producer, (short) 0, nextSequence(producer), records()), false, false);
                } else if (kind == 4 && isOpen(transactional)) {
                    boolean commit = random.nextBoolean();
                    append(Batches.marker(transactional, (short) 0, commit, nowMs), true, commit);
                } else {
                    append(
                            Batches.transactional(transactional, (short) 0, nextSequence(transactional), records()),
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

        Written lastOf(long producerId) {
            for (int i = written.size() - 1; i >= 0; i--) {
                if (!written.get(i).marker() && written.get(i).batch().producerId() == producerId) {
                    return written.get(i);
                }
            }
            return null;
        }

        int nextSequence(long producerId) {
            var last = lastOf(producerId);
            return last == null ? 0 : last.batch().lastSequence() + 1;
        }

        boolean isOpen(long producerId) {
            for (int i = written.size() - 1; i >= 0; i--) {
                if (written.get(i).batch().producerId() == producerId) {
                    return !written.get(i).marker();
                }
            }
            return false;
        }

        void append(ByteBuffer batch, boolean marker, boolean commit) throws StorageException {
            var log = log();
            var origin = marker ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT;
            var result = log.stage(batch, 3, origin, 0, (short) 0, nowMs);
            assertInstanceOf(AppendResult.Appended.class, result, () -> "not appended: " + result);
            assertEquals(end(), batch.getLong(0));
            // A write that fails may be found after the restart, or not.
            written.add(new Written(batch.duplicate(), marker, commit));
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
            if (written.size() < 4 || breaking) {
                return;
            }
            var from = written.get(written.size() - 1 - random.nextInt(3));
            if (from.base() < compactedUpTo) {
                return;
            }
            flushed = Math.min(flushed, from.base());
            foundEnd = Math.min(foundEnd, from.base());
            written.removeIf(batch -> batch.base() >= from.base());
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
            written.removeIf(batch -> batch.last() >= found);
            foundEnd = Math.min(foundEnd, found);
            assertEquals(end(), found);
            if (kind == 1) {
                forgetHoles();
                foundEnd = found;
            }
            flushed = Math.min(flushed, found);
            log().advanceHighWatermark(found);
            verify();
        }

        /**
         * A power loss may take what was never flushed out of the middle, where segments were written back in another order. Gaps are
         * no sign of that in a compacted log, so, as in Kafka, what comes after stays.
         */
        void forgetHoles() throws IOException {
            var left = new HashSet<Long>();
            for (var bytes : StoredLogs.batches(log(), 0, 1 << 20)) {
                left.add(bytes.getLong(0));
            }
            written.removeIf(batch -> batch.base() >= flushed && !left.contains(batch.base()));
        }

        void verify() throws Exception {
            var log = log();
            assertEquals(end(), log.view().logEndOffset());
            var aborted = abortedOffsets();
            var expected = new TreeMap<String, Value>();
            var all = new HashMap<Long, String>();
            for (var batch : written) {
                collect(batch.batch(), aborted, expected, all);
            }
            var found = new TreeMap<String, Value>();
            var left = new HashMap<Long, String>();
            var bases = new HashSet<Long>();
            long previous = -1;
            for (var bytes : StoredLogs.batches(log, 0, 1 + random.nextInt(2_000))) {
                var batch = new RecordBatch().wrap(bytes, 0);
                assertTrue(batch.crcIsValid());
                assertTrue(batch.baseOffset() > previous, "offsets go back at " + batch.baseOffset());
                previous = batch.lastOffset();
                bases.add(batch.baseOffset());
                collect(batch, aborted, found, left);
            }
            assertEquals(expected, found);
            left.forEach((offset, text) -> assertEquals(all.get(offset), text));
            for (long producer = 1; producer <= 4; producer++) {
                retry(log, producer, bases);
            }
        }

        /** Offsets of records whose transaction was aborted. */
        Set<Long> abortedOffsets() {
            var open = new HashMap<Long, Set<Long>>();
            var aborted = new HashSet<Long>();
            for (var each : written) {
                var batch = each.batch();
                if (each.marker()) {
                    var offsets = open.remove(batch.producerId());
                    if (!each.commit() && offsets != null) {
                        aborted.addAll(offsets);
                    }
                } else if (batch.isTransactional()) {
                    var offsets = open.computeIfAbsent(batch.producerId(), id -> new HashSet<>());
                    for (long offset = batch.baseOffset(); offset <= batch.lastOffset(); offset++) {
                        offsets.add(offset);
                    }
                }
            }
            return aborted;
        }

        static void collect(RecordBatch batch, Set<Long> aborted, Map<String, Value> latest, Map<Long, String> all) {
            for (var record : batch.records()) {
                if (batch.isControl()) {
                    all.put(record.offset(), "marker");
                    continue;
                }
                var key = text(record.key());
                var value = record.hasValue() ? text(record.value()) : null;
                all.put(record.offset(), key + "=" + value + "@" + record.timestamp());
                if (aborted.contains(record.offset())) {
                    continue;
                }
                if (value == null) {
                    latest.remove(key);
                } else {
                    latest.put(key, new Value(record.offset(), value));
                }
            }
        }

        static String text(ByteBuffer bytes) {
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }

        /**
         * A retry of a producer's last batch is known, whatever happened since; so are those before it, up to the first that compaction
         * took away.
         */
        void retry(PartitionLog log, long producer, Set<Long> left) throws StorageException {
            Written next = null;
            int known = 0;
            for (int i = written.size() - 1; i >= 0 && known < IN_FLIGHT; i--) {
                var each = written.get(i);
                if (each.marker() || each.batch().producerId() != producer) {
                    continue;
                }
                if (next != null
                        && (!left.contains(each.base())
                                || each.batch().lastSequence() + 1
                                        != next.batch().baseSequence())) {
                    return;
                }
                retry(log, each);
                next = each;
                known++;
            }
        }

        void retry(PartitionLog log, Written batch) throws StorageException {
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
