package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.segment.Segment;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Topic settings that say when a segment ends and when a log is flushed; where segments end, Apache Kafka's log is the judge. */
class LogSettingsTest {
    private static final long NOW = 1_000_000;

    @TempDir
    Path directory;

    private PartitionLog log(LogConfig config) throws IOException {
        return StoredLogs.open(new RealDisk(), config, directory.resolve("ours"))
                .create(StoredLogs.partition(0), config);
    }

    private static void append(PartitionLog log, ByteBuffer batch) throws IOException {
        assertInstanceOf(AppendResult.Appended.class, log.append(batch, 0, AppendOrigin.CLIENT, NOW));
    }

    private static List<Long> bases(PartitionLog log) {
        return log.view().segments().stream().map(Segment::baseOffset).toList();
    }

    /** Appends records of these times to both logs; returns where our segments begin, which is where Kafka's do. */
    private List<Long> segments(LogConfig config, Map<String, String> kafkas, long... timesMs) throws Exception {
        var log = log(config);
        try (var kafka = new KafkaLogs()) {
            var theirs = kafka.open(directory.resolve("kafka").resolve("topic-0"), kafkas, true);
            for (long timeMs : timesMs) {
                var batch = Batches.of(record(timeMs, "k", "v"));
                KafkaLogs.append(theirs, batch, 0, false);
                append(log, batch);
            }
            assertEquals(
                    theirs.logSegments().stream().map(LogSegment::baseOffset).toList(), bases(log));
            theirs.close();
        }
        return bases(log);
    }

    @Test
    void anOldSegmentEnds() throws Exception {
        var config = LogConfig.builder().segmentMs(1_000).build();
        assertEquals(
                List.of(0L, 3L, 4L),
                segments(config, Map.of("segment.ms", "1000"), NOW, NOW + 1_000, NOW - 5, NOW + 1_001, NOW + 9_000));
    }

    @Test
    void aSegmentOfACompactedTopicEndsInTimeToBeCompacted() throws Exception {
        var config = LogConfig.builder().compact(true).maxCompactionLagMs(500).build();
        assertEquals(
                List.of(0L, 2L),
                segments(
                        config,
                        Map.of("cleanup.policy", "compact", "max.compaction.lag.ms", "500"),
                        NOW,
                        NOW + 500,
                        NOW + 501));
    }

    @Test
    void aFullIndexEndsASegment() throws Exception {
        var config =
                LogConfig.builder().indexIntervalBytes(0).segmentIndexBytes(80).build();
        var times = new long[30];
        for (int i = 0; i < times.length; i++) {
            // Time index entries are only added as time goes on, so sometimes the one index is full first and sometimes
            // the other.
            times[i] = NOW + (i < 15 ? i : -i);
        }
        var bases = segments(config, Map.of("index.interval.bytes", "0", "segment.index.bytes", "80"), times);
        assertTrue(bases.size() > 3, bases.toString());
    }

    @Test
    void jitterSpreadsTheEndOfSegments() throws IOException {
        var config = LogConfig.builder().segmentMs(1_000).segmentJitterMs(900).build();
        var store = StoredLogs.open(new RealDisk(), config, directory);
        var ends = new HashSet<Long>();
        for (int partition = 0; partition < 20; partition++) {
            var log = store.create(StoredLogs.partition(partition), config);
            long timeMs = NOW;
            append(log, Batches.of(record(timeMs, "k", "v")));
            while (bases(log).size() == 1) {
                timeMs += 10;
                append(log, Batches.of(record(timeMs, "k", "v")));
            }
            assertTrue(timeMs - NOW > 100 && timeMs - NOW <= 1_010, "ended after " + (timeMs - NOW));
            ends.add(timeMs);
        }
        assertTrue(ends.size() > 1, "all ended at once");
        store.abandon();
    }

    @Test
    void flushesAreDueByMessages() throws Exception {
        var log = log(LogConfig.builder().flushMessages(3).build());
        try (var kafka = new KafkaLogs()) {
            var theirs = kafka.open(directory.resolve("kafka").resolve("topic-0"), Map.of("flush.messages", "3"), true);
            for (int i = 0; i < 8; i++) {
                var batch = Batches.of(record(NOW, "k", "v"));
                KafkaLogs.append(theirs, batch, 0, false);
                append(log, batch);
                assertEquals(theirs.recoveryPoint(), log.recoveryPoint(), "after " + (i + 1));
            }
            assertEquals(6, log.recoveryPoint());
            theirs.close();
        }
    }

    @Test
    void flushesAreDueByTime() throws IOException {
        var log = log(LogConfig.builder().flushMs(1_000).build());
        assertFalse(log.flushDue(NOW + 5_000), "there is nothing to flush");
        append(log, Batches.of(record(NOW, "k", "v")));
        assertFalse(log.flushDue(NOW + 999));
        assertTrue(log.flushDue(NOW + 1_000));
        log.flush(NOW + 1_000);
        assertEquals(1, log.recoveryPoint());
        assertFalse(log.flushDue(NOW + 9_000));
        append(log, Batches.of(record(NOW, "k", "v")));
        assertFalse(log.flushDue(NOW + 1_999));
        assertTrue(log.flushDue(NOW + 2_000));
    }
}
