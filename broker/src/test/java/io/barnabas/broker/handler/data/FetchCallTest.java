package io.barnabas.broker.handler.data;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Connection;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.handler.data.FetchCall.FetchLimits;
import io.barnabas.broker.partition.Leadership;
import io.barnabas.broker.partition.Partition;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.partition.Workers;
import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.broker.testing.Batches;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.FetchRequest.FetchPartition;
import io.barnabas.protocol.message.FetchResponse;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.LogStoreConfig;
import io.barnabas.storage.log.ReadIsolation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A fetch that meets a fault is answered, whenever that is; threads and the timer are run by hand. */
class FetchCallTest {
    @TempDir
    Path logDir;

    private final ArrayDeque<Runnable> threads = new ArrayDeque<>();
    private final ArrayDeque<Runnable> alarms = new ArrayDeque<>();
    private boolean broken;
    private LogStore logs;
    private Partitions partitions;
    private Partition partition;

    @BeforeEach
    void open() {
        logs = LogStore.open(
                LogStoreConfig.builder(List.of(logDir), 1, "cluster").build(),
                new RealDisk(),
                System::currentTimeMillis);
        partitions =
                new Partitions(new Workers(1, threads::add, threads::add, logs::newGroupCommit), logs, new Telemetry());
        partitions.keep(
                new TopicIdPartition(new Uuid(1, 2), "t", 0), new Leadership(1, 0, true, 1), LogConfig.DEFAULTS, 1);
        runAll();
        partition = partitions.find(new TopicPartition("t", 0));
    }

    @AfterEach
    void close() {
        logs.close();
    }

    /** As an event loop does: what a task throws ends that task only. */
    private void runAll() {
        while (!threads.isEmpty()) {
            try {
                threads.poll().run();
            } catch (IllegalStateException e) {
                assertTrue(broken, e::toString);
            }
        }
    }

    /** The partition from its start on, unless {@link #broken}. */
    private final class Targets extends AbstractList<FetchTarget> {
        private final FetchTarget target = new FetchTarget(new FetchTarget.Key(Uuid.ZERO, "t", 0), "t")
                .asked(new FetchPartition().partitionMaxBytes(1_000));

        @Override
        public FetchTarget get(int index) {
            if (broken) {
                throw new IllegalStateException("on purpose");
            }
            return target;
        }

        @Override
        public int size() {
            return 1;
        }
    }

    private CompletableFuture<FetchResponse> fetch(ReadIsolation isolation) {
        var cluster = new Cluster(1, "cluster", () -> CompletableFuture.completedFuture(null), partitions::isOffline);
        var connection = new Connection(1, "L", InetAddress.getLoopbackAddress(), threads::add);
        var sessions = new FetchSessions(10);
        var call = new FetchCall(
                new RequestContext(connection, ApiKey.FETCH, (short) 11, 1, "client"),
                new FetchScope(new Targets(), null, 0, false, false, ErrorCode.NONE),
                new FetchLimits(500, 1, 1_000, isolation, false),
                new FetchReader(partitions, cluster),
                new ColdReads(threads::add),
                sessions,
                cluster);
        call.start((delayMs, task) -> {
            alarms.add(task);
            return () -> alarms.remove(task);
        });
        runAll();
        return call.answer().toCompletableFuture();
    }

    private void append() {
        partition
                .worker()
                .execute(() -> partition.append(
                        Batches.of("v"), AppendOrigin.CLIENT, true, System.currentTimeMillis(), error -> {}));
        runAll();
    }

    @Test
    void aLookThatBreaksIsAnswered() {
        var answer = fetch(ReadIsolation.HIGH_WATERMARK);
        assertFalse(answer.isDone());
        broken = true;
        append();
        assertTrue(answer.isCompletedExceptionally());
        assertTrue(alarms.isEmpty());
    }

    @Test
    void aDeadlineThatBreaksIsAnswered() {
        var answer = fetch(ReadIsolation.HIGH_WATERMARK);
        assertFalse(answer.isDone());
        broken = true;
        alarms.poll().run();
        runAll();
        assertTrue(answer.isCompletedExceptionally());
    }

    /** The isolation that is none stands for a fault in reading. */
    @Test
    void onePartitionThatCannotBeReadIsToldSo() {
        var answer = fetch(null);
        assertTrue(answer.isDone());
        var told = answer.join().responses().get(0).partitions().get(0);
        assertEquals(ErrorCode.UNKNOWN_SERVER_ERROR.code(), told.errorCode());
    }
}
