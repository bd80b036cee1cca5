package io.barnabas.broker.shard;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToIntFunction;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.controlplane.NodeConfig;
import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.group.ConsumerGroupConfig;
import io.barnabas.broker.coordinator.group.GroupConfig;
import io.barnabas.broker.coordinator.group.GroupShard;
import io.barnabas.broker.coordinator.group.LoggedRecords;
import io.barnabas.broker.coordinator.group.assignor.Assignor;
import io.barnabas.broker.coordinator.group.assignor.Assignors;
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
    private final ConsumerGroupConfig consumerConfig;
    private final GroupMetadata metadata;
    private final int configuredPartitions;
    private final Cluster cluster;
    private final ShardHost<GroupShard> host;
    private final GroupTotals totals;
    private final Timelines timelines;

    private GroupCoordinator(
            GroupConfig config,
            ConsumerGroupConfig consumerConfig,
            GroupMetadata metadata,
            int configuredPartitions,
            Cluster cluster,
            ShardHost<GroupShard> host,
            GroupTotals totals,
            Timelines timelines) {
        this.config = config;
        this.consumerConfig = consumerConfig;
        this.metadata = metadata;
        this.configuredPartitions = configuredPartitions;
        this.cluster = cluster;
        this.host = host;
        this.totals = totals;
        this.timelines = timelines;
    }

    /**
     * To be called before the first partition is online: shards follow this broker's leaderships.
     *
     * @param readers runs the reads that rebuild a shard
     */
    public static GroupCoordinator start(
            NodeConfig nodeConfig, Cluster cluster, Partitions partitions, Executor readers, Timer timer) {
        var config = nodeConfig.at(MetadataImage.EMPTY);
        var groupConfig = configOf(config);
        var metadata = new GroupMetadata(nodeConfig);
        var consumerConfig = consumerConfigOf(config, metadata);
        var patterns = new Re2Patterns();
        var totals = new GroupTotals();
        var timelines = new Timelines();
        int configuredPartitions = config.intValue("offsets.topic.num.partitions");
        var observer = new Observer(totals, timelines, groupId -> partitionOf(groupId, cluster, configuredPartitions));
        var host = new ShardHost<>(
                TOPIC,
                () -> new GroupShard(groupConfig, consumerConfig, metadata::topics, patterns, () -> UUID.randomUUID()
                        .toString()),
                LoggedRecords::read,
                partitions,
                readers,
                timer,
                () -> new Moment(System.currentTimeMillis(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime())),
                observer);
        partitions.listen(host);
        return new GroupCoordinator(
                groupConfig, consumerConfig, metadata, configuredPartitions, cluster, host, totals, timelines);
    }

    /** Keeps what outlives a shard. */
    private record Observer(GroupTotals totals, Timelines timelines, ToIntFunction<String> partitionOf)
            implements ShardHost.Listener<GroupShard> {
        @Override
        public void noticed(Notice notice, Moment now) {
            timelines.hear(notice, now);
        }

        @Override
        public void opened(int partition, GroupShard shard) {
            totals.add(shard.counts());
        }

        @Override
        public void closed(int partition, GroupShard shard, Moment now) {
            totals.retire(shard.counts());
            timelines.interrupt(groupId -> partitionOf.applyAsInt(groupId) == partition, now);
        }
    }

    private static ConsumerGroupConfig consumerConfigOf(BrokerConfig config, GroupMetadata metadata) {
        Map<String, Assignor> assignors;
        try {
            assignors = Assignors.named(config.list("group.consumer.assignors"));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(e.getMessage());
        }
        var policy =
                config.text("group.consumer.migration.policy").orElseThrow().toUpperCase(Locale.ROOT);
        return new ConsumerGroupConfig(
                config.intValue("group.consumer.max.size"),
                assignors,
                ConsumerGroupConfig.Migration.valueOf(policy),
                config.intValue("group.consumer.regex.refresh.interval.ms"),
                metadata::pace);
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

    public ConsumerGroupConfig consumerConfig() {
        return consumerConfig;
    }

    /** Whether the cluster lets consumer groups be: {@code group.version} and {@code group.coordinator.rebalance.protocols}. */
    public boolean servesConsumerGroups() {
        return metadata.servesConsumerGroups();
    }

    /** The partition that holds a group, whether or not the topic exists yet. */
    public int partitionOf(String groupId) {
        return partitionOf(groupId, cluster, configuredPartitions);
    }

    private static int partitionOf(String groupId, Cluster cluster, int configuredPartitions) {
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

    /** What the groups of this broker add up to. */
    public GroupTotals totals() {
        return totals;
    }

    /** How the groups of this broker have rebalanced. */
    public Timelines timelines() {
        return timelines;
    }

    /** How many partitions' shards are being loaded. */
    public int loadingPartitions() {
        return host.loads().underWay();
    }

    /** How many partitions' shards are ready. */
    public int activePartitions() {
        return host.active();
    }

    /** How many partitions this broker leads without being able to read them. */
    public int failedPartitions() {
        return host.failed();
    }

    /** The longest load of a partition in the last minute; NaN if there was none. */
    public double longestLoadMs() {
        return host.loads().longestMs();
    }

    /** The mean load of a partition in the last minute; NaN if there was none. */
    public double meanLoadMs() {
        return host.loads().meanMs();
    }

    /** Partitions whose groups this broker coordinates, in order. */
    public List<Integer> partitions() {
        return host.partitions();
    }

    /** {@link ShardHost#read} for one partition's shard. */
    public <R> CompletableFuture<R> read(int partition, Function<GroupShard, R> query, Function<ErrorCode, R> failure) {
        return host.read(partition, query, failure);
    }

    /** Follows the metadata: offsets in deleted topics are removed, consumer groups notice changed topics. */
    public void apply(MetadataImage before, MetadataImage after) {
        metadata.apply(before, after);
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
