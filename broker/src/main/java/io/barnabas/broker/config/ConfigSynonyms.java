package io.barnabas.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import static java.util.Map.entry;

/** Which broker keys mean the same thing, in order of precedence, and which broker keys are the defaults of topic keys. */
public final class ConfigSynonyms {

    private static final List<List<String>> FAMILIES = List.of(
            List.of("log.roll.ms", "log.roll.hours"),
            List.of("log.roll.jitter.ms", "log.roll.jitter.hours"),
            List.of("log.retention.ms", "log.retention.minutes", "log.retention.hours"));

    private static final List<String> FLUSH_MS = List.of("log.flush.interval.ms", "log.flush.scheduler.interval.ms");

    /** Keys that may stand behind a SASL mechanism in a listener's prefix. */
    private static final List<String> PER_MECHANISM = List.of(
            "sasl.jaas.config",
            "sasl.login.callback.handler.class",
            "sasl.login.class",
            "sasl.server.callback.handler.class",
            "connections.max.reauth.ms");

    private static final String LISTENER_PREFIX = "listener.name.";

    private static final Map<String, List<String>> OF_TOPIC = Map.ofEntries(
            entry("segment.bytes", List.of("log.segment.bytes")),
            entry("segment.ms", FAMILIES.get(0)),
            entry("segment.jitter.ms", FAMILIES.get(1)),
            entry("segment.index.bytes", List.of("log.index.size.max.bytes")),
            entry("durability", List.of("durability")),
            entry("flush.messages", List.of("log.flush.interval.messages")),
            entry("flush.ms", FLUSH_MS),
            entry("retention.bytes", List.of("log.retention.bytes")),
            entry("retention.ms", FAMILIES.get(2)),
            entry("max.message.bytes", List.of("message.max.bytes")),
            entry("index.interval.bytes", List.of("log.index.interval.bytes")),
            entry("delete.retention.ms", List.of("log.cleaner.delete.retention.ms")),
            entry("min.compaction.lag.ms", List.of("log.cleaner.min.compaction.lag.ms")),
            entry("max.compaction.lag.ms", List.of("log.cleaner.max.compaction.lag.ms")),
            entry("file.delete.delay.ms", List.of("log.segment.delete.delay.ms")),
            entry("min.cleanable.dirty.ratio", List.of("log.cleaner.min.cleanable.ratio")),
            entry("cleanup.policy", List.of("log.cleanup.policy")),
            entry("unclean.leader.election.enable", List.of("unclean.leader.election.enable")),
            entry("min.insync.replicas", List.of("min.insync.replicas")),
            entry("compression.type", List.of("compression.type")),
            entry("compression.gzip.level", List.of("compression.gzip.level")),
            entry("compression.lz4.level", List.of("compression.lz4.level")),
            entry("compression.zstd.level", List.of("compression.zstd.level")),
            entry("preallocate", List.of("log.preallocate")),
            entry("message.timestamp.type", List.of("log.message.timestamp.type")),
            entry("message.timestamp.before.max.ms", List.of("log.message.timestamp.before.max.ms")),
            entry("message.timestamp.after.max.ms", List.of("log.message.timestamp.after.max.ms")),
            entry("local.retention.ms", List.of("log.local.retention.ms")),
            entry("local.retention.bytes", List.of("log.local.retention.bytes")));

    private static final Map<String, String> OF_GROUP = Map.ofEntries(
            entry("consumer.session.timeout.ms", "group.consumer.session.timeout.ms"),
            entry("consumer.heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms"),
            entry("consumer.assignment.interval.ms", "group.consumer.assignment.interval.ms"),
            entry("share.session.timeout.ms", "group.share.session.timeout.ms"),
            entry("share.heartbeat.interval.ms", "group.share.heartbeat.interval.ms"),
            entry("share.record.lock.duration.ms", "group.share.record.lock.duration.ms"),
            entry("share.delivery.count.limit", "group.share.delivery.count.limit"),
            entry("share.partition.max.record.locks", "group.share.partition.max.record.locks"),
            entry("share.assignment.interval.ms", "group.share.assignment.interval.ms"),
            entry("streams.session.timeout.ms", "group.streams.session.timeout.ms"),
            entry("streams.heartbeat.interval.ms", "group.streams.heartbeat.interval.ms"),
            entry("streams.num.standby.replicas", "group.streams.num.standby.replicas"),
            entry("streams.initial.rebalance.delay.ms", "group.streams.initial.rebalance.delay.ms"),
            entry("streams.assignment.interval.ms", "group.streams.assignment.interval.ms"));

    private ConfigSynonyms() {}

    /** The broker keys that set the same thing as this one, strongest first, itself included. */
    public static List<String> ofBroker(String name) {
        for (var family : FAMILIES) {
            if (family.contains(name)) {
                return family;
            }
        }
        if (name.equals("log.flush.interval.ms")) {
            return FLUSH_MS;
        }
        var base = listenerBase(name);
        return base == null ? List.of(name) : List.of(name, base);
    }

    /** The broker keys that, set in one layer, take away what layers below it set under this name; itself included where it has any. */
    static List<String> replacing(String name) {
        for (var family : FAMILIES) {
            if (family.contains(name)) {
                return family;
            }
        }
        return name.equals(FLUSH_MS.get(1)) ? FLUSH_MS : List.of();
    }

    /** The key behind {@code listener.name.<listener>.[<mechanism>.]}; null if there is no such prefix. */
    public static String listenerBase(String name) {
        if (!name.startsWith(LISTENER_PREFIX)) {
            return null;
        }
        var dot = name.indexOf('.', LISTENER_PREFIX.length());
        if (dot < 0) {
            return null;
        }
        var base = name.substring(dot + 1);
        for (var key : PER_MECHANISM) {
            if (base.endsWith(key)) {
                return key;
            }
        }
        return base;
    }

    /** The broker keys behind a topic key, strongest first; empty if the topic key has none. */
    public static List<String> ofTopic(String topicKey) {
        return OF_TOPIC.getOrDefault(topicKey, List.of());
    }

    /** The topic keys that a broker key is a default of; empty if it is none. */
    static List<String> topicKeys(String brokerKey) {
        return OF_TOPIC.entrySet().stream()
                .filter(family -> family.getValue().contains(brokerKey))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The broker key behind a group key; null if it has none. */
    public static String ofGroup(String groupKey) {
        return OF_GROUP.get(groupKey);
    }

    /** The value of a broker key in the unit of the topic key it is a default for. */
    static String toTopicUnit(String brokerKey, String value) {
        if (value == null) {
            return null;
        }
        if (brokerKey.endsWith(".hours")) {
            return scaled(value, TimeUnit.HOURS);
        }
        if (brokerKey.equals("log.retention.ms")) {
            return scaled(value, TimeUnit.MILLISECONDS);
        }
        return brokerKey.endsWith(".minutes") ? scaled(value, TimeUnit.MINUTES) : value;
    }

    /** Any negative time means none. */
    private static String scaled(String value, TimeUnit unit) {
        var amount = Long.parseLong(value.trim());
        return Long.toString(amount < 0 ? -1 : unit.toMillis(amount));
    }

    /** Topic key → its broker keys, for the tests that compare them with Kafka's. */
    static Map<String, List<String>> topicFamilies() {
        var copy = new TreeMap<String, List<String>>();
        OF_TOPIC.forEach((key, names) -> copy.put(key, new ArrayList<>(names)));
        return copy;
    }
}
