package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Random appends, rolls, truncations, flushes, deletions and crashes against a disk that loses what was not forced. After
 * every restart a log is a prefix of what was written, at least up to the last flush; after a mere kill of the process it
 * is all of it. Idempotent producers never get a batch twice into it: the last five of each are known. Topics are deleted and created
 * again: of the one before nothing is left in the next.
 *
 * <p>More seeds: {@code -Dseeds=N}; one seed again: {@code -Dseed=N}.
 */
class CrashSimulationTest {
    /** Held, so that it keeps its level: recovery of a thousand torn logs has a lot to say. */
    private static final Logger QUIET = Logger.getLogger("io.barnabas.storage");

    private static final List<Path> DIRS = List.of(Path.of("/a"), Path.of("/b"), Path.of("/c"));
    private static final int STEPS = 120;
    private static final int PRODUCERS = 3;
    private static final int IN_FLIGHT = 5;

    @AfterAll
    static void restoreLogging() {
        QUIET.setLevel(null);
    }

    @Test
    void aLogIsAlwaysAPrefixOfWhatWasWritten() {
        QUIET.setLevel(Long.getLong("seed") == null ? Level.OFF : null);
        var only = Long.getLong("seed");
        long first = only != null ? only : Long.getLong("from", 1);
        long last = only != null ? only : Integer.getInteger("seeds", 200);
        int swaps = 0;
        for (long seed = first; seed <= last; seed++) {
            try {
                var run = new Run(seed);
                run.run();
                swaps += run.swaps;
            } catch (Throwable e) {
                throw new AssertionError(
                        "Failed with seed " + seed + ". Again: ./mvnw -o -pl storage -am test"
                                + " -Dtest=CrashSimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dseed="
                                + seed,
                        e);
            }
        }
        assertTrue(only != null || swaps > (last - first) / 2, swaps + " moves came to their end");
    }

    /** What one log must hold. */
    private static final class Model {
        final TopicIdPartition partition;
        final List<ByteBuffer> batches = new ArrayList<>();
        long written;
        long flushed;
        long logStart;
        /** What was deleted below may come back with a crash; of that producers need not be known. */
        long deletedBelow;

        Model(TopicIdPartition partition) {
            this.partition = partition;
        }

        /** Of the next topic of that name. */
        Model next() {
            var id = partition.topicId();
            return new Model(new TopicIdPartition(
                    new Uuid(id.mostSignificantBits(), id.leastSignificantBits() + 1),
                    partition.topic(),
                    partition.partition()));
        }

        /** The batches a producer has in the log. */
        List<ByteBuffer> of(long producerId) {
            return batches.stream()
                    .filter(batch -> batch.getLong(43) == producerId)
                    .toList();
        }

        void truncate(long offset) {
            batches.removeIf(batch -> StoredLogs.lastOffset(batch) >= offset);
            written = Math.min(written, offset);
            flushed = Math.min(flushed, offset);
            logStart = Math.min(logStart, offset);
            deletedBelow = Math.min(deletedBelow, offset);
        }
    }

    private static final class Run {
        final Random random;
        final LogConfig logConfig;
        final List<Model> models =
                new ArrayList<>(List.of(new Model(StoredLogs.partition(0)), new Model(StoredLogs.partition(1))));
        SimulatedDisk disk = new SimulatedDisk();
        LogStore store;
        long nowMs = 1_000_000;
        int swaps;
        /** A log directory that does not work in this life of the store; null if all do. */
        Path broken;

        boolean allWork;
        /** What the metadata would say. */
        final Map<TopicPartition, Path> recorded = new HashMap<>();

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
                if (broken != null
                        && store.log(new TopicPartition("topic", partition)).isEmpty()) {
                    // It is in the directory that does not work.
                    if (random.nextInt(10) == 0) {
                        restart(random.nextInt(4));
                    }
                    continue;
                }
                try {
                    step(log(partition), models.get(partition));
                } catch (StorageException e) {
                    // A forced failure: the directory is offline until the next start.
                    restart(2);
                }
            }
            allWork = true;
            restart(1);
            for (var move : List.copyOf(store.moves())) {
                move.cancel();
            }
            nowMs += 1_000_000;
            store.deleteDue();
            for (var dir : DIRS) {
                assertTrue(
                        disk.list(dir).stream().noneMatch(name -> name.endsWith("-future") || name.endsWith("-delete")),
                        () -> "left over in " + dir);
            }
        }

        PartitionLog log(int partition) throws StorageException {
            return store.create(models.get(partition).partition, logConfig);
        }

        void step(PartitionLog log, Model model) throws IOException {
            int what = random.nextInt(31);
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
                        model.deletedBelow = Math.max(model.deletedBelow, start);
                    }
                }
                case 6 -> {
                    log.deleteSegmentsUpTo(log.deletableUpTo(nowMs), nowMs);
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
                case 12, 13, 14, 15, 16, 17, 18 -> move(log, model);
                case 19 -> delete(log, model);
                default -> append(log, model);
            }
        }

        /** What is staged goes too. The next topic of that name may be there at once. */
        void delete(PartitionLog log, Model model) throws IOException {
            int partition = log.partition().partition();
            if (random.nextBoolean()) {
                log.stage(batch(model), 3, AppendOrigin.CLIENT, nowMs);
            }
            models.set(partition, model.next());
            recorded.remove(log.partition());
            store.delete(log.partition());
            if (random.nextBoolean()) {
                append(log(partition), models.get(partition));
            }
            try {
                log.writeStaged(nowMs);
            } catch (StorageException e) {
                log.directory().ensureOnline();
            }
            log.flush(nowMs);
            assertFalse(log.awaitsJournal());
            if (random.nextBoolean()) {
                store.deleteDue();
            }
        }

        void move(PartitionLog log, Model model) throws IOException {
            var move = store.moveOf(log.partition()).orElse(null);
            try {
                if (move == null) {
                    var target = store.directories().get(random.nextInt(DIRS.size()));
                    if (broken == null && target != log.directory() && target.isOnline()) {
                        recorded.put(log.partition(), log.directory().path());
                        store.move(log, target);
                    }
                } else {
                    move(move, log, model);
                }
            } catch (DamagedSourceException e) {
                throw new AssertionError("The log is not damaged", e);
            } catch (StorageException e) {
                log.directory().ensureOnline();
                // The copy may have the log's name already. Only the broker knows that it is none.
                allWork = true;
                disk.failWhen((operation, path) -> false);
                if (move != null) {
                    move.abandon();
                }
                verify(log, model);
            }
        }

        void move(LogMove move, PartitionLog log, Model model) throws IOException, DamagedSourceException {
            switch (random.nextInt(10)) {
                case 0 -> {
                    if (random.nextInt(4) == 0) {
                        move.cancel();
                    }
                }
                case 1, 2, 3, 4 -> move.copy(1 + random.nextInt(4_000), nowMs);
                case 5 -> move.prepare(nowMs);
                default -> {
                    while (random.nextInt(20) > 0 && move.copy(1 + random.nextInt(4_000), nowMs) > 0) {}
                    move.prepare(nowMs);
                    if (random.nextInt(3) == 0) {
                        failAfter(random.nextInt(60));
                    }
                    var promoted = move.swap(nowMs);
                    disk.failWhen((operation, path) -> false);
                    if (promoted != null) {
                        swaps++;
                        recorded.put(log.partition(), move.target().path());
                        model.flushed = model.written;
                        assertEquals(promoted, store.log(log.partition()).orElseThrow());
                        // The old log could not be renamed. Only the broker knows where to look for the new one.
                        allWork |= !move.source().directory().isOnline();
                        verify(promoted, model);
                        if (random.nextBoolean()) {
                            store.checkpoint(move.target());
                            store.checkpoint(move.source().directory());
                        }
                    }
                }
            }
        }

        /** One operation fails, or all from then on do, in one of the directories or in all. */
        void failAfter(int operations) {
            var count = new AtomicInteger();
            boolean once = random.nextBoolean();
            var where = random.nextBoolean() ? Path.of("/") : DIRS.get(random.nextInt(DIRS.size()));
            disk.failWhen((operation, path) -> path.startsWith(where)
                    && (once ? count.incrementAndGet() == operations : count.incrementAndGet() > operations));
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
            var before = model.of(producer);
            var last = before.isEmpty() ? null : before.get(before.size() - 1);
            int sequence = last == null ? 0 : last.getInt(53) + last.getInt(57);
            return Batches.idempotent(producer, (short) 0, sequence, records);
        }

        /** What producers can have on their way is known when it comes again, whatever happened since. */
        void retry(PartitionLog log, Model model) throws IOException {
            for (long producer = 1; producer <= PRODUCERS; producer++) {
                var batches = model.of(producer);
                for (var batch : batches.subList(Math.max(0, batches.size() - IN_FLIGHT), batches.size())) {
                    if (batch.getLong(0) >= model.deletedBelow) {
                        retry(log, batch);
                    }
                }
            }
        }

        void retry(PartitionLog log, ByteBuffer batch) throws IOException {
            var again = ByteBuffer.allocate(batch.remaining())
                    .put(batch.duplicate())
                    .flip()
                    .putLong(0, 0);
            var result = log.stage(again, 3, AppendOrigin.CLIENT, nowMs);
            var expected = new AppendResult.Duplicate(
                    batch.getLong(0),
                    StoredLogs.lastOffset(batch),
                    batch.getLong(35),
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
            boolean wasBroken = broken != null;
            open();
            for (int partition = 0; partition < models.size(); partition++) {
                var model = models.get(partition);
                var log = found(model);
                if (broken != null && log.isEmpty()) {
                    continue;
                }
                long end = log.map(found -> found.view().logEndOffset()).orElse(0L);
                assertTrue(end >= model.flushed, "flushed up to " + model.flushed + ", found up to " + end);
                assertTrue(end <= model.written, "written up to " + model.written + ", found up to " + end);
                if ((kind == 0 || kind > 2) && !wasBroken) {
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

        /** As the broker does, which knows the topic's id: an earlier topic's log is put aside. */
        Optional<PartitionLog> found(Model model) throws StorageException {
            var name = model.partition.topicPartition();
            var log = store.log(name);
            if (log.isPresent() && !log.get().topicId().equals(model.partition.topicId())) {
                assertTrue(broken != null || model.flushed == 0, () -> "only an earlier topic's log is there: " + log);
                store.putAsideStray(name);
                return Optional.empty();
            }
            return log;
        }

        void open() {
            broken = random.nextInt(4) == 0 && !allWork ? DIRS.get(random.nextInt(DIRS.size())) : null;
            if (broken != null) {
                disk.failWhen((operation, path) -> path.startsWith(broken));
            }
            var config = StoredLogs.builder(logConfig, DIRS.toArray(Path[]::new))
                    .recordedTopicId(partition ->
                            models.get(partition.partition()).partition.topicId())
                    .recordedIn((partition, directory) -> directory.path().equals(recorded.get(partition)))
                    .build();
            store = LogStore.open(config, disk, () -> nowMs);
        }
    }
}
