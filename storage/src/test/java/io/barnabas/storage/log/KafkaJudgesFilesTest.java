package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.file.RealDisk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The same writes to Apache Kafka's log and to ours leave the same files, and each opens the other's. */
class KafkaJudgesFilesTest {
    private static final Map<String, String> KAFKA_CONFIG =
            Map.of("internal.segment.bytes", "20000", "index.interval.bytes", "1000");
    private static final LogConfig CONFIG =
            LogConfig.builder().segmentBytes(20_000).indexIntervalBytes(1_000).build();

    @TempDir
    Path ours;

    @TempDir
    Path kafkas;

    private final KafkaLogs kafka = new KafkaLogs();
    private final long nowMs = System.currentTimeMillis();
    private List<ByteBuffer> batches;

    @BeforeEach
    void makeBatches() {
        batches = new ArrayList<>();
        var random = new Random(11);
        for (int i = 0; i < 200; i++) {
            long timestampMs = nowMs - 5_000 + random.nextInt(5_000);
            var records = Batches.randomRecords(random, 1 + random.nextInt(5), random.nextInt(400), timestampMs);
            switch (i % 10) {
                case 3 -> batches.add(Batches.idempotent(100, (short) 0, i / 10, records[0]));
                case 5, 6 -> batches.add(Batches.transactional(i / 10, (short) 0, i % 10 - 5, records[0]));
                case 9 -> batches.add(Batches.marker(i / 10, (short) 0, i % 20 == 9, timestampMs));
                default -> batches.add(Batches.of(records));
            }
        }
    }

    @AfterEach
    void close() throws InterruptedException {
        kafka.close();
    }

    private static boolean isMarker(int index) {
        return index % 10 == 9;
    }

    private static ByteBuffer copy(ByteBuffer batch) {
        var copy = ByteBuffer.allocate(batch.remaining());
        return copy.put(batch.duplicate()).flip();
    }

    private LogStore writeOurs() throws IOException {
        var store = StoredLogs.open(new RealDisk(), CONFIG, ours);
        var log = store.create(StoredLogs.partition(0), CONFIG);
        for (int i = 0; i < batches.size(); i++) {
            log.stage(
                    copy(batches.get(i)),
                    i / 50,
                    isMarker(i) ? AppendOrigin.COORDINATOR : AppendOrigin.CLIENT,
                    0,
                    (short) 0,
                    nowMs);
            log.writeStaged(nowMs);
        }
        return store;
    }

    private Path ourPartition() {
        return ours.resolve("topic-0");
    }

    private Path kafkasPartition() {
        return kafkas.resolve("topic-0");
    }

    @Test
    void theSameWritesLeaveTheSameFiles() throws IOException {
        writeOurs().close();
        var theirs = kafka.open(kafkasPartition(), KAFKA_CONFIG, true);
        for (int i = 0; i < batches.size(); i++) {
            KafkaLogs.append(theirs, batches.get(i), i / 50, isMarker(i));
        }
        theirs.close();
        var expected = files(kafkasPartition());
        var found = files(ourPartition());
        for (var name : expected.keySet()) {
            if (name.matches("\\d{20}\\.(log|index|timeindex|txnindex|snapshot)")
                    || name.equals("leader-epoch-checkpoint")) {
                assertTrue(found.containsKey(name), "missing " + name);
                assertArrayEquals(expected.get(name), found.get(name), name);
            }
        }
        assertTrue(expected.size() > 8);
    }

    private static Map<String, byte[]> files(Path directory) throws IOException {
        var files = new TreeMap<String, byte[]>();
        try (var all = Files.list(directory)) {
            for (var file : (Iterable<Path>) all::iterator) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    @Test
    void kafkaDumpLogHasNoComplaint() throws IOException {
        writeOurs().close();
        var deep = KafkaLogs.dump(ourPartition(), "--deep-iteration", "--verify-index-only");
        var sanity = KafkaLogs.dump(ourPartition(), "--deep-iteration", "--index-sanity-check");
        assertEquals(List.of(), complaints(deep));
        assertEquals(List.of(), complaints(sanity));
        assertTrue(sanity.contains("passed sanity check"), sanity);
    }

    /** That a segment does not begin with offset 0 ("-1 is followed by") is no fault, the tool says so of Kafka's own. */
    private static List<String> complaints(String dump) {
        return dump.lines()
                .filter(line ->
                        line.matches(".*([Mm]ismatch|  \\d+ is followed by|Found|isvalid: false|orrupt|Exception).*"))
                .toList();
    }

    @Test
    void kafkaOpensOurDirectory() throws IOException {
        for (boolean clean : new boolean[] {true, false}) {
            var store = writeOursFresh();
            var log = store.log(new TopicPartition("topic", 0)).orElseThrow();
            var expected = StoredLogs.batches(log, 0, 100_000);
            long end = log.view().logEndOffset();
            if (clean) {
                store.close();
            } else {
                store.abandon();
            }
            var theirs = kafka.open(ourPartition(), KAFKA_CONFIG, clean);
            assertEquals(end, theirs.logEndOffset());
            assertEquals(expected, KafkaLogs.batches(theirs, 0));
            assertEquals(Optional.of(3), theirs.latestEpoch());
            theirs.close();
            var again = StoredLogs.open(new RealDisk(), CONFIG, ours);
            var reopened = again.log(new TopicPartition("topic", 0)).orElseThrow();
            assertEquals(expected, StoredLogs.batches(reopened, 0, 100_000));
            again.abandon();
        }
    }

    private LogStore writeOursFresh() throws IOException {
        new RealDisk().deleteRecursively(ourPartition());
        Files.deleteIfExists(ours.resolve("recovery-point-offset-checkpoint"));
        Files.deleteIfExists(ours.resolve(".kafka_cleanshutdown"));
        return writeOurs();
    }

    @Test
    void weOpenKafkasDirectoryEvenWhenItWasKilled() throws IOException {
        for (boolean clean : new boolean[] {true, false}) {
            new RealDisk().deleteRecursively(kafkasPartition());
            var theirs = kafka.open(kafkasPartition(), KAFKA_CONFIG, true);
            for (int i = 0; i < batches.size(); i++) {
                KafkaLogs.append(theirs, batches.get(i), i / 50, isMarker(i));
            }
            var expected = KafkaLogs.batches(theirs, 0);
            long end = theirs.logEndOffset();
            var hits = new TreeMap<Long, TimestampOffset>();
            for (long target = nowMs - 5_001; target < nowMs + 10; target += 97) {
                hits.put(
                        target,
                        theirs.fetchOffsetByTimestamp(target, Optional.empty())
                                .timestampAndOffsetOpt()
                                .map(hit -> new TimestampOffset(hit.timestamp, hit.offset, hit.leaderEpoch.orElse(-1)))
                                .orElse(TimestampOffset.NONE));
            }
            if (clean) {
                theirs.close();
                Files.writeString(kafkas.resolve(".kafka_cleanshutdown"), "{\"version\":0,\"brokerEpoch\":-1}");
            }
            var store = StoredLogs.open(new RealDisk(), CONFIG, kafkas);
            var log = store.log(new TopicPartition("topic", 0)).orElseThrow();
            assertEquals(end, log.view().logEndOffset());
            assertEquals(expected, StoredLogs.batches(log, 0, 50_000));
            for (var hit : hits.entrySet()) {
                assertEquals(hit.getValue(), log.offsetForTimestamp(hit.getKey()));
            }
            store.abandon();
            if (!clean) {
                theirs.close();
            }
        }
    }
}
