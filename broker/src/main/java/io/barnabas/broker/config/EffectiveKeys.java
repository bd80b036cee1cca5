package io.barnabas.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The keys that change what Barnabas does today. Whoever makes another key work adds it here. */
public final class EffectiveKeys {

    public static final Set<String> BROKER = Set.of(
            "admin.listeners",
            "advertised.listeners",
            "auto.create.topics.enable",
            "broker.heartbeat.interval.ms",
            "broker.id",
            "broker.rack",
            "broker.session.timeout.ms",
            "compression.gzip.level",
            "compression.lz4.level",
            "compression.type",
            "compression.zstd.level",
            "connections.max.idle.ms",
            "controller.listener.names",
            "controller.quorum.bootstrap.servers",
            "controller.quorum.voters",
            "cordoned.log.dirs",
            "default.replication.factor",
            "delete.topic.enable",
            "durability",
            "fetch.max.bytes",
            "group.consumer.assignment.interval.ms",
            "group.consumer.assignors",
            "group.consumer.heartbeat.interval.ms",
            "group.consumer.max.assignment.interval.ms",
            "group.consumer.max.heartbeat.interval.ms",
            "group.consumer.max.session.timeout.ms",
            "group.consumer.max.size",
            "group.consumer.migration.policy",
            "group.consumer.min.assignment.interval.ms",
            "group.consumer.min.heartbeat.interval.ms",
            "group.consumer.min.session.timeout.ms",
            "group.consumer.regex.refresh.interval.ms",
            "group.consumer.session.timeout.ms",
            "group.coordinator.rebalance.protocols",
            "group.initial.rebalance.delay.ms",
            "group.lag.max.series",
            "group.max.session.timeout.ms",
            "group.max.size",
            "group.min.session.timeout.ms",
            "inter.broker.listener.name",
            "listener.security.protocol.map",
            "listeners",
            "log.cleaner.backoff.ms",
            "log.cleaner.dedupe.buffer.size",
            "log.cleaner.delete.retention.ms",
            "log.cleaner.enable",
            "log.cleaner.io.buffer.load.factor",
            "log.cleaner.io.buffer.size",
            "log.cleaner.io.max.bytes.per.second",
            "log.cleaner.max.compaction.lag.ms",
            "log.cleaner.min.cleanable.ratio",
            "log.cleaner.min.compaction.lag.ms",
            "log.cleaner.threads",
            "log.cleanup.policy",
            "log.dir",
            "log.dir.min.free.bytes",
            "log.dirs",
            "log.flush.interval.messages",
            "log.flush.interval.ms",
            "log.flush.offset.checkpoint.interval.ms",
            "log.flush.scheduler.interval.ms",
            "log.flush.start.offset.checkpoint.interval.ms",
            "log.index.interval.bytes",
            "log.index.size.max.bytes",
            "log.initial.task.delay.ms",
            "log.message.timestamp.after.max.ms",
            "log.message.timestamp.before.max.ms",
            "log.message.timestamp.type",
            "log.retention.bytes",
            "log.retention.check.interval.ms",
            "log.retention.hours",
            "log.retention.minutes",
            "log.retention.ms",
            "log.roll.hours",
            "log.roll.jitter.hours",
            "log.roll.jitter.ms",
            "log.roll.ms",
            "log.segment.bytes",
            "log.segment.delete.delay.ms",
            "max.connections",
            "max.incremental.fetch.session.cache.slots",
            "max.request.partition.size.limit",
            "message.max.bytes",
            "metadata.log.dir",
            "metadata.log.max.record.bytes.between.snapshots",
            "metadata.log.max.snapshot.interval.ms",
            "min.insync.replicas",
            "node.id",
            "num.partitions",
            "num.recovery.threads.per.data.dir",
            "num.replica.alter.log.dirs.threads",
            "offset.metadata.max.bytes",
            "offsets.retention.check.interval.ms",
            "offsets.retention.minutes",
            "offsets.topic.num.partitions",
            "offsets.topic.replication.factor",
            "offsets.topic.segment.bytes",
            "process.roles",
            "producer.id.expiration.check.interval.ms",
            "producer.id.expiration.ms",
            "security.inter.broker.protocol",
            "socket.listen.backlog.size",
            "socket.request.max.bytes",
            "transaction.partition.verification.enable",
            "unclean.leader.election.enable");

    /** Those that can be set at run time only. */
    public static final Set<String> RUN_TIME_ONLY = Set.of("replica.alter.log.dirs.io.max.bytes.per.second");

    /** The topic keys that do; {@code remote.storage.enable} in that it is refused. */
    public static final Set<String> TOPIC = Set.of(
            "cleanup.policy",
            "compression.gzip.level",
            "compression.lz4.level",
            "compression.type",
            "compression.zstd.level",
            "delete.retention.ms",
            "durability",
            "file.delete.delay.ms",
            "flush.messages",
            "flush.ms",
            "index.interval.bytes",
            "internal.segment.bytes",
            "max.compaction.lag.ms",
            "max.message.bytes",
            "message.timestamp.after.max.ms",
            "message.timestamp.before.max.ms",
            "message.timestamp.type",
            "min.cleanable.dirty.ratio",
            "min.compaction.lag.ms",
            "min.insync.replicas",
            "remote.storage.enable",
            "retention.bytes",
            "retention.ms",
            "segment.bytes",
            "segment.index.bytes",
            "segment.jitter.ms",
            "segment.ms",
            "unclean.leader.election.enable");

    /** Kafka changes these while it runs; here they are read once, at the start. */
    private static final Set<String> READ_AT_START = Set.of(
            "listener.security.protocol.map",
            "listeners",
            "num.recovery.threads.per.data.dir",
            "producer.id.expiration.ms",
            "transaction.partition.verification.enable");

    private EffectiveKeys() {}

    /** Whether setting this key of brokers at run time does anything. */
    public static boolean isEffective(String name) {
        return BROKER.contains(name) || RUN_TIME_ONLY.contains(name);
    }

    /** Which of the configs that a topic sets change nothing, though they are not what they are by default. In alphabetical order. */
    public static List<String> idle(Map<String, String> topicConfigs) {
        var idle = new ArrayList<String>();
        for (var entry : new TreeMap<>(topicConfigs).entrySet()) {
            var name = entry.getKey();
            if (!TOPIC.contains(name)
                    && ConfigTable.TOPIC
                            .find(name)
                            .filter(key -> key.differsFromDefault(entry.getValue()))
                            .isPresent()) {
                idle.add(name);
            }
        }
        return idle;
    }

    /** Whether a key that may change at run time in Kafka takes effect here only when it stands in the file at the start. */
    public static boolean needsRestart(String name) {
        return READ_AT_START.contains(name);
    }
}
