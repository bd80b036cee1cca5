package io.barnabas.broker.handler.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

import io.barnabas.broker.config.ConfigDefinition;
import io.barnabas.broker.config.ConfigTable;
import io.barnabas.broker.config.ConfigType;
import io.barnabas.broker.config.DynamicConfigs;
import io.barnabas.broker.config.EffectiveKeys;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.controlplane.NodeConfig;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the broker that got a request checks before the controller is asked: the shape of the request, and everything about brokers,
 * whose configs the controller takes as they come. Log levels are changed here and nowhere else. Any thread.
 */
final class ConfigChanges {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigChanges.class);

    private final NodeConfig config;
    private final Cluster cluster;

    ConfigChanges(NodeConfig config, Cluster cluster) {
        this.config = config;
        this.cluster = cluster;
    }

    /**
     * The outcome of each change that is settled already, in the order of the changes; null where the controller has to decide.
     *
     * @param validateOnly change no log level
     */
    List<Outcome> settle(List<ConfigChange> changes, boolean validateOnly) {
        var seen = new HashMap<List<Object>, Integer>();
        changes.forEach(change -> seen.merge(List.of(change.resourceType(), change.resourceName()), 1, Integer::sum));
        var outcomes = new ArrayList<Outcome>();
        for (var change : changes) {
            boolean twice = seen.get(List.of(change.resourceType(), change.resourceName())) > 1;
            outcomes.add(
                    twice
                            ? Outcome.invalidRequest("Each resource must appear at most once.")
                            : settle(change, validateOnly));
        }
        return outcomes;
    }

    private Outcome settle(ConfigChange change, boolean validateOnly) {
        var names = new HashSet<String>();
        var withoutValue = new ArrayList<String>();
        for (var item : change.items()) {
            if (!names.add(item.name())) {
                return Outcome.invalidRequest("Error due to duplicate config keys");
            }
            if (item.value() == null && item.operation() != ConfigChange.DELETE) {
                withoutValue.add(item.name());
            }
        }
        if (!withoutValue.isEmpty()) {
            return Outcome.invalidRequest("Null value not supported for : " + String.join(", ", withoutValue));
        }
        var type = ResourceType.of(change.resourceType());
        if (type == null || type == ResourceType.BROKER_LOGGER && change.replacesAll()) {
            return Outcome.invalidRequest("Unknown resource type " + change.resourceType());
        }
        return switch (type) {
            case BROKER_LOGGER -> LogLevelChange.apply(change, cluster.brokerId(), validateOnly);
            case BROKER -> refusalOfBroker(change, validateOnly);
            default -> null;
        };
    }

    private Outcome refusalOfBroker(ConfigChange change, boolean validateOnly) {
        boolean ofOneBroker = !change.resourceName().isEmpty();
        if (ofOneBroker) {
            try {
                if (Integer.parseInt(change.resourceName()) != cluster.brokerId()) {
                    return Outcome.invalidRequest("Unexpected broker id, expected " + cluster.brokerId()
                            + ", but received " + change.resourceName());
                }
            } catch (NumberFormatException e) {
                return Outcome.invalidRequest("Node id must be an integer, but it is: " + change.resourceName());
            }
        }
        var image = cluster.image();
        var proposed = new HashMap<String, String>();
        if (!change.replacesAll()) {
            proposed.putAll(
                    DynamicConfigs.usable(image.configs().of(ResourceType.BROKER, change.resourceName()), ofOneBroker));
        }
        for (var item : change.items()) {
            var refusal = apply(proposed, item);
            if (refusal != null) {
                return refusal;
            }
        }
        var refusal = DynamicConfigs.refusal(config.at(image), proposed, ofOneBroker);
        if (refusal.isPresent()) {
            return Outcome.invalidRequest(refusal.get());
        }
        if (!validateOnly) {
            warnOfIdleKeys(change);
        }
        return null;
    }

    private static Outcome apply(Map<String, String> values, ConfigChange.Item item) {
        switch (item.operation()) {
            case ConfigChange.SET -> values.put(item.name(), item.value());
            case ConfigChange.DELETE -> values.remove(item.name());
            case ConfigChange.APPEND, ConfigChange.SUBTRACT -> {
                var key = ConfigTable.BROKER.find(item.name()).orElse(null);
                if (key == null) {
                    return Outcome.invalidConfig("Unknown config name: " + item.name());
                }
                boolean append = item.operation() == ConfigChange.APPEND;
                if (key.type() != ConfigType.LIST) {
                    return Outcome.invalidConfig("Config value " + (append ? "append" : "subtract")
                            + " is not allowed for config key: " + item.name());
                }
                values.put(item.name(), merged(values.get(item.name()), key, item.value(), append));
            }
            default -> {
                return Outcome.invalidRequest("Unknown operations type " + item.operation());
            }
        }
        return null;
    }

    private static String merged(String now, ConfigDefinition key, String change, boolean append) {
        var from = now == null ? key.defaultText() : now;
        var items = new ArrayList<String>();
        if (from != null && !from.isEmpty()) {
            items.addAll(Arrays.asList(from.split(",")));
        }
        for (var item : change.split(",")) {
            if (!append) {
                items.remove(item);
            } else if (!items.contains(item)) {
                items.add(item);
            }
        }
        return String.join(",", items);
    }

    private static void warnOfIdleKeys(ConfigChange change) {
        for (var item : change.items()) {
            if (item.operation() != ConfigChange.DELETE && !EffectiveKeys.isEffective(item.name())) {
                LOG.warn("The configuration {} was set at run time but has no effect in this version.", item.name());
            }
        }
    }
}
