package io.barnabas.broker.shard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Decision;
import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Shard;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.broker.coordinator.group.LoggedRecords;
import io.barnabas.broker.partition.Leadership;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.testing.CapturedLog;
import io.barnabas.broker.testing.Damage;
import io.barnabas.broker.testing.HandRunPartitions;
import io.barnabas.broker.time.Timer;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.coordinator.OffsetCommitKey;
import io.barnabas.protocol.coordinator.OffsetCommitValue;
import io.barnabas.protocol.message.HeartbeatResponse;
import io.barnabas.protocol.record.RecordBatchBuilder;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.LogConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A shard that counts, on a real log; threads are run by hand. */
class ShardHostTest {
    private static final TopicPartition NAME = new TopicPartition("counts", 0);
    private static final Uuid TOPIC_ID = new Uuid(1, 2);

    @TempDir
    Path logDir;

    private final AtomicLong steadyMs = new AtomicLong();
    private final List<Alarm> alarms = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private HandRunPartitions world;
    /** The call of the clock that fails, counted down; 0 for none. */
    private int breakingIn;

    private Partitions partitions;
    private ArrayDeque<Runnable> threads;
    private ShardHost<Counter> host;

    private record Alarm(long dueMs, Runnable task) {}

    /** Sums what it is told; each addition is a record. */
    private static final class Counter implements Shard {
        private final TreeMap<String, Long> sums = new TreeMap<>();
        private long deadlineMs = Deadlines.NEVER;
        private int ticks;

        @Override
        public void evolve(CoordinatorRecord record, long producerId) {
            var key = (OffsetCommitKey) record.key();
            sums.put(key.group(), ((OffsetCommitValue) record.value()).offset());
        }

        @Override
        public void endTransaction(long producerId, boolean committed) {}

        @Override
        public Decision loaded(Moment now) {
            return Decision.NOTHING;
        }

        @Override
        public Decision tick(Moment now) {
            ticks++;
            deadlineMs = Deadlines.NEVER;
            return Decision.NOTHING;
        }

        @Override
        public long nextDeadlineMs() {
            return deadlineMs;
        }

        Decision add(String name, long value, Moment now, Pending pending) {
            var turn = new Turn(now);
            long sum = sums.getOrDefault(name, 0L) + value;
            var record = CoordinatorRecord.of(
                    new OffsetCommitKey().group(name).topic("t"), new OffsetCommitValue().offset(sum), 4);
            turn.record(record);
            evolve(record, -1);
            turn.reply(pending, new HeartbeatResponse().throttleTimeMs((int) sum));
            return turn.decision();
        }
    }

    @BeforeEach
    void open() {
        world = new HandRunPartitions(logDir);
        partitions = world.partitions();
        threads = world.threads();
        host = new ShardHost<>(
                "counts",
                Counter::new,
                LoggedRecords::read,
                partitions,
                threads::add,
                new HandTimer(),
                this::now,
                new Heard());
        partitions.listen(host);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private Moment now() {
        if (breakingIn > 0 && --breakingIn == 0) {
            throw new IllegalStateException("on purpose");
        }
        return new Moment(1_000 + steadyMs.get(), steadyMs.get());
    }

    private final class Heard implements ShardHost.Listener<Counter> {
        @Override
        public void noticed(Notice notice, Moment now) {}

        @Override
        public void opened(int partition, Counter shard) {
            heard.add("opened " + partition);
        }

        @Override
        public void closed(int partition, Counter shard, Moment now) {
            heard.add("closed " + partition);
        }
    }

    private final class HandTimer implements Timer {
        @Override
        public Deadline schedule(long delayMs, Runnable task) {
            var alarm = new Alarm(steadyMs.get() + delayMs, task);
            alarms.add(alarm);
            return () -> alarms.remove(alarm);
        }
    }

    private void runAll() {
        world.runAll();
    }

    private void lead(int epoch) {
        keep(new Leadership(1, epoch, true, 1), 1);
        runAll();
    }

    private void keep(Leadership leadership, int minInsync) {
        partitions.keep(new TopicIdPartition(TOPIC_ID, "counts", 0), leadership, LogConfig.DEFAULTS, minInsync);
    }

    private CompletableFuture<HeartbeatResponse> add(String name, long value) {
        return host.ask(
                0, (shard, now, pending) -> shard.add(name, value, now, pending), error -> new HeartbeatResponse()
                        .errorCode(error.code()));
    }

    private static ErrorCode error(CompletableFuture<HeartbeatResponse> answer) {
        assertTrue(answer.isDone(), "Not answered");
        return ErrorCode.of(answer.join().errorCode());
    }

    private long sum(String name) {
        var answer = host.read(0, shard -> shard.sums.getOrDefault(name, 0L), error -> -1L);
        runAll();
        return answer.join();
    }

    @Test
    void whoDoesNotLeadIsNotTheCoordinator() {
        var answer = add("a", 1);
        runAll();
        assertEquals(ErrorCode.NOT_COORDINATOR, error(answer));
    }

    @Test
    void whileTheLogIsReadTheCoordinatorLoads() {
        keep(new Leadership(1, 0, true, 1), 1);
        threads.poll().run();
        var answer = add("a", 1);
        while (!answer.isDone()) {
            threads.pollLast().run();
        }
        assertEquals(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, error(answer));
    }

    /** A log of several chunks: between any two of them the coordinator answers, but nothing of what it does not know yet. */
    @Test
    void aLongLogIsLoadedChunkByChunk() {
        lead(0);
        String large = "x".repeat(30_000);
        for (int i = 0; i < 100; i++) {
            add(large + i, i);
        }
        runAll();
        assertEquals(List.of("opened 0"), heard);
        keep(new Leadership(2, 1, false, 1), 1);
        keep(new Leadership(1, 2, true, 1), 1);
        int refusals = 0;
        boolean seenLoading = false;
        var answer = add(large + 99, 1);
        while (!threads.isEmpty()) {
            threads.poll().run();
            if (answer.isDone() && error(answer) == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) {
                refusals++;
                seenLoading |= host.loads().underWay() == 1 && host.active() == 0;
                answer = add(large + 99, 1);
            }
        }
        assertTrue(seenLoading && refusals > 3, "refused " + refusals + " times");
        assertEquals(100, answer.join().throttleTimeMs(), "what the log held and one more");
        assertEquals(List.of("opened 0", "closed 0", "opened 0"), heard);
        assertEquals(0, host.loads().underWay());
        assertEquals(1, host.active());
        assertEquals(0, host.failed());
    }

    @Test
    void answersComeWhenTheirRecordsAreCommittedAllOfOneTurnInOneBatch() {
        lead(0);
        var first = add("a", 1);
        var second = add("a", 2);
        threads.poll().run();
        assertFalse(first.isDone());
        runAll();
        assertEquals(1, first.join().throttleTimeMs());
        assertEquals(3, second.join().throttleTimeMs());
        var log = partitions.find(NAME).log();
        assertEquals(2, log.view().highWatermark());
        assertEquals(3, sum("a"));
    }

    @Test
    void readsWaitForWhatTheySaw() {
        lead(0);
        add("a", 1);
        var read = host.read(0, shard -> shard.sums.get("a"), error -> -1L);
        threads.poll().run();
        assertFalse(read.isDone());
        runAll();
        assertEquals(1, read.join());
    }

    @Test
    void theNextReignBeginsWithWhatTheLogHolds() {
        lead(0);
        add("a", 5);
        add("b", 7);
        runAll();
        keep(new Leadership(2, 1, false, 1), 1);
        runAll();
        var refused = add("a", 1);
        runAll();
        assertEquals(ErrorCode.NOT_COORDINATOR, error(refused));
        lead(2);
        assertEquals(5, sum("a"));
        assertEquals(7, sum("b"));
    }

    @Test
    void whatWaitsWhenLeadershipIsLostFails() {
        lead(0);
        var waiting = host.<HeartbeatResponse>ask(
                0, (shard, now, pending) -> Decision.NOTHING, error -> new HeartbeatResponse().errorCode(error.code()));
        runAll();
        assertFalse(waiting.isDone());
        keep(new Leadership(2, 1, false, 1), 1);
        runAll();
        assertEquals(ErrorCode.NOT_COORDINATOR, error(waiting));
    }

    @Test
    void whatCannotBeRecordedIsForgotten() {
        lead(0);
        add("a", 1);
        runAll();
        keep(new Leadership(1, 0, true, 1), 2);
        runAll();
        var refused = add("a", 10);
        runAll();
        assertEquals(ErrorCode.COORDINATOR_NOT_AVAILABLE, error(refused));
        assertEquals(1, sum("a"));
        keep(new Leadership(1, 0, true, 1), 1);
        runAll();
        var taken = add("a", 10);
        runAll();
        assertEquals(11, taken.join().throttleTimeMs());
    }

    /** The directory's reserve has told of it; members try again all the time. */
    @Test
    void onAFullDiskItIsRebuiltWithoutALineEachTime() {
        lead(0);
        add("a", 1);
        runAll();
        alarms.remove(0).task().run();
        var reserve = partitions.find(NAME).log().directory().reserve();
        try (var log = CapturedLog.of("io.barnabas.broker.shard")) {
            reserve.check(Long.MAX_VALUE);
            for (int i = 0; i < 3; i++) {
                var refused = add("a", 10);
                runAll();
                assertEquals(ErrorCode.COORDINATOR_NOT_AVAILABLE, error(refused));
                assertEquals(1, sum("a"));
                assertTrue(alarms.isEmpty());
            }
            assertEquals(List.of(), log.lines());
        }
        reserve.check(0);
        var taken = add("a", 10);
        runAll();
        assertEquals(11, taken.join().throttleTimeMs());
    }

    @Test
    void anEventThatBreaksTheShardMakesItForgetWhatTheLogDoesNotHold() {
        lead(0);
        add("a", 1);
        runAll();
        var waiting = host.<HeartbeatResponse>ask(
                0, (shard, now, pending) -> Decision.NOTHING, error -> new HeartbeatResponse().errorCode(error.code()));
        var broken = host.<HeartbeatResponse>ask(
                0,
                (shard, now, pending) -> {
                    shard.sums.put("a", 999L);
                    throw new IllegalStateException("on purpose");
                },
                error -> new HeartbeatResponse().errorCode(error.code()));
        runAll();
        assertEquals(ErrorCode.UNKNOWN_SERVER_ERROR, error(broken));
        assertEquals(ErrorCode.NOT_COORDINATOR, error(waiting));
        assertEquals(1, sum("a"));
    }

    @Test
    void anErrorIsAnsweredToo() {
        lead(0);
        var broken = host.<HeartbeatResponse>ask(
                0,
                (shard, now, pending) -> {
                    throw new StackOverflowError("on purpose");
                },
                error -> new HeartbeatResponse().errorCode(error.code()));
        var unreadable = host.<Long>read(
                0,
                shard -> {
                    throw new StackOverflowError("on purpose");
                },
                error -> -1L);
        runAll();
        assertEquals(ErrorCode.UNKNOWN_SERVER_ERROR, error(broken));
        assertTrue(unreadable.isDone());
        assertEquals(1, host.active());
    }

    @Test
    void whoeverWaitsForRecordsThatCannotBeAppendedIsTold() {
        lead(0);
        add("a", 1);
        runAll();
        // The first is that of the event.
        breakingIn = 2;
        var waiting = add("a", 10);
        runAll();
        assertEquals(ErrorCode.UNKNOWN_SERVER_ERROR, error(waiting));
        assertEquals(1, sum("a"));
    }

    @Test
    void theShardIsWokenAtItsDeadline() {
        lead(0);
        // The line that says which shards are ready.
        alarms.remove(0).task().run();
        var answer = host.<HeartbeatResponse>ask(
                0,
                (shard, now, pending) -> {
                    shard.deadlineMs = now.steadyMs() + 500;
                    return Decision.NOTHING;
                },
                error -> new HeartbeatResponse());
        runAll();
        assertFalse(answer.isDone());
        assertEquals(500, alarms.get(0).dueMs());
        steadyMs.set(500);
        alarms.remove(0).task().run();
        runAll();
        var ticks = host.read(0, shard -> shard.ticks, error -> -1);
        runAll();
        assertEquals(1, ticks.join());
        assertTrue(alarms.isEmpty());
    }

    @Test
    void aLogThatCannotBeUnderstoodIsCountedAsFailed() {
        lead(0);
        var broken = new RecordBatchBuilder()
                .append(1, null, ByteBuffer.wrap(new byte[] {1}), List.of())
                .build();
        var partition = partitions.find(NAME);
        partition.worker().execute(() -> partition.append(broken, AppendOrigin.COORDINATOR, true, 1, error -> {}));
        runAll();
        lead(1);
        assertEquals(1, host.failed());
        assertEquals(0, host.active());
        assertEquals(0, host.loads().underWay());
        var refused = add("a", 1);
        runAll();
        assertEquals(ErrorCode.NOT_COORDINATOR, error(refused));
        keep(new Leadership(2, 2, false, 1), 1);
        runAll();
        assertEquals(0, host.failed());
    }

    @Test
    void aDamagedSegmentIsCountedAsFailed() throws IOException {
        aDamagedLogIsCountedAsFailed(LogConfig.builder().segmentBytes(160).build(), 3);
    }

    @Test
    void aDamagedBatchIsCountedAsFailed() throws IOException {
        aDamagedLogIsCountedAsFailed(LogConfig.DEFAULTS, 1);
    }

    /** The first batch states to be smaller than any is. */
    private void aDamagedLogIsCountedAsFailed(LogConfig config, int segments) throws IOException {
        var id = new TopicIdPartition(TOPIC_ID, "counts", 0);
        partitions.keep(id, new Leadership(1, 0, true, 1), config, 1);
        runAll();
        for (int i = 0; i < 3; i++) {
            add("a", 1);
            runAll();
        }
        assertEquals(segments, partitions.find(NAME).log().view().segmentCount());
        Damage.ofBatchLength(logDir, NAME, 0, 5);
        partitions.keep(id, new Leadership(1, 1, true, 1), config, 1);
        runAll();
        assertEquals(1, host.failed());
        assertEquals(0, host.loads().underWay());
        var refused = add("a", 1);
        runAll();
        assertEquals(ErrorCode.NOT_COORDINATOR, error(refused));
    }

    @Test
    void manyRecordsAreSpreadOverBatchesThatFit() {
        lead(0);
        String large = "x".repeat(30_000);
        for (int i = 0; i < 100; i++) {
            add(large + i, 1);
        }
        var last = add("last", 1);
        runAll();
        assertEquals(1, last.join().throttleTimeMs());
        assertEquals(101, partitions.find(NAME).log().view().highWatermark());
    }
}
