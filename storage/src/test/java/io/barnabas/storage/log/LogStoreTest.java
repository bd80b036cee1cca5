package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.checkpoint.MetaProperties;
import io.barnabas.storage.dir.LogDirectoryException;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LogStoreTest {
    private static final long NOW = 1_000_000;

    @TempDir
    Path directory;

    private static void append(PartitionLog log, String value) throws IOException {
        log.append(Batches.of(record(NOW, "k", value)), 1, AppendOrigin.CLIENT, NOW);
    }

    @Test
    void aLockedDirectoryIsRefusedWithKafkasSentence() {
        var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory);
        var refused = assertThrows(
                LogDirectoryException.class, () -> StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory));
        assertEquals(
                "Failed to acquire lock on file .lock in " + directory
                        + ". A Kafka instance in another process or thread is using this directory.",
                refused.getMessage());
        store.close();
        StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory).close();
    }

    @Test
    void partitionsGoToTheDirectoryWithTheFewest() throws IOException {
        var first = directory.resolve("a");
        var second = directory.resolve("b");
        var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, first, second);
        for (int i = 0; i < 7; i++) {
            store.create(StoredLogs.partition(i), LogConfig.DEFAULTS);
        }
        assertEquals(4, store.directories().get(0).partitions().get());
        assertEquals(3, store.directories().get(1).partitions().get());
        assertSame(StoredLogs.log(store, 0), store.create(StoredLogs.partition(0), LogConfig.DEFAULTS));
        store.close();
    }

    @Test
    void aLogThatWasEmptiedKeepsItsTopicOverAStopAndAPowerLoss() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            var disk = new SimulatedDisk();
            var store = StoredLogs.open(disk, LogConfig.DEFAULTS, directory);
            var log = store.create(StoredLogs.partition(0), LogConfig.DEFAULTS);
            append(log, "x");
            log.truncateTo(0, NOW);
            store.close();
            var again = StoredLogs.open(disk.crash(new Random(seed)), LogConfig.DEFAULTS, directory);
            assertEquals(List.of(), again.offline(), "seed " + seed);
        }
    }

    /** Nothing of it was ever flushed. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLogThatWasReplacedKeepsItsTopicOverAPowerLoss(boolean closed) throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            var disk = new SimulatedDisk();
            var store = StoredLogs.open(disk, LogConfig.DEFAULTS, directory);
            var log = store.create(StoredLogs.partition(0), LogConfig.DEFAULTS);
            append(log, "x");
            log.truncateFullyAndStartAt(100, NOW);
            if (closed) {
                store.close();
            } else {
                store.checkpoint();
            }
            disk.forceDirectory(directory);
            var again = StoredLogs.open(disk.crash(new Random(seed)), LogConfig.DEFAULTS, directory);
            assertEquals(List.of(), again.offline(), "seed " + seed);
            var found = again.log(new TopicPartition("topic", 0)).orElseThrow();
            assertEquals(100, found.view().logEndOffset());
            assertEquals(StoredLogs.TOPIC_ID, found.topicId());
        }
    }

    @Test
    void aStartThatEndsWithAnErrorLetsGoOfTheDirectories() throws IOException {
        var disk = new SimulatedDisk();
        try (var store = StoredLogs.open(disk, LogConfig.DEFAULTS, directory)) {
            append(store.create(StoredLogs.partition(0), LogConfig.DEFAULTS), "x");
        }
        var error = new OutOfMemoryError("simulated");
        var config = StoredLogs.builder(LogConfig.DEFAULTS, directory)
                .topicConfig(topic -> {
                    throw error;
                })
                .build();
        assertSame(error, assertThrows(Error.class, () -> LogStore.open(config, disk, () -> NOW)));
        StoredLogs.open(disk, LogConfig.DEFAULTS, directory).close();
    }

    @Test
    void deletedLogsVanishAfterTheirDelay() throws IOException {
        var config = LogConfig.builder().fileDeleteDelayMs(0).build();
        var store = StoredLogs.open(new RealDisk(), config, directory);
        append(store.create(StoredLogs.partition(0), config), "x");
        store.delete(new TopicPartition("topic", 0));
        assertTrue(store.log(new TopicPartition("topic", 0)).isEmpty());
        assertFalse(Files.exists(directory.resolve("topic-0")));
        assertEquals(1, StoredLogs.directoriesEndingWith("-delete", directory));
        // The name is free again at once.
        assertEquals(0, store.create(StoredLogs.partition(0), config).view().logEndOffset());
        store.deleteDue();
        assertEquals(0, StoredLogs.directoriesEndingWith("-delete", directory));
        store.close();
    }

    @Test
    void strayLogsAreKeptAside() throws IOException {
        var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory);
        append(store.create(StoredLogs.partition(0), LogConfig.DEFAULTS), "x");
        store.putAsideStray(new TopicPartition("topic", 0));
        store.close();
        var again = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory);
        assertTrue(again.logs().isEmpty());
        assertEquals(1, StoredLogs.directoriesEndingWith("-stray", directory));
        again.close();
    }

    private String refusal() {
        return assertThrows(
                        LogDirectoryException.class,
                        () -> StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory))
                .getMessage();
    }

    @Test
    void directoriesOfOthersAreRefused() throws IOException {
        var disk = new RealDisk();
        MetaProperties.of("other", 1, null).write(disk, directory);
        assertTrue(refusal()
                .startsWith("Invalid cluster.id in: " + directory.resolve("meta.properties")
                        + ". Expected cluster, but read other"));
        MetaProperties.of("cluster", 2, null).write(disk, directory);
        assertTrue(refusal().startsWith("Stored node id 2 doesn't match previous node id 1 in "));
        var id = new Uuid(3, 4);
        for (var name : List.of("a", "b")) {
            Files.createDirectories(directory.resolve(name));
            MetaProperties.of("cluster", 1, id).write(disk, directory.resolve(name));
        }
        var refused = assertThrows(
                LogDirectoryException.class,
                () -> StoredLogs.open(disk, LogConfig.DEFAULTS, directory.resolve("a"), directory.resolve("b")));
        assertTrue(refused.getMessage().startsWith("Duplicate directory ID " + id + " found."), refused.getMessage());
        var store = StoredLogs.open(disk, LogConfig.DEFAULTS, directory.resolve("a"));
        assertEquals(id, store.directories().get(0).id().orElseThrow());
        store.close();
    }

    @Test
    void messagesOfOldFormatsAreRefusedAndKept() throws IOException {
        var records = MemoryRecords.withRecords(
                (byte) 1, Compression.NONE, new SimpleRecord(NOW, "k".getBytes(), "v".getBytes()));
        var bytes = new byte[records.sizeInBytes()];
        records.buffer().get(bytes);
        var file = directory.resolve("topic-0").resolve("00000000000000000000.log");
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        assertTrue(refusal().startsWith(file + " holds messages in the format v1 (at position 0)"));
        assertArrayEquals(bytes, Files.readAllBytes(file));
    }

    @Test
    void filesThatAreNobodysAreNotTouched() throws IOException {
        var text = "not a record batch, whatever its name says";
        var foreign = Files.createDirectories(directory.resolve("a").resolve("topic-0"));
        for (var name : List.of("00000000000000000000.log", "x.deleted", "leader-epoch-checkpoint")) {
            Files.writeString(foreign.resolve(name), text);
        }
        var asked = new ArrayList<TopicPartition>();
        var held = new boolean[1];
        var config = LogStoreConfig.builder(List.of(directory.resolve("a"), directory.resolve("b")), 1, "cluster")
                .held(partition -> {
                    asked.add(partition);
                    return held[0];
                })
                .build();
        var store = LogStore.open(config, new RealDisk(), () -> NOW);
        append(store.create(StoredLogs.partition(1), LogConfig.DEFAULTS), "x");
        store.create(StoredLogs.partition(2), LogConfig.DEFAULTS);
        store.close();
        store = LogStore.open(config, new RealDisk(), () -> NOW);
        var name = new TopicPartition("topic", 0);
        assertEquals(List.of(name, name), asked, "nothing is asked of a log with an id, or without files");
        assertTrue(store.log(name).isEmpty());
        try (var files = Files.list(foreign)) {
            for (var file : files.toList()) {
                assertEquals(text, Files.readString(file), file.toString());
            }
        }
        // Now there is such a partition.
        append(store.create(StoredLogs.partition(0), LogConfig.DEFAULTS), "y");
        held[0] = true;
        store.close();
        store = LogStore.open(config, new RealDisk(), () -> NOW);
        assertEquals(1, store.log(name).orElseThrow().view().logEndOffset());
        assertEquals(1, StoredLogs.directoriesEndingWith("-stray", foreign.getParent()));
        store.close();
    }

    @Test
    void theTopicIdIsKeptAndALogOfAnEarlierTopicPutAside() throws IOException {
        for (boolean clean : new boolean[] {true, false}) {
            var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory);
            append(store.create(StoredLogs.partition(0), LogConfig.DEFAULTS), "x");
            if (clean) {
                store.close();
            } else {
                store.abandon();
            }
        }
        var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory);
        var log = StoredLogs.log(store, 0);
        assertEquals(StoredLogs.TOPIC_ID, log.topicId());
        assertEquals(2, log.view().logEndOffset());
        var other = new TopicIdPartition(new Uuid(1, 1), "topic", 0);
        assertEquals(0, store.create(other, LogConfig.DEFAULTS).view().logEndOffset());
        assertEquals(1, StoredLogs.directoriesEndingWith("-stray", directory));
        store.close();
    }

    /** A first compaction leaves gaps before any checkpoint tells of it, and a start knows topics by their defaults only. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void offsetsThatAreMissingAreALossUnlessTheTopicIsCompacted(boolean compacted) throws IOException {
        var path = directory.resolve("a");
        var segments = LogConfig.builder().segmentBytes(200).build();
        var store = StoredLogs.open(new RealDisk(), segments, path);
        var log = store.create(StoredLogs.partition(0), segments);
        for (int i = 0; i < 9; i++) {
            append(log, "x".repeat(30));
        }
        long end = log.view().logEndOffset();
        var files = log.view().segmentCount();
        assertTrue(files >= 3);
        long secondBase = log.view().segment(1).baseOffset();
        store.abandon();
        // All but the first batch of the first segment are gone.
        var first = path.resolve("topic-0").resolve("00000000000000000000.log");
        try (var channel = FileChannel.open(first, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / secondBase);
        }
        var config = LogStoreConfig.builder(List.of(path), 1, "cluster")
                .topicConfig(topic -> segments)
                .compacted(topic -> compacted)
                .build();
        store = LogStore.open(config, new RealDisk(), () -> NOW);
        var found = StoredLogs.log(store, 0).view();
        assertEquals(compacted ? end : 1, found.logEndOffset());
        store.close();
    }

    @Test
    void aFailedWriteTakesOneDirectoryOffline() throws IOException {
        var disk = new SimulatedDisk();
        var allOffline = new AtomicInteger();
        var config = LogStoreConfig.builder(List.of(Path.of("/a"), Path.of("/b")), 1, "cluster")
                .whenAllOffline(allOffline::incrementAndGet)
                .build();
        var store = LogStore.open(config, disk, () -> NOW);
        var inA = store.create(StoredLogs.partition(0), LogConfig.DEFAULTS);
        var inB = store.create(StoredLogs.partition(1), LogConfig.DEFAULTS);
        append(inA, "x");
        append(inB, "x");
        disk.failWhen((operation, path) -> operation.equals("write") && path.startsWith("/a"));
        assertThrows(StorageException.class, () -> append(inA, "y"));
        disk.failWhen((operation, path) -> false);
        assertThrows(StorageException.class, () -> append(inA, "z"));
        assertThrows(StorageException.class, () -> inA.read(0, 100, ReadIsolation.LOG_END, true));
        append(inB, "y");
        assertEquals(2, inB.view().logEndOffset());
        assertSame(
                inB.directory(),
                store.create(StoredLogs.partition(2), LogConfig.DEFAULTS).directory());
        assertEquals(0, allOffline.get());
        disk.failWhen((operation, path) -> operation.equals("force"));
        assertThrows(StorageException.class, () -> inB.flush(NOW));
        assertEquals(1, allOffline.get());
        assertThrows(StorageException.class, () -> store.create(StoredLogs.partition(3), LogConfig.DEFAULTS));
    }

    @Test
    void aUselessDirectoryDoesNotStopTheOthers() throws IOException {
        var file = Files.writeString(directory.resolve("file"), "not a directory");
        var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, file, directory.resolve("good"));
        assertFalse(store.directories().get(0).isOnline());
        append(store.create(StoredLogs.partition(0), LogConfig.DEFAULTS), "x");
        store.close();
        assertThrows(LogDirectoryException.class, () -> StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, file));
    }

    @Test
    void manyPartitionsKeepFewFilesOpen() throws IOException {
        var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory);
        for (int i = 0; i < 300; i++) {
            append(store.create(StoredLogs.partition(i), LogConfig.DEFAULTS), "x");
        }
        assertTrue(store.openFiles() <= 17, "open: " + store.openFiles());
        for (int i = 0; i < 300; i++) {
            var log = StoredLogs.log(store, i);
            append(log, "y");
            assertEquals(2, StoredLogs.batches(log, 0, 1_000).size());
        }
        store.close();
        var again = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, directory);
        for (var log : again.logs()) {
            assertEquals(2, StoredLogs.batches(log, 0, 1_000).size());
        }
        again.close();
    }
}
