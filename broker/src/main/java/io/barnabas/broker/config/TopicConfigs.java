package io.barnabas.broker.config;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Topic keys: their values under a broker's defaults, and what may be set (CreateTopics, AlterConfigs). Stateless, any
 * thread.
 */
public final class TopicConfigs {

    private TopicConfigs() {}

    /**
     * The parsed value of one topic key.
     *
     * @param overrides what the topic itself sets
     * @return Boolean, String, Integer, Long, Double or List of String; null where Kafka has no value
     */
    public static Object value(String name, BrokerConfig broker, Map<String, String> overrides) {
        var definition = ConfigTable.TOPIC.get(name);
        var own = overrides.get(name);
        return definition.parse(own == null ? inherited(name, broker) : own);
    }

    /**
     * All topic keys that Kafka lists, canonical text by name; null where there is no value. Whatever stands in the metadata gives an
     * answer: an own value of the topic that cannot be used counts as unset, a default of the broker that cannot as Kafka's.
     */
    public static Map<String, String> resolved(BrokerConfig broker, Map<String, String> overrides) {
        var values = new TreeMap<String, String>();
        for (var definition : ConfigTable.TOPIC.all()) {
            if (!definition.internal() || overrides.containsKey(definition.name())) {
                values.put(definition.name(), ConfigType.render(usable(definition, broker, overrides)));
            }
        }
        return values;
    }

    /** Why a topic that sets this cannot be given it: a foreign or older controller wrote it. Empty for unknown keys, which mean nothing. */
    public static Optional<String> flaw(String name, String text) {
        var definition = ConfigTable.TOPIC.find(name);
        try {
            definition.ifPresent(known -> known.parse(text));
            return Optional.empty();
        } catch (ConfigException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static Object usable(ConfigDefinition definition, BrokerConfig broker, Map<String, String> overrides) {
        var own = overrides.get(definition.name());
        if (own != null && flaw(definition.name(), own).isEmpty()) {
            return definition.parse(own);
        }
        var inherited = inherited(definition.name(), broker);
        return definition.parse(flaw(definition.name(), inherited).isEmpty() ? inherited : definition.defaultText());
    }

    /**
     * What the controller asks before it writes a topic's configs: the sentence of the refusal (INVALID_CONFIG), or empty.
     *
     * @param existing the configs the topic has now; empty for a new one
     * @param overrides all configs it would have then; null values are refused
     */
    public static Optional<String> refusal(
            BrokerConfig broker, Map<String, String> existing, Map<String, String> overrides) {
        var withoutValue = new TreeMap<>(overrides);
        withoutValue.values().removeIf(value -> value != null);
        if (!withoutValue.isEmpty()) {
            return Optional.of(
                    "Null value not supported for topic configs: " + String.join(",", withoutValue.keySet()));
        }
        for (var name : new TreeMap<>(overrides).keySet()) {
            if (!ConfigTable.TOPIC.contains(name)) {
                return Optional.of("Unknown topic config name: " + name);
            }
        }
        try {
            for (var name : overrides.keySet()) {
                value(name, broker, overrides);
            }
            checkTogether(broker, existing, overrides);
            return Optional.empty();
        } catch (ConfigException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static void checkTogether(
            BrokerConfig broker, Map<String, String> existing, Map<String, String> overrides) {
        var leastMs = (Long) value("min.compaction.lag.ms", broker, overrides);
        var mostMs = (Long) value("max.compaction.lag.ms", broker, overrides);
        if (leastMs > mostMs) {
            throw new ConfigException("conflict topic config setting min.compaction.lag.ms (" + leastMs
                    + ") > max.compaction.lag.ms (" + mostMs + ")");
        }
        if ((Boolean) value("remote.storage.enable", broker, overrides)) {
            throw new ConfigException("Tiered Storage functionality is disabled in the broker. "
                    + "Topic cannot be configured with remote log storage.");
        }
        if (Boolean.parseBoolean(existing.getOrDefault("remote.storage.enable", "false"))) {
            throw new ConfigException("It is invalid to disable remote storage without deleting remote data.");
        }
    }

    /** The strongest set broker key of the family, each layer by itself as Kafka does, or the default of the topic key. */
    static String inherited(String name, BrokerConfig broker) {
        var definition = ConfigTable.TOPIC.get(name);
        var family = ConfigSynonyms.ofTopic(name);
        for (var brokerKey : family) {
            var text = broker.layers().text(brokerKey);
            if (text != null) {
                return ConfigSynonyms.toTopicUnit(brokerKey, text);
            }
        }
        if (family.isEmpty()) {
            return definition.defaultText();
        }
        for (var brokerKey : family) {
            var text = ConfigTable.BROKER.get(brokerKey).defaultText();
            if (text != null) {
                return ConfigSynonyms.toTopicUnit(brokerKey, text);
            }
        }
        return definition.defaultText();
    }
}
