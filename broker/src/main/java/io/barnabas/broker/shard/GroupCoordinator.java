package io.barnabas.broker.shard;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.group.GroupConfig;
import io.barnabas.broker.coordinator.group.GroupRecords;
import io.barnabas.broker.coordinator.group.GroupShard;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.time.Timer;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.wire.Message;

/**
 * This broker's part of the group coordinator: which partition of {@code __consumer_offsets} a group belongs to, and the shards of
 * those this broker leads. Any thread.
 */
public final class GroupCoordinator {
    public static final String TOPIC = "__consumer_offsets";

    private final GroupConfig config;
    private final int configuredPartitions;
    private final Cluster cluster;
    private final ShardHost<GroupShard> host;

    private GroupCoordinator(
            GroupConfig config, int configuredPartitions, Cluster cluster, ShardHost<GroupShard> host) {
        this.config = config;
        this.configuredPartitions = configuredPartitions;
        this.cluster = cluster;
        this.host = host;
    }

    /**
     * To be called before the first partition is online: shards follow this broker's leaderships.
     *
     * @param readers runs the reads that rebuild a shard
     */
    public static GroupCoordinator start(
            BrokerConfig config, Cluster cluster, Partitions partitions, Executor readers, Timer timer) {
        var groupConfig = configOf(config);
        var host = new ShardHost<>(
                TOPIC,
                () -> new GroupShard(groupConfig, () -> UUID.randomUUID().toString()),
                GroupRecords::read,
                partitions,
                readers,
                timer,
                () -> new Moment(System.currentTimeMillis(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime())));
        partitions.listen(host);
        return new GroupCoordinator(groupConfig, config.intValue("offsets.topic.num.partitions"), cluster, host);
    }

    private static GroupConfig configOf(BrokerConfig config) {
        return new GroupConfig(
                config.intValue("group.min.session.timeout.ms"),
                config.intValue("group.max.session.timeout.ms"),
                config.intValue("group.initial.rebalance.delay.ms"),
                config.intValue("group.max.size"),
                config.intValue("offset.metadata.max.bytes"),
                TimeUnit.MINUTES.toMillis(config.intValue("offsets.retention.minutes")),
                config.longValue("offsets.retention.check.interval.ms"),
                config.messageMaxBytes() - RecordBatch.HEADER_SIZE_BYTES);
    }

    public GroupConfig config() {
        return config;
    }

    /** The partition that holds a group, whether or not the topic exists yet. */
    public int partitionOf(String groupId) {
        var topic = cluster.image().topics().byName(TOPIC);
        int count = topic == null ? configuredPartitions : topic.partitions().size();
        int hash = groupId.hashCode();
        return (hash == Integer.MIN_VALUE ? 0 : Math.abs(hash)) % count;
    }

    /** {@link ShardHost#ask} for the shard of a group. */
    public <R extends Message> CompletableFuture<R> ask(
            String groupId, ShardHost.Event<GroupShard> event, Function<ErrorCode, R> failure) {
        return host.ask(partitionOf(groupId), event, failure);
    }

    /** {@link ShardHost#ask} for one partition's shard. */
    public <R extends Message> CompletableFuture<R> ask(
            int partition, ShardHost.Event<GroupShard> event, Function<ErrorCode, R> failure) {
        return host.ask(partition, event, failure);
    }

    /** {@link ShardHost#read} for the shard of a group. */
    public <R> CompletableFuture<R> read(
            String groupId, Function<GroupShard, R> query, Function<ErrorCode, R> failure) {
        return host.read(partitionOf(groupId), query, failure);
    }

    /** {@link ShardHost#readAll}. */
    public <R> List<CompletableFuture<R>> readAll(Function<GroupShard, R> query, Function<ErrorCode, R> failure) {
        return host.readAll(query, failure);
    }

    /** Follows the metadata: offsets in deleted topics are removed. */
    public void apply(MetadataImage before, MetadataImage after) {
        if (before.topics() == after.topics()) {
            return;
        }
        for (var topic : before.topics().all()) {
            if (after.topics().byId(topic.id()) == null) {
                host.tellAll((shard, now, pending) -> shard.topicDeleted(now, topic.name(), topic.id()));
            }
        }
    }
}
