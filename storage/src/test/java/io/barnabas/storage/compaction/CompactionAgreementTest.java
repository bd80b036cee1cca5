package io.barnabas.storage.compaction;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;

import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.file.Throttle;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.AppendResult;
import io.barnabas.storage.log.Batches;
import io.barnabas.storage.log.KafkaLogs;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.PartitionLog;
import io.barnabas.storage.log.StoredLogs;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The same random history, plain, idempotent and transactional, written to Apache Kafka's log and to ours, and compacted again
 * and again by Kafka's cleaner and by ours: what is chosen, and every byte of data and indexes left, are the same.
 *
 * <p>More seeds: {@code -Dseeds=N}; one seed again: {@code -Dseed=N}.
 */
class CompactionAgreementTest {
    private static final int SEGMENT_BYTES = 4_000;
    private static final int INDEX_INTERVAL_BYTES = 500;
    private static final long DELETE_RETENTION_MS = 5_000;
    private static final double LOAD_FACTOR = 0.9;
    private static final int KEYS = 30;

    /** How often the histories came to what is delicate, over all seeds: else the test would show nothing of it. */
    private final Map<String, Integer> seen = new TreeMap<>();

    @TempDir
    Path directory;

    @Test
    void theSameStays() throws Exception {
        var only = Long.getLong("seed");
        long first = only != null ? only : 1;
        long last = only != null ? only : Integer.getInteger("seeds", 25);
        long removed = 0;
        for (long seed = first; seed <= last; seed++) {
            try (var run = new Run(seed, directory.resolve("seed-" + seed), seen)) {
                removed += run.run();
            } catch (Throwable e) {
                throw new AssertionError(
                        "Failed with seed " + seed + ". Again: ./mvnw -o -pl storage -am test"
                                + " -Dtest=CompactionAgreementTest -Dsurefire.failIfNoSpecifiedTests=false"
                                + " -Dtest.jvm.args=-Dseed=" + seed,
                        e);
            }
        }
        assertTrue(removed > 0, "compaction removed nothing");
        if (only == null) {
            for (var what : List.of(
                    "empty batch of a producer",
                    "empty batch at the end of a round",
                    "marker that stays",
                    "marker that went",
                    "tombstone that stays",
                    "tombstone that went")) {
                assertTrue(seen.getOrDefault(what, 0) > 0, what + ": never, only " + seen);
            }
        }
    }

    private static final class Producer {
        final long id;
        final boolean transactional;
        short epoch;
        int sequence;
        boolean open;

        Producer(long id, boolean transactional) {
            this.id = id;
            this.transactional = transactional;
        }
    }

    private static final class Run implements AutoCloseable {
        final Random random;
        final Path ours;
        final Path kafkas;
        final LogStore store;
        final PartitionLog log;
        final KafkaLogs kafka = new KafkaLogs();
        final UnifiedLog theirs;
        final List<Producer> producers = new ArrayList<>();
        final int mapBytes;
        final Map<String, Integer> seen;
        long nowMs = System.currentTimeMillis();

        Run(long seed, Path root, Map<String, Integer> seen) throws IOException {
            this.seen = seen;
            random = new Random(seed);
            ours = Files.createDirectories(root.resolve("ours"));
            kafkas = Files.createDirectories(root.resolve("kafkas"));
            mapBytes = OffsetMap.SLOT_BYTES * (random.nextBoolean() ? 1_000 : 8 + random.nextInt(40));
            var config = LogConfig.builder()
                    .segmentBytes(SEGMENT_BYTES)
                    .indexIntervalBytes(INDEX_INTERVAL_BYTES)
                    .deleteRetentionMs(DELETE_RETENTION_MS)
                    .compact(true)
                    .delete(false)
                    .build();
            store = StoredLogs.open(new RealDisk(), config, ours);
            log = store.create(StoredLogs.partition(0), config);
            theirs = kafka.open(
                    kafkas.resolve("topic-0"),
                    Map.of(
                            "internal.segment.bytes", "" + SEGMENT_BYTES,
                            "index.interval.bytes", "" + INDEX_INTERVAL_BYTES,
                            "delete.retention.ms", "" + DELETE_RETENTION_MS,
                            "cleanup.policy", "compact"),
                    true);
            for (int i = 0; i < 5; i++) {
                producers.add(new Producer(100 + i, i > 1));
            }
        }

        long run() throws Exception {
            long removed = 0;
            long theirDirty = 0;
            for (int round = 0; round < 6; round++) {
                int batches = 30 + random.nextInt(60);
                for (int i = 0; i < batches; i++) {
                    write();
                }
                nowMs += random.nextInt(8_000);
                assertEquals(theirs.lastStableOffset(), log.view().lastStableOffset());
                long before = log.sizeBytes();
                var markers = markers();
                var tombstones = tombstones();
                theirDirty = compactBoth(theirDirty);
                removed += before - log.sizeBytes();
                compare();
                note(markers, markers(), "marker");
                note(tombstones, tombstones(), "tombstone");
                noteEmptyBatches(theirDirty);
            }
            return removed;
        }

        private void note(List<Long> before, List<Long> after, String what) {
            before.forEach(offset ->
                    seen.merge(what + (after.contains(offset) ? " that stays" : " that went"), 1, Integer::sum));
        }

        private List<Long> markers() throws IOException {
            return offsets(batch -> batch.isControl() && batch.count() > 0);
        }

        private List<Long> tombstones() throws IOException {
            return offsets(batch -> {
                boolean found = false;
                if (!batch.isControl()) {
                    try (var record = batch.cursor()) {
                        while (record.advance()) {
                            found |= !record.hasValue();
                        }
                    }
                }
                return found;
            });
        }

        private void noteEmptyBatches(long endOfRound) throws IOException {
            for (long last : offsets(batch -> batch.count() == 0)) {
                seen.merge(
                        last == endOfRound - 1 ? "empty batch at the end of a round" : "empty batch of a producer",
                        1,
                        Integer::sum);
            }
        }

        /** Last offsets of the batches that are so. */
        private List<Long> offsets(Predicate<RecordBatch> so) throws IOException {
            var found = new ArrayList<Long>();
            for (var bytes : StoredLogs.batches(log, 0, 1 << 20)) {
                var batch = new RecordBatch().wrap(bytes, 0);
                if (so.test(batch)) {
                    found.add(batch.lastOffset());
                }
            }
            return found;
        }

        void write() throws IOException {
            var producer = producers.get(random.nextInt(producers.size()));
            int kind = random.nextInt(10);
            if (kind < 3) {
                append(Batches.of(compression(), records()), false);
            } else if (!producer.transactional) {
                if (random.nextInt(12) == 0) {
                    producer.epoch++;
                    producer.sequence = 0;
                }
                var records = records();
                append(Batches.idempotent(producer.id, producer.epoch, producer.sequence, records), false);
                producer.sequence += records.length;
            } else if (producer.open && kind > 6) {
                append(Batches.marker(producer.id, producer.epoch, random.nextBoolean(), nowMs), true);
                producer.open = false;
            } else {
                var records = records();
                append(Batches.transactional(producer.id, producer.epoch, producer.sequence, records), false);
                producer.sequence += records.length;
                producer.open = true;
            }
        }

        Compression compression() {
            return switch (random.nextInt(6)) {
                case 0 -> Compression.gzip().build();
                case 1 -> Compression.zstd().build();
                case 2 -> Compression.lz4().build();
                default -> Compression.NONE;
            };
        }

        SimpleRecord[] records() {
            var records = new SimpleRecord[1 + random.nextInt(4)];
            for (int i = 0; i < records.length; i++) {
                var key = ("key-" + random.nextInt(KEYS)).getBytes();
                byte[] value = null;
                if (random.nextInt(5) > 0) {
                    value = new byte[random.nextInt(120)];
                    random.nextBytes(value);
                }
                records[i] = new SimpleRecord(nowMs - random.nextInt(1_000), key, value);
            }
            return records;
        }

        void append(ByteBuffer batch, boolean marker) throws IOException {
            KafkaLogs.append(theirs, batch, 3, marker);
            theirs.updateHighWatermark(theirs.logEndOffset());
            var copy = ByteBuffer.allocate(batch.remaining())
                    .put(batch.duplicate())
                    .flip();
            var origin = marker ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT;
            assertInstanceOf(AppendResult.Appended.class, log.stage(copy, 3, origin, 0, (short) 0, nowMs));
            log.writeStaged(nowMs);
            log.advanceHighWatermark(log.view().logEndOffset());
        }

        long compactBoth(long theirDirty) throws Exception {
            var plan = CompactionPlan.of(log, nowMs);
            long limit =
                    Math.min(theirs.lastStableOffset(), theirs.activeSegment().baseOffset());
            var toClean = new LogToClean(theirs, theirDirty, Math.max(theirDirty, limit), false);
            assertEquals(theirDirty, plan.firstDirtyOffset());
            assertEquals(toClean.firstUncleanableOffset(), plan.firstUncleanableOffset());
            assertEquals(toClean.cleanBytes(), plan.cleanBytes());
            assertEquals(toClean.cleanableBytes(), plan.cleanableBytes());
            if (plan.cleanableBytes() == 0) {
                return theirDirty;
            }
            assertEquals(toClean.cleanableRatio(), plan.dirtyRatio());
            var cleaner = new Cleaner(
                    0,
                    new SkimpyOffsetMap(mapBytes),
                    1_000,
                    1 << 20,
                    LOAD_FACTOR,
                    new Throttler(Double.MAX_VALUE, 300, "io", "bytes", Time.SYSTEM),
                    Time.SYSTEM,
                    partition -> {});
            long theirEnd = cleaner.doClean(toClean, nowMs).getKey();
            var settings = new CompactionSettings(1, mapBytes, LOAD_FACTOR, 2_000, Double.MAX_VALUE, 1);
            var context = new CleaningContext(
                    store, (owned, task) -> task.run(), settings, new Throttle(System::nanoTime), () -> false, nowMs);
            var report = new Cleaning(plan, context).run();
            assertEquals(theirEnd, report.endOffset());
            assertEquals(theirEnd, log.cleanedOffset());
            return theirEnd;
        }

        void compare() throws IOException {
            assertEquals(theirs.logEndOffset(), log.view().logEndOffset());
            assertEquals(KafkaLogs.batches(theirs, 0), StoredLogs.batches(log, 0, 1 << 20));
            var theirFiles = files(kafkas.resolve("topic-0"), "log|txnindex");
            var ourFiles = files(ours.resolve("topic-0"), "log|txnindex");
            assertEquals(theirFiles.keySet(), ourFiles.keySet());
            theirFiles.forEach((name, bytes) -> assertArrayEquals(bytes, ourFiles.get(name), name));
        }

        static Map<String, byte[]> files(Path directory, String kinds) throws IOException {
            var found = new TreeMap<String, byte[]>();
            try (var all = Files.list(directory)) {
                for (var file : all.toList()) {
                    var name = file.getFileName().toString();
                    // Kafka creates transaction indexes that stay empty.
                    if (name.matches("\\d{20}\\.(" + kinds + ")")
                            && (Files.size(file) > 0 || !name.endsWith(".txnindex"))) {
                        found.put(name, Files.readAllBytes(file));
                    }
                }
            }
            return found;
        }

        @Override
        public void close() throws Exception {
            store.close();
            theirs.close();
            kafka.close();
            var theirFiles = files(kafkas.resolve("topic-0"), "log|index|timeindex|txnindex");
            var ourFiles = files(ours.resolve("topic-0"), "log|index|timeindex|txnindex");
            var different = new ArrayList<String>();
            theirFiles.forEach((name, bytes) -> {
                if (!Arrays.equals(bytes, ourFiles.get(name))) {
                    different.add(name);
                }
            });
            assertEquals(List.of(), different);
        }
    }
}
