package io.barnabas.broker.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What may be set on a group (KIP-848, KIP-932, KIP-1071). Stateless, any thread. */
public final class GroupConfigs {

    private GroupConfigs() {}

    /** A group key between the broker keys that bound it; a key that is null bounds nothing. */
    private record Bounds(String key, String least, String most, boolean onlyIfSet) {
        static Bounds of(String kind, String what) {
            return new Bounds(
                    kind + "." + what, "group." + kind + ".min." + what, "group." + kind + ".max." + what, false);
        }

        Bounds onlyWhereSet() {
            return new Bounds(key, least, most, true);
        }
    }

    private static final List<Bounds> BOUNDS = List.of(
            new Bounds(
                    "consumer.heartbeat.interval.ms",
                    "group.consumer.min.heartbeat.interval.ms",
                    "group.consumer.max.heartbeat.interval.ms",
                    false),
            new Bounds(
                    "consumer.session.timeout.ms",
                    "group.consumer.min.session.timeout.ms",
                    "group.consumer.max.session.timeout.ms",
                    false),
            new Bounds(
                    "consumer.assignment.interval.ms",
                    "group.consumer.min.assignment.interval.ms",
                    "group.consumer.max.assignment.interval.ms",
                    true),
            Bounds.of("share", "heartbeat.interval.ms"),
            Bounds.of("share", "session.timeout.ms"),
            Bounds.of("share", "record.lock.duration.ms"),
            new Bounds(
                    "share.delivery.count.limit",
                    "group.share.min.delivery.count.limit",
                    "group.share.max.delivery.count.limit",
                    false),
            new Bounds(
                    "share.partition.max.record.locks",
                    "group.share.min.partition.max.record.locks",
                    "group.share.max.partition.max.record.locks",
                    false),
            Bounds.of("share", "assignment.interval.ms").onlyWhereSet(),
            Bounds.of("streams", "heartbeat.interval.ms"),
            Bounds.of("streams", "session.timeout.ms"),
            new Bounds("streams.num.standby.replicas", null, "group.streams.max.standby.replicas", false),
            Bounds.of("streams", "assignment.interval.ms").onlyWhereSet());

    /** Why a group may not have these configs (INVALID_CONFIG); empty if it may. */
    public static Optional<String> refusal(BrokerConfig broker, Map<String, String> configs) {
        for (var name : new TreeMap<>(configs).keySet()) {
            if (!ConfigTable.GROUP.contains(name)) {
                return Optional.of("Unknown group config name: " + name);
            }
        }
        try {
            for (var definition : ConfigTable.GROUP.all()) {
                value(broker, configs, definition.name());
            }
            BOUNDS.forEach(bounds -> check(broker, configs, bounds));
            for (var kind : List.of("consumer", "share", "streams")) {
                var session = kind + ".session.timeout.ms";
                var heartbeat = kind + ".heartbeat.interval.ms";
                if (number(broker, configs, session) <= number(broker, configs, heartbeat)) {
                    throw new ConfigException(session + " must be greater than " + heartbeat);
                }
            }
            return Optional.empty();
        } catch (ConfigException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static void check(BrokerConfig broker, Map<String, String> configs, Bounds bounds) {
        if (bounds.onlyIfSet && !configs.containsKey(bounds.key)) {
            return;
        }
        long value = number(broker, configs, bounds.key);
        if (bounds.least != null && value < broker.longValue(bounds.least)) {
            throw new ConfigException(bounds.key + " must be greater than or equal to " + bounds.least);
        }
        if (bounds.most != null && value > broker.longValue(bounds.most)) {
            throw new ConfigException(bounds.key + " must be less than or equal to " + bounds.most);
        }
    }

    private static long number(BrokerConfig broker, Map<String, String> configs, String key) {
        return ((Number) value(broker, configs, key)).longValue();
    }

    private static Object value(BrokerConfig broker, Map<String, String> configs, String key) {
        var definition = ConfigTable.GROUP.get(key);
        var own = configs.get(key);
        if (own != null) {
            return definition.parse(own);
        }
        var brokerKey = ConfigSynonyms.ofGroup(key);
        return brokerKey == null ? definition.parse(definition.defaultText()) : broker.value(brokerKey);
    }
}
