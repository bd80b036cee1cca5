package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.file.RealDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a recovery says: of damage, and of how far it is. */
class RecoveryReportTest {
    private static final long NOW = 1_000_000;
    /** A strong reference: the logging framework has weak ones. */
    private static final Logger LOADER = Logger.getLogger("io.barnabas.storage.recovery.LogLoader");

    @TempDir
    Path directory;

    private final List<String> warnings = new ArrayList<>();
    private final Handler capture = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel() == Level.WARNING) {
                warnings.add(entry.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** Ten records, three to a segment, and the process dies. */
    private void write() throws IOException {
        var config = LogConfig.builder().segmentBytes(220).build();
        var store = StoredLogs.open(new RealDisk(), config, directory);
        var log = store.create(StoredLogs.partition(0), config);
        for (int i = 0; i < 10; i++) {
            var result = log.append(Batches.of(record(NOW, "k", "v")), 0, AppendOrigin.CLIENT, NOW);
            assertInstanceOf(AppendResult.Appended.class, result);
        }
        store.abandon();
    }

    private Path segment(long base) {
        return directory.resolve("topic-0").resolve(String.format("%020d.log", base));
    }

    @Test
    void damageInTheMiddleIsToldInOneLineAndNeverServed() throws IOException {
        write();
        var damaged = segment(3);
        var bytes = Files.readAllBytes(damaged);
        int position = bytes.length / 3;
        bytes[2 * position - 1] ^= 1;
        Files.write(damaged, bytes);
        LOADER.addHandler(capture);
        try {
            var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory);
            var log = store.log(new TopicPartition("topic", 0)).orElseThrow();
            assertEquals(4, log.view().logEndOffset());
            assertEquals(4, StoredLogs.batches(log, 0, 1_000).size());
            store.close();
        } finally {
            LOADER.removeHandler(capture);
        }
        assertEquals(1, warnings.size(), warnings.toString());
        var line = warnings.get(0);
        for (var words : List.of(
                "topic-0: damaged at offset 4",
                damaged + ", position " + position,
                "offsets 4 to 9 are lost",
                2 * position + " bytes cut off there",
                "2 later segments")) {
            assertTrue(line.contains(words), "\"" + words + "\" is not in: " + line);
        }
    }

    @Test
    void anIndexThatIsMissingOrTornIsBuiltAgainAndNoOtherIsTouched() throws IOException {
        var config = LogConfig.builder().segmentBytes(220).indexIntervalBytes(0).build();
        var store = StoredLogs.open(new RealDisk(), config, directory);
        var log = store.create(StoredLogs.partition(0), config);
        for (int i = 0; i < 10; i++) {
            log.append(Batches.of(record(NOW + i, "k", "v")), 0, AppendOrigin.CLIENT, NOW);
        }
        var batches = StoredLogs.batches(log, 0, 10_000);
        store.close();
        LOADER.addHandler(capture);
        try {
            for (var suffix : List.of(".index", ".timeindex")) {
                for (boolean missing : new boolean[] {true, false}) {
                    warnings.clear();
                    var index = directory.resolve("topic-0").resolve(String.format("%020d", 3) + suffix);
                    var bytes = Files.readAllBytes(index);
                    assertTrue(bytes.length > 0, index::toString);
                    Files.write(index, Arrays.copyOf(bytes, bytes.length - 1));
                    if (missing) {
                        Files.delete(index);
                    }
                    store = StoredLogs.open(new RealDisk(), config, directory);
                    assertEquals(
                            List.of(index.getParent()
                                    + ": an index of segment 3 is missing or damaged and is built again"),
                            warnings);
                    log = store.log(new TopicPartition("topic", 0)).orElseThrow();
                    assertEquals(batches, StoredLogs.batches(log, 0, 10_000));
                    assertEquals(new TimestampOffset(NOW + 4, 4, 0), log.offsetForTimestamp(NOW + 4));
                    store.close();
                    assertArrayEquals(bytes, Files.readAllBytes(index), index::toString);
                }
            }
        } finally {
            LOADER.removeHandler(capture);
        }
    }

    /** A cut may have emptied it, and a power loss after a clean stop brought its old index back. */
    @Test
    void ofAnEmptySegmentNoIndexIsTrusted() throws IOException {
        write();
        var config = LogConfig.builder().indexIntervalBytes(0).build();
        var store = StoredLogs.open(new RealDisk(), config, directory);
        var log = store.log(new TopicPartition("topic", 0)).orElseThrow();
        log.skipTo(10, NOW);
        store.close();
        Files.write(segment(10), new byte[0]);
        var index = ByteBuffer.allocate(8).putInt(0).putInt(1_000);
        Files.write(directory.resolve("topic-0").resolve(String.format("%020d.index", 10)), index.array());
        for (int i = 0; i < 2; i++) {
            store = StoredLogs.open(new RealDisk(), config, directory);
            log = store.log(new TopicPartition("topic", 0)).orElseThrow();
            log.append(Batches.of(record(NOW, "k", "v")), 0, AppendOrigin.CLIENT, NOW);
            store.close();
        }
        store = StoredLogs.open(new RealDisk(), config, directory);
        log = store.log(new TopicPartition("topic", 0)).orElseThrow();
        assertEquals(1, StoredLogs.batches(log, 11, 1_000).size());
        store.close();
    }

    @Test
    void progressCountsWhatIsAboveTheRecoveryPoint() throws IOException {
        write();
        var partition = new TopicPartition("topic", 0);
        var dir = new LogDirectory(directory, new OpenFiles(new RealDisk(), 4), failed -> {});
        var progress = new RecoveryProgress(dir, List.of(partition), Map.of(partition, 6L));
        long total = progress.totalBytes();
        assertEquals(Files.size(segment(6)) + Files.size(segment(9)), total);
        assertTrue(progress.line(total, 1_000).endsWith("0 of " + total + " bytes; estimated rest unknown"));
        progress.scanned(total / 4);
        assertTrue(progress.line(100 * total, 1_000).endsWith("bytes; estimated rest unknown"), "too little is known");
        progress.partitionDone();
        assertEquals(
                "Recovering " + directory + ": 1 of 1 partitions, " + total / 4 + " of " + total
                        + " bytes; estimated rest 6 s",
                progress.line(total, 2_000));
    }
}
