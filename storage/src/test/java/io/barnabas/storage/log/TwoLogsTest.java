package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.LogDirectoryException;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.file.SimulatedDisk;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Two logs of one partition in two directories: what a crash in a move leaves, or an operator. */
class TwoLogsTest {
    private static final long NOW = 1_000_000;

    @TempDir
    Path directory;

    private Path a;
    private Path b;

    @BeforeEach
    void nameDirectories() {
        a = directory.resolve("a");
        b = directory.resolve("b");
    }

    private static void oneLog(Disk disk, Path dir, int partition, List<String> values) throws IOException {
        try (var store = StoredLogs.open(disk, LogConfig.DEFAULTS, dir)) {
            append(store.create(StoredLogs.partition(partition), LogConfig.DEFAULTS), values);
        }
    }

    private static void append(PartitionLog log, List<String> values) throws IOException {
        for (var value : values) {
            log.append(Batches.of(record(NOW, "k", value)), 1, AppendOrigin.CLIENT, NOW);
        }
    }

    /** Two logs of one partition, of batches with these values. */
    private void twoLogs(List<String> inA, List<String> inB) throws IOException {
        var disk = new RealDisk();
        oneLog(disk, a, 0, inA);
        oneLog(disk, b, 0, inB);
    }

    private LogStore openBoth() {
        return StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, a, b);
    }

    /** What a crash leaves between the two renames of a move; Apache Kafka refuses to start on it. */
    @Test
    void ofTwoLogsTheOneThatHoldsTheOtherStays() throws IOException {
        twoLogs(List.of("x", "y"), List.of("x", "y", "z"));
        try (var store = openBoth()) {
            var log = StoredLogs.log(store, 0);
            assertEquals(b, log.directory().path());
            assertEquals(3, log.view().logEndOffset());
            assertEquals(1, StoredLogs.directoriesEndingWith("-delete", a));
            assertEquals(0, store.directories().get(0).partitions().get());
        }
        try (var store = openBoth()) {
            assertEquals(3, StoredLogs.log(store, 0).view().logEndOffset());
        }
    }

    @Test
    void ofTwoEmptyLogsOneStays() throws IOException {
        twoLogs(List.of(), List.of());
        try (var store = openBoth()) {
            assertTrue(store.log(new TopicPartition("topic", 0)).isPresent());
        }
    }

    @Test
    void twoLogsOfOnePartitionThatDisagreeAreRefused() throws IOException {
        twoLogs(List.of("x", "y"), List.of("x", "z", "z"));
        var refused = assertThrows(LogDirectoryException.class, this::openBoth);
        assertTrue(refused.getMessage().contains("topic-0"), refused.getMessage());
        assertEquals(0, StoredLogs.directoriesEndingWith("-delete", a));
        assertEquals(0, StoredLogs.directoriesEndingWith("-delete", b));
    }

    private LogStore openBothRecordedIn(Path dir) {
        var config = StoredLogs.builder(LogConfig.DEFAULTS, a, b)
                .recordedIn((partition, recorded) -> recorded.path().equals(dir))
                .build();
        return LogStore.open(config, new RealDisk(), () -> NOW);
    }

    @Test
    void aLongerLogThanTheOneTheMetadataKnowsIsPutAside() throws IOException {
        twoLogs(List.of("x", "y"), List.of("x", "y", "z"));
        try (var store = openBothRecordedIn(a)) {
            var log = StoredLogs.log(store, 0);
            assertEquals(a, log.directory().path());
        }
        assertEquals(1, StoredLogs.directoriesEndingWith("-stray", b));
        assertEquals(0, StoredLogs.directoriesEndingWith("-delete", b));
    }

    @Test
    void ofLogsOfTwoTopicsThatOneStaysWhichTheMetadataKnows() throws IOException {
        twoLogs(List.of("x", "y"), List.of());
        var other = new TopicIdPartition(new Uuid(3, 4), "topic", 0);
        try (var store = StoredLogs.open(new RealDisk(), LogConfig.DEFAULTS, b)) {
            append(store.create(other, LogConfig.DEFAULTS), List.of("z"));
        }
        assertThrows(LogDirectoryException.class, this::openBoth);
        try (var store = openBothRecordedIn(b)) {
            assertEquals(other.topicId(), StoredLogs.log(store, 0).topicId());
        }
        assertEquals(1, StoredLogs.directoriesEndingWith("-stray", a));
    }

    @Test
    void aDirectoryThatFailsWhileTwoLogsAreComparedKeepsNobodyFromStarting() throws IOException {
        var disk = new SimulatedDisk();
        oneLog(disk, a, 0, List.of("x"));
        oneLog(disk, b, 0, List.of("x"));
        disk.failWhen((operation, path) -> operation.equals("rename") && path.startsWith(b.resolve("topic-0")));
        try (var store = StoredLogs.open(disk, LogConfig.DEFAULTS, a, b)) {
            var log = StoredLogs.log(store, 0);
            assertEquals(a, log.directory().path());
            assertTrue(log.directory().isOnline());
            assertEquals(1, store.offline().size());
        }
    }

    @Test
    void ofTwoLogsBothStayWhileTheDirectoryThatTheMetadataKnowsHasFailed() throws IOException {
        var disk = new SimulatedDisk();
        oneLog(disk, a, 0, List.of("x"));
        oneLog(disk, b, 0, List.of("x"));
        // The log in there is loaded, then another one fails.
        oneLog(disk, b, 1, List.of("x"));
        var config = StoredLogs.builder(LogConfig.DEFAULTS, a, b)
                .recordedIn((partition, recorded) -> recorded.path().equals(b))
                .recoveryThreadsPerDir(1)
                .build();
        disk.failWhen((operation, path) -> path.startsWith(b.resolve("topic-1")));
        try (var store = LogStore.open(config, disk, () -> NOW)) {
            var log = StoredLogs.log(store, 0);
            assertEquals(b, log.directory().path());
            assertFalse(log.directory().isOnline());
        }
        disk.failWhen((operation, path) -> false);
        assertTrue(disk.list(a).contains("topic-0"), disk.list(a).toString());
        assertTrue(disk.list(b).contains("topic-0"), disk.list(b).toString());
        try (var store = LogStore.open(config, disk, () -> NOW)) {
            var log = StoredLogs.log(store, 0);
            assertEquals(b, log.directory().path());
            assertEquals(1, log.view().logEndOffset());
            assertEquals(List.of(), store.offline());
        }
    }

    /** A topic was deleted and created again, elsewhere; a power loss brought the deleted log back. */
    @Test
    void ofLogsOfTwoTopicsThatOfTheRecordedIdStays() throws IOException {
        var disk = new RealDisk();
        oneLog(disk, a, 0, List.of("x", "y"));
        var next = new TopicIdPartition(new Uuid(3, 4), "topic", 0);
        try (var store = StoredLogs.open(disk, LogConfig.DEFAULTS, b)) {
            append(store.create(next, LogConfig.DEFAULTS), List.of("z"));
        }
        assertThrows(LogDirectoryException.class, this::openBoth);
        var config = StoredLogs.builder(LogConfig.DEFAULTS, a, b)
                .recordedTopicId(partition -> next.topicId())
                .build();
        try (var store = LogStore.open(config, disk, () -> NOW)) {
            assertEquals(next.topicId(), StoredLogs.log(store, 0).topicId());
            assertEquals(1, StoredLogs.directoriesEndingWith("-stray", a));
        }
    }

    /** Which one stays is known; the other is put aside when there is space for another name. */
    @Test
    void aFullDiskKeepsNobodyFromStarting() throws IOException {
        var disk = new SimulatedDisk();
        oneLog(disk, a, 0, List.of("x", "y", "z"));
        oneLog(disk, b, 0, List.of("x"));
        var config = StoredLogs.builder(LogConfig.DEFAULTS, a, b)
                .recordedIn((partition, recorded) -> recorded.path().equals(b))
                .build();
        disk.usableBytes(0);
        disk.failWhen((operation, path) -> operation.equals("rename") && path.endsWith("topic-0"));
        try (var store = LogStore.open(config, disk, () -> NOW)) {
            assertEquals(b, StoredLogs.log(store, 0).directory().path());
            assertEquals(List.of(), store.offline());
        }
        disk.failWhen((operation, path) -> false);
        try (var store = LogStore.open(config, disk, () -> NOW)) {
            assertEquals(1, StoredLogs.log(store, 0).view().logEndOffset());
            assertTrue(
                    disk.list(a).stream().anyMatch(name -> name.endsWith("-stray")),
                    disk.list(a).toString());
        }
    }
}
