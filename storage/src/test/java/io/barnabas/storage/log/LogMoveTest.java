package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.file.SimulatedDisk;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.move.MoveThreads;
import io.barnabas.storage.move.Swaps;
import io.barnabas.storage.segment.Segment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.storage.log.Batches.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** One log that moves, step by step. {@link CrashSimulationTest} lets it meet everything else. */
class LogMoveTest {
    private static final long NOW = 1_000_000;
    private static final LogConfig CONFIG =
            LogConfig.builder().segmentBytes(600).indexIntervalBytes(100).build();
    private static final TopicPartition NAME = new TopicPartition("topic", 0);

    @TempDir
    Path home;

    private final Random random = new Random(1);
    private LogStore store;
    private volatile PartitionLog log;

    @BeforeEach
    void open() throws IOException {
        store = StoredLogs.open(new RealDisk(), CONFIG, home.resolve("a"), home.resolve("b"));
        log = store.create(StoredLogs.partition(0), CONFIG);
    }

    @AfterEach
    void close() {
        store.abandon();
    }

    private void reopen() throws IOException {
        store.close();
        open();
    }

    private LogDirectory directory(String name) {
        return StoredLogs.directory(store, home.resolve(name));
    }

    private String here() {
        return log.directory().path().getFileName().toString();
    }

    private String there() {
        return here().equals("a") ? "b" : "a";
    }

    private void append(ByteBuffer batch, AppendOrigin origin) throws IOException {
        StoredLogs.append(log, batch, 1, origin, NOW);
    }

    private void append(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            append(Batches.random(random, 1 + random.nextInt(3), 50, NOW), AppendOrigin.CLIENT);
        }
    }

    private LogMove begin() throws IOException {
        return store.move(log, directory(there()));
    }

    private static void copyAll(LogMove move) throws Exception {
        while (move.copy(300, NOW) > 0) {}
    }

    private void swap(LogMove move) throws Exception {
        copyAll(move);
        move.prepare(NOW);
        log = move.swap(NOW);
        assertNotNull(log);
        assertTrue(move.isOver());
    }

    private List<ByteBuffer> batches() throws IOException {
        return StoredLogs.batches(log, log.view().logStartOffset(), 1_000);
    }

    private List<String> names(String dir) throws IOException {
        try (var all = Files.list(home.resolve(dir))) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("topic-0"))
                    .toList();
        }
    }

    private String future() throws IOException {
        for (var dir : List.of("a", "b")) {
            for (var name : names(dir)) {
                if (name.endsWith("-future")) {
                    return dir + "/" + name;
                }
            }
        }
        return null;
    }

    @Test
    void theCopyFollowsAndTakesThePlace() throws Exception {
        append(20);
        append(Batches.idempotent(7, (short) 0, 0, record(NOW, "k", "v")), AppendOrigin.CLIENT);
        log.startEpoch(1);
        var move = begin();
        assertTrue(future().matches("b/topic-0\\.[0-9a-f]{32}-future"), future());
        move.copy(700, NOW);
        assertTrue(move.lag() > 0);
        append(Batches.transactional(8, (short) 0, 0, record(NOW, "k", "v")), AppendOrigin.CLIENT);
        append(10);
        append(Batches.marker(8, (short) 0, false, NOW), AppendOrigin.COORDINATOR);
        log.startEpoch(3);
        append(5);
        log.advanceLogStart(12);
        copyAll(move);
        assertEquals(0, move.lag());
        log.startEpoch(4);
        append(1);
        var old = log;
        var before = batches();
        var aborted = log.read(12, 100_000, ReadIsolation.COMMITTED, true).abortedTransactions();
        swap(move);
        assertEquals("b", here());
        assertEquals(List.of("topic-0"), names("b"));
        assertTrue(names("a").get(0).endsWith("-delete"));
        assertEquals(before, batches());
        assertEquals(12, log.view().logStartOffset());
        assertEquals(old.view().highWatermark(), log.view().highWatermark());
        assertEquals(old.view().lastStableOffset(), log.view().lastStableOffset());
        assertEquals(
                aborted, log.read(12, 100_000, ReadIsolation.COMMITTED, true).abortedTransactions());
        for (int epoch = 0; epoch <= 5; epoch++) {
            assertEquals(old.endOffsetForEpoch(epoch), log.endOffsetForEpoch(epoch));
        }
        assertInstanceOf(
                AppendResult.Duplicate.class,
                log.stage(Batches.idempotent(7, (short) 0, 0, record(NOW, "k", "v")), 4, AppendOrigin.CLIENT, NOW));
        // Whoever still has the old log goes on reading.
        assertEquals(before, StoredLogs.batches(old, 12, 1_000));
        append(3);
        var after = batches();
        reopen();
        assertEquals("b", here());
        assertEquals(after, batches());
        assertEquals(1, directory("b").partitions().get());
        assertEquals(0, directory("a").partitions().get());
        store.close();
        try (var kafka = new KafkaLogs();
                var opened = kafka.open(home.resolve("b/topic-0"), Map.of("segment.bytes", "1048576"), true)) {
            assertEquals(after, KafkaLogs.batches(opened, 12));
        }
        open();
    }

    @Test
    void whatIsCutIsCutFromTheCopyToo() throws Exception {
        append(30);
        var move = begin();
        copyAll(move);
        long cut = batches().get(20).getLong(0);
        log.truncateTo(cut, NOW);
        append(4);
        var expected = batches();
        swap(move);
        assertEquals(expected, batches());
    }

    @Test
    void aCutToAnotherLogIsFollowed() throws Exception {
        append(10);
        var move = begin();
        copyAll(move);
        log.truncateFullyAndStartAt(1_000, NOW);
        append(2);
        var expected = batches();
        swap(move);
        assertEquals(1_000, log.view().logStartOffset());
        assertEquals(expected, batches());
    }

    @Test
    void anEmptyLogMoves() throws Exception {
        swap(begin());
        assertEquals("b", here());
        append(2);
        var expected = batches();
        reopen();
        assertEquals(expected, batches());
    }

    @Test
    void aCopyThatLostTheTopicsIdGetsItFromTheLog() throws Exception {
        append(10);
        begin().copy(300, NOW);
        // A power loss takes what was not forced.
        store.abandon();
        Files.delete(home.resolve(future()).resolve("partition.metadata"));
        open();
        swap(store.moveOf(NAME).orElseThrow());
        store.abandon();
        store = StoredLogs.open(new RealDisk(), CONFIG, home.resolve("a"), home.resolve("b"));
        assertEquals(StoredLogs.TOPIC_ID, store.log(NAME).orElseThrow().topicId());
    }

    @Test
    void aLogOfWhichAllIsDeletedMoves() throws Exception {
        append(10);
        log.advanceLogStart(log.view().logEndOffset());
        log.deleteSegmentsUpTo(log.view().logEndOffset(), NOW);
        long end = log.view().logEndOffset();
        swap(begin());
        assertEquals(end, log.view().logEndOffset());
        assertEquals(end, log.view().logStartOffset());
        append(1);
        assertEquals(end, batches().get(0).getLong(0));
    }

    @Test
    void aMoveGoesOnAfterARestart() throws Exception {
        append(40);
        var move = begin();
        move.copy(1_500, NOW);
        long copied = move.copy().view().logEndOffset();
        assertTrue(copied > 0);
        var expected = batches();
        reopen();
        var again = store.moveOf(NAME).orElseThrow();
        assertEquals(copied, again.copy().view().logEndOffset());
        again.copy(1, NOW);
        assertTrue(again.copy().view().logEndOffset() > copied);
        swap(again);
        assertEquals("b", here());
        assertEquals(expected, batches());
    }

    @Test
    void aCopyThatTheLogHasLeftBehindIsMadeAnew() throws Exception {
        append(20);
        var move = begin();
        copyAll(move);
        move.prepare(NOW);
        var future = home.resolve(future());
        store.close();
        // The other disk is away while the log goes on differently.
        var away = home.resolve("away");
        Files.move(future, away);
        open();
        log.truncateTo(10, NOW);
        append(30);
        var expected = batches();
        store.close();
        Files.move(away, future);
        open();
        swap(store.moveOf(NAME).orElseThrow());
        assertEquals(expected, batches());
    }

    @Test
    void aCopyWithoutALogTakesItsPlace() throws Exception {
        append(20);
        var move = begin();
        move.copy(700, NOW);
        long copied = move.copy().view().logEndOffset();
        move.abandon();
        store.close();
        Files.move(home.resolve("a/topic-0"), home.resolve("gone"));
        store = StoredLogs.open(new RealDisk(), CONFIG, home.resolve("a"), home.resolve("b"));
        log = store.log(NAME).orElseThrow();
        assertEquals("b", here());
        assertEquals(copied, log.view().logEndOffset());
        assertNull(future());
        append(2);
        var expected = batches();
        reopen();
        assertEquals(expected, batches());
    }

    @Test
    void aMoveThatIsGivenUpLeavesNothing() throws Exception {
        append(10);
        var move = begin();
        move.copy(300, NOW);
        assertTrue(log.isMoving());
        move.cancel();
        assertFalse(log.isMoving());
        assertNull(future());
        assertTrue(store.moves().isEmpty());
        assertEquals(0, move.copy(300, NOW));
        assertNull(move.swap(NOW));
        assertEquals(0, directory("b").partitions().get());
        swap(begin());
        assertEquals("b", here());
    }

    @Test
    void aDeletedLogTakesItsCopyAlong() throws Exception {
        append(10);
        begin().copy(300, NOW);
        store.delete(NAME);
        assertNull(future());
        assertTrue(store.futureLogs().isEmpty());
        store.close();
        store = StoredLogs.open(new RealDisk(), CONFIG, home.resolve("a"), home.resolve("b"));
        assertTrue(store.log(NAME).isEmpty());
    }

    @Test
    void whatWasCompactedMeanwhileIsCopiedAnew() throws Exception {
        append(20);
        var move = begin();
        copyAll(move);
        move.prepare(NOW);
        reopen();
        // As if its directory had been away during a compaction.
        log.state().cleanedOffset = 5;
        var again = store.moveOf(NAME).orElseThrow();
        assertTrue(again.copy(100, NOW) > 0, "it begins at the start");
        assertTrue(again.copy().view().logEndOffset() < log.view().logEndOffset());
        var expected = batches();
        swap(again);
        assertEquals(expected, batches());
        assertEquals(5, log.cleanedOffset());
    }

    @Test
    void aLogWithABatchThatWasNotWrittenStaysWhereItIs() throws Exception {
        store.abandon();
        var disk = new SimulatedDisk();
        store = StoredLogs.open(disk, CONFIG, home.resolve("a"), home.resolve("b"));
        log = store.create(StoredLogs.partition(0), CONFIG);
        append(Batches.idempotent(7, (short) 0, 0, record(NOW, "k", "v")), AppendOrigin.CLIENT);
        var move = begin();
        copyAll(move);
        move.prepare(NOW);
        var next = Batches.idempotent(7, (short) 0, 1, record(NOW, "k", "v"));
        assertInstanceOf(AppendResult.Appended.class, log.stage(next, 1, AppendOrigin.CLIENT, NOW));
        var failing = log.path();
        disk.failWhen((operation, path) -> operation.equals("write") && path.startsWith(failing));
        assertThrows(StorageException.class, () -> log.writeStaged(NOW));
        assertEquals(0, move.lag());
        // In its place the producer would be told that the batch is there already.
        assertThrows(StorageException.class, () -> move.swap(NOW));
        assertEquals(log, store.log(NAME).orElseThrow());
    }

    @Test
    void recordsHiddenBehindADamagedLengthKeepALogWhereItIs() throws Exception {
        append(20);
        assertTrue(log.view().segmentCount() > 2);
        damageLength(log.view().segment(0), batches().get(0).remaining());
        var move = begin();
        assertThrows(DamagedSourceException.class, () -> copyAll(move));
        assertTrue(move.copy().view().logEndOffset() < log.view().segment(1).baseOffset());
        assertNull(move.swap(NOW));
    }

    @Test
    void recordsHiddenInTheLastSegmentToo() throws Exception {
        append(20);
        reopen();
        long base = log.view().active().baseOffset();
        assertTrue(base < log.view().logEndOffset());
        damageLength(log.view().active(), 0);
        var move = begin();
        assertThrows(DamagedSourceException.class, () -> copyAll(move));
        assertEquals(base, move.copy().view().logEndOffset());
    }

    @Test
    void aStatedLengthSmallerThanAnyBatchToo() throws Exception {
        append(20);
        damage(log.view().segment(0), batches().get(0).remaining(), 5);
        var move = begin();
        assertThrows(DamagedSourceException.class, () -> copyAll(move));
    }

    private static void damageLength(Segment segment, int position) throws IOException {
        damage(segment, position, 1 << 24);
    }

    private static void damage(Segment segment, int position, int length) throws IOException {
        try (var channel = FileChannel.open(segment.log().path(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(4).putInt(0, length), position + 8);
        }
    }

    @Test
    void theCopyOfAMoveThatFailedCanBeGivenUp() throws Exception {
        append(10);
        var move = begin();
        move.copy(300, NOW);
        move.abandon();
        assertNotNull(future());
        store.dropFuture(NAME);
        assertNull(future());
        assertTrue(store.futureLogs().isEmpty());
        assertEquals(0, directory("b").partitions().get());
    }

    @Test
    void theCopyForgetsIdleProducers() throws Exception {
        append(Batches.idempotent(7, (short) 0, 0, record(NOW, "k", "v")), AppendOrigin.CLIENT);
        var move = begin();
        copyAll(move);
        assertEquals(1, move.copy().producerCount());
        move.prepare(NOW + StoredLogs.PRODUCERS.idExpirationMs() + 1);
        assertEquals(0, move.copy().producerCount());
    }

    @Test
    void theSwapIsAskedForAtTheEndOnly() throws Exception {
        append(40);
        assertTrue(log.view().segmentCount() > 4);
        var expected = batches();
        var asked = new AtomicInteger();
        var moved = new CompletableFuture<LogMove>();
        Swaps swaps = (move, answer) -> {
            asked.incrementAndGet();
            StoredLogs.swap(move, answer, next -> log = next, NOW);
        };
        try (var threads = new MoveThreads(store, 1, swaps, moved::complete, () -> NOW)) {
            threads.add(begin());
            moved.get(30, TimeUnit.SECONDS);
        }
        assertEquals("b", here());
        assertEquals(expected, batches());
        assertEquals(1, asked.get());
    }

    @Test
    void theCopyOfACompactedLogIsGoneOnWithBelowWhereItIsCompacted() throws Exception {
        append(40);
        log.state().cleanedOffset = log.view().active().baseOffset();
        var move = begin();
        move.copy(700, NOW);
        move.prepare(NOW);
        long copied = move.copy().view().logEndOffset();
        assertTrue(copied > 0 && copied < log.cleanedOffset());
        for (var each : store.directories()) {
            store.checkpointCleaned(each);
        }
        for (int i = 0; i < 2; i++) {
            reopen();
            var again = store.moveOf(NAME).orElseThrow();
            again.copy(1, NOW);
            assertTrue(again.copy().view().logEndOffset() > copied);
            copied = again.copy().view().logEndOffset();
        }
        var expected = batches();
        swap(store.moveOf(NAME).orElseThrow());
        assertEquals(expected, batches());
    }

    @Test
    void aPartitionIsCreatedWhereItIsWanted() throws Exception {
        for (int i = 1; i < 4; i++) {
            assertTrue(store.prefer(new TopicPartition("topic", i), directory("a")));
            assertEquals(
                    home.resolve("a"),
                    store.create(StoredLogs.partition(i), CONFIG).directory().path());
        }
    }
}
