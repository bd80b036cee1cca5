package io.barnabas.broker.handler.data;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Connection;
import io.barnabas.broker.handler.RequestContext;
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
import io.barnabas.protocol.message.ProduceRequest.TopicProduceData;
import io.barnabas.protocol.message.ProduceResponse.PartitionProduceResponse;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.LogStoreConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A request whose partitions fare differently is answered, once; threads are run by hand. */
class ProduceCallTest {
    @TempDir
    Path logDir;

    private final ArrayDeque<Runnable> threads = new ArrayDeque<>();
    private LogStore logs;
    private Partitions partitions;

    @BeforeEach
    void open() {
        logs = LogStore.open(
                LogStoreConfig.builder(List.of(logDir), 1, "cluster").build(),
                new RealDisk(),
                System::currentTimeMillis);
        partitions =
                new Partitions(new Workers(1, threads::add, threads::add, logs::newGroupCommit), logs, new Telemetry());
    }

    @AfterEach
    void close() {
        logs.close();
    }

    private Partition lead(int number) {
        partitions.keep(
                new TopicIdPartition(new Uuid(1, 2), "t", number),
                new Leadership(1, 0, true, 1),
                LogConfig.DEFAULTS,
                1);
        runAll();
        return partitions.find(new TopicPartition("t", number));
    }

    private void runAll() {
        while (!threads.isEmpty()) {
            threads.poll().run();
        }
    }

    /** Of one request with these batches for partitions 0, 1, … of one worker. */
    private List<PartitionProduceResponse> produce(ByteBuffer... batches) {
        var connection = new Connection(1, "L", InetAddress.getLoopbackAddress(), Runnable::run);
        var cluster = new Cluster(1, "cluster", () -> CompletableFuture.completedFuture(null), partitions::isOffline);
        var call = new ProduceCall(
                new RequestContext(connection, ApiKey.PRODUCE, (short) 9, 1, "client"), (short) 1, cluster);
        var topic = call.addTopic(new TopicProduceData(), "t");
        var appends = new ArrayList<ProduceAppend>();
        for (int i = 0; i < batches.length; i++) {
            var part = new PartitionProduceResponse().index(i);
            topic.partitionResponses().add(part);
            appends.add(new ProduceAppend(call, lead(i), batches[i], part));
        }
        call.start(appends);
        runAll();
        var answer = call.answer().toCompletableFuture();
        assertTrue(answer.isDone(), "Not answered");
        return answer.join().responses().get(0).partitionResponses();
    }

    /** Offsets cannot be written into it, which is no fault that an append reckons with. */
    private static ByteBuffer broken() {
        return Batches.of("v").asReadOnlyBuffer();
    }

    @Test
    void onePartitionThatBreaksLeavesTheOthersAlone() {
        var parts = produce(broken(), Batches.of("v"), null, Batches.of("v"));
        assertEquals(ErrorCode.UNKNOWN_SERVER_ERROR.code(), parts.get(0).errorCode());
        assertEquals(-1, parts.get(0).baseOffset());
        assertEquals(ErrorCode.NONE.code(), parts.get(1).errorCode());
        assertEquals(0, parts.get(1).baseOffset());
        assertEquals(ErrorCode.UNKNOWN_SERVER_ERROR.code(), parts.get(2).errorCode());
        assertEquals(ErrorCode.NONE.code(), parts.get(3).errorCode());
    }

    @Test
    void theOnlyPartitionThatBreaksIsAnswered() {
        assertEquals(
                ErrorCode.UNKNOWN_SERVER_ERROR.code(), produce(broken()).get(0).errorCode());
    }
}
