package io.barnabas.broker.groupview;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.controlplane.NodeConfig;
import io.barnabas.broker.coordinator.group.Caller;
import io.barnabas.broker.partition.Leadership;
import io.barnabas.broker.partition.Partition;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.partition.Workers;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponse;
import io.barnabas.protocol.message.OffsetCommitRequest;
import io.barnabas.protocol.message.OffsetCommitResponse;
import io.barnabas.storage.file.RealDisk;
import io.barnabas.storage.log.AppendOrigin;
import io.barnabas.storage.log.AppendResult;
import io.barnabas.storage.log.LogConfig;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.LogStoreConfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A group coordinator on real logs, without a network; each partition of its topic has a worker of its own. */
final class GroupWorld implements AutoCloseable {
    static final int OFFSETS_PARTITIONS = 8;

    private static final Uuid OFFSETS_ID = new Uuid(1, 1);
    private static final Uuid TOPIC_ID = new Uuid(2, 2);
    private static final Caller CALLER = new Caller((short) 1, "client", "/127.0.0.1");

    private final CountDownLatch release = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final LogStore logs;
    private final Workers workers;
    private int reign;

    final Partitions partitions;
    final GroupCoordinator groups;

    GroupWorld(Path logDir) throws Exception {
        logs = LogStore.open(
                LogStoreConfig.builder(List.of(logDir), 1, "cluster").build(),
                new RealDisk(),
                System::currentTimeMillis);
        workers = new Workers(OFFSETS_PARTITIONS, threads, threads, logs::newGroupCommit);
        partitions = new Partitions(workers, logs, new Telemetry());
        var config = BrokerConfig.of(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.quorum.voters", "1@localhost:0",
                "controller.listener.names", "CONTROLLER",
                "listeners", "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0",
                "log.dirs", logDir.toString(),
                "group.initial.rebalance.delay.ms", "0",
                "offsets.topic.num.partitions", Integer.toString(OFFSETS_PARTITIONS)));
        groups = GroupCoordinator.start(
                new NodeConfig(config),
                new Cluster(1, "cluster", workers::settled, partition -> false),
                partitions,
                threads,
                (delayMs, task) -> () -> true);
        lead(true);
    }

    /** Orders all shards to be loaded, or to be gone, and waits until that is so. */
    void lead(boolean here) throws Exception {
        reign++;
        for (int i = 0; i < OFFSETS_PARTITIONS; i++) {
            partitions.keep(
                    new TopicIdPartition(OFFSETS_ID, GroupCoordinator.TOPIC, i),
                    new Leadership(here ? 1 : 2, reign, here, 1),
                    LogConfig.DEFAULTS,
                    1);
        }
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        do {
            settle();
            assertTrue(System.nanoTime() < deadlineNanos, "the shards do not get ready");
        } while (groups.activePartitions() != (here ? OFFSETS_PARTITIONS : 0));
    }

    void settle() throws Exception {
        workers.settled().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** The one partition of a topic "t". */
    Partition topic(LogConfig config) throws Exception {
        partitions.keep(new TopicIdPartition(TOPIC_ID, "t", 0), new Leadership(1, 0, true, 1), config, 1);
        settle();
        return partitions.find(new TopicPartition("t", 0));
    }

    void append(Partition partition, ByteBuffer batch) throws Exception {
        var appended = new CompletableFuture<AppendResult>();
        partition
                .worker()
                .execute(() -> appended.complete(
                        partition.append(batch, AppendOrigin.CLIENT, true, System.currentTimeMillis(), error -> {})));
        appended.get(20, TimeUnit.SECONDS);
        settle();
    }

    void commit(String group, long offset) throws Exception {
        var topic = new OffsetCommitRequest.OffsetCommitRequestTopic().name("t").topicId(TOPIC_ID);
        topic.partitions().add(new OffsetCommitRequest.OffsetCommitRequestPartition().committedOffset(offset));
        var request = new OffsetCommitRequest().groupId(group).generationIdOrMemberEpoch(-1);
        request.topics().add(topic);
        var answer = groups.<OffsetCommitResponse>ask(
                        group,
                        (shard, now, pending) -> shard.commitOffsets(now, CALLER, request, pending),
                        error -> new OffsetCommitResponse())
                .get(20, TimeUnit.SECONDS);
        assertEquals(0, answer.topics().get(0).partitions().get(0).errorCode());
    }

    /** A member of a consumer group that subscribes to nothing that is there. */
    void join(String group) throws Exception {
        var request = new ConsumerGroupHeartbeatRequest()
                .groupId(group)
                .memberId("a")
                .rebalanceTimeoutMs(30_000)
                .subscribedTopicNames(List.of("none"))
                .topicPartitions(List.of());
        var answer = groups.<ConsumerGroupHeartbeatResponse>ask(
                        group,
                        (shard, now, pending) -> shard.heartbeat(now, CALLER, request, pending),
                        error -> new ConsumerGroupHeartbeatResponse().errorCode(error.code()))
                .get(20, TimeUnit.SECONDS);
        assertEquals(0, answer.errorCode());
    }

    /** The worker of a shard hears of nothing from now on, until {@link #release}. */
    void block(int partition) throws Exception {
        var reached = new CountDownLatch(1);
        groups.read(
                partition,
                shard -> {
                    reached.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return null;
                },
                error -> null);
        assertTrue(reached.await(20, TimeUnit.SECONDS), "the shard's worker is busy");
    }

    /** All workers go on. */
    void release() throws Exception {
        release.countDown();
        settle();
    }

    @Override
    public void close() throws Exception {
        release();
        logs.close();
        threads.shutdown();
    }
}
