package io.barnabas.broker.controlplane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

import io.barnabas.broker.config.ConfigSynonyms;
import io.barnabas.broker.config.ConfigTable;
import io.barnabas.broker.config.EffectiveKeys;
import io.barnabas.broker.config.TopicConfigs;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what administrators change to the log, one INFO line for each resource: partitions added to a topic, and configs of topics,
 * brokers, groups and client metrics with old and new values; and a WARN line where a topic sets what has no effect, an ERROR line where
 * it sets what cannot be used. Told of images on
 * the thread that applies them; the first, which is what was there at the start, is no change.
 */
public final class ChangeLog {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeLog.class);
    private static final List<ResourceType> TYPES =
            List.of(ResourceType.TOPIC, ResourceType.BROKER, ResourceType.GROUP, ResourceType.CLIENT_METRICS);

    /** Writes the lines of one step. */
    public void apply(MetadataImage before, MetadataImage after) {
        if (before != MetadataImage.EMPTY) {
            lines(before, after).forEach(LOG::info);
        }
        warnings(before, after).forEach(LOG::warn);
        errors(before, after).forEach(LOG::error);
    }

    /** The topic configs that came with a step and cannot be used; a controller of this version would have refused them. */
    static List<String> errors(MetadataImage before, MetadataImage after) {
        var lines = new ArrayList<String>();
        if (before.configs() != after.configs()) {
            for (var topic : new TreeSet<>(after.configs().names(ResourceType.TOPIC))) {
                var was = before.configs().of(ResourceType.TOPIC, topic);
                var is = after.configs().of(ResourceType.TOPIC, topic);
                if (was != is) {
                    new TreeMap<>(is).forEach((key, value) -> {
                        if (!value.equals(was.get(key))) {
                            TopicConfigs.flaw(key, value)
                                    .ifPresent(
                                            reason -> lines.add("The configuration " + key + "=" + value + " of topic "
                                                    + topic + " is ignored: " + reason
                                                    + ". In its place: the broker's default"));
                        }
                    });
                }
            }
        }
        return lines;
    }

    /** The topic configs without effect that came with a step; those that were there at the start in one line a value. */
    static List<String> warnings(MetadataImage before, MetadataImage after) {
        var topicsBySetting = new TreeMap<String, List<String>>();
        if (before.configs() != after.configs()) {
            for (var topic : new TreeSet<>(after.configs().names(ResourceType.TOPIC))) {
                var was = before.configs().of(ResourceType.TOPIC, topic);
                var is = after.configs().of(ResourceType.TOPIC, topic);
                if (was != is) {
                    for (var key : EffectiveKeys.idle(is)) {
                        if (!Objects.equals(was.get(key), is.get(key))) {
                            topicsBySetting
                                    .computeIfAbsent(key + "=" + is.get(key), first -> new ArrayList<>())
                                    .add(topic);
                        }
                    }
                }
            }
        }
        var lines = new ArrayList<String>();
        topicsBySetting.forEach((setting, topics) -> lines.add("The configuration " + setting + " of topic "
                + named(topics) + " is accepted but has no effect in this version."));
        return lines;
    }

    private static String named(List<String> topics) {
        return topics.get(0) + (topics.size() == 1 ? "" : " and " + (topics.size() - 1) + " more");
    }

    /** The lines of the step from one image to the next. Configs that a topic is created with or loses as it is deleted are not changes. */
    static List<String> lines(MetadataImage before, MetadataImage after) {
        var lines = new ArrayList<String>();
        if (before.topics() != after.topics()) {
            for (var topic : after.topics().all()) {
                var known = before.topics().byId(topic.id());
                if (known != null
                        && known != topic
                        && known.partitions().size() < topic.partitions().size()) {
                    lines.add("Topic " + topic.name() + " grows from "
                            + known.partitions().size() + " to "
                            + topic.partitions().size() + " partitions");
                }
            }
        }
        if (before.configs() != after.configs()) {
            for (ResourceType type : TYPES) {
                var names = new TreeSet<>(before.configs().names(type));
                names.addAll(after.configs().names(type));
                for (var name : names) {
                    var was = before.configs().of(type, name);
                    var is = after.configs().of(type, name);
                    if (was != is && (type != ResourceType.TOPIC || isInBoth(name, before, after))) {
                        var changes = changes(type, was, is);
                        if (!changes.isEmpty()) {
                            lines.add("Configuration of " + described(type, name) + " altered: "
                                    + String.join(", ", changes));
                        }
                    }
                }
            }
        }
        return lines;
    }

    private static boolean isInBoth(String topic, MetadataImage before, MetadataImage after) {
        var known = before.topics().byName(topic);
        var now = after.topics().byName(topic);
        return known != null && now != null && known.id().equals(now.id());
    }

    private static String described(ResourceType type, String name) {
        return switch (type) {
            case TOPIC -> "topic " + name;
            case BROKER -> name.isEmpty() ? "all brokers" : "broker " + name;
            case GROUP -> "group " + name;
            default -> "client metrics " + name;
        };
    }

    private static List<String> changes(ResourceType type, Map<String, String> was, Map<String, String> is) {
        var changes = new ArrayList<String>();
        var keys = new TreeSet<>(was.keySet());
        keys.addAll(is.keySet());
        for (var key : keys) {
            var old = was.get(key);
            var now = is.get(key);
            if (old == null ? now != null : !old.equals(now)) {
                changes.add(key + " " + shown(type, key, old) + " -> " + shown(type, key, now));
            }
        }
        return changes;
    }

    static String shown(ResourceType type, String key, String value) {
        if (value == null) {
            return "(unset)";
        }
        return isSecret(type, key) ? "[hidden]" : value;
    }

    /** What a broker's key that nobody knows is for cannot be told, so that it may be a secret. */
    private static boolean isSecret(ResourceType type, String key) {
        if (type != ResourceType.BROKER) {
            return false;
        }
        var base = ConfigSynonyms.listenerBase(key);
        return ConfigTable.BROKER
                .find(base == null ? key : base)
                .map(definition -> definition.sensitive())
                .orElseGet(() -> !ConfigTable.BROKER_DYNAMIC_ONLY.contains(key));
    }
}
