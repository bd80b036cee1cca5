package io.barnabas.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import io.barnabas.broker.config.DescribedConfig.Synonym;

/** What DescribeConfigs says of each kind of resource (KIP-226, KIP-524). Stateless over one {@link BrokerConfig}. */
public final class ConfigDescription {

    private final BrokerConfig config;

    public ConfigDescription(BrokerConfig config) {
        this.config = config;
    }

    /** This node's broker configs: every listed key, and every other key that is set. */
    public List<DescribedConfig> broker() {
        var layers = config.layers();
        var names = new TreeSet<>(layers.all().keySet());
        for (var definition : ConfigTable.BROKER.all()) {
            if (!definition.internal()) {
                names.add(definition.name());
            }
        }
        return names.stream().map(name -> brokerEntry(name, true)).toList();
    }

    /** The dynamic defaults of all brokers: only what is set. */
    public List<DescribedConfig> brokerDefaults() {
        return new TreeSet<>(config.layers().ofCluster().keySet())
                .stream().map(name -> brokerEntry(name, false)).toList();
    }

    public List<DescribedConfig> topic(Map<String, String> overrides) {
        var entries = new ArrayList<DescribedConfig>();
        TopicConfigs.resolved(config, overrides).forEach((name, value) -> {
            var definition = ConfigTable.TOPIC.get(name);
            var family = ConfigSynonyms.ofTopic(name);
            var synonyms = new ArrayList<Synonym>();
            if (overrides.containsKey(name)) {
                synonyms.add(new Synonym(name, value, ConfigSource.TOPIC));
            }
            if (!family.isEmpty()) {
                synonyms.addAll(synonyms(family.get(0), false));
            }
            entries.add(entry(definition, value, synonyms, false));
        });
        return entries;
    }

    public List<DescribedConfig> group(Map<String, String> overrides) {
        var entries = new ArrayList<DescribedConfig>();
        for (var definition : ConfigTable.GROUP.all()) {
            var name = definition.name();
            var brokerKey = ConfigSynonyms.ofGroup(name);
            var own = overrides.get(name);
            var synonyms = new ArrayList<Synonym>();
            var inherited = brokerKey == null ? definition.defaultText() : ConfigType.render(config.value(brokerKey));
            var value = ConfigType.render(definition.parse(own == null ? inherited : own));
            if (own != null) {
                synonyms.add(new Synonym(name, value, ConfigSource.GROUP));
            }
            if (brokerKey != null) {
                synonyms.addAll(synonyms(brokerKey, false));
            } else {
                synonyms.add(new Synonym(name, definition.defaultText(), ConfigSource.DEFAULT));
            }
            entries.add(entry(definition, value, synonyms, false));
        }
        return entries;
    }

    public List<DescribedConfig> clientMetrics(Map<String, String> overrides) {
        var entries = new ArrayList<DescribedConfig>();
        for (var definition : ConfigTable.CLIENT_METRICS.all()) {
            var own = overrides.get(definition.name());
            var value = ConfigType.render(definition.parse(own == null ? definition.defaultText() : own));
            var synonyms = own == null
                    ? List.<Synonym>of()
                    : List.of(new Synonym(definition.name(), value, ConfigSource.CLIENT_METRICS));
            entries.add(entry(definition, value, synonyms, false));
        }
        return entries;
    }

    private DescribedConfig brokerEntry(String name, boolean ofThisBroker) {
        var definition = definition(name);
        // A key nobody knows might be a secret of a plugin: its value is not shown.
        var sensitive = definition == null || definition.sensitive();
        var synonyms = new ArrayList<>(synonyms(name, sensitive));
        if (!ofThisBroker) {
            synonyms.removeIf(synonym -> synonym.source() != ConfigSource.DYNAMIC_DEFAULT_BROKER);
        }
        String value = null;
        if (!sensitive) {
            var text = ofThisBroker
                    ? config.layers().text(name)
                    : config.layers().ofCluster().get(name);
            value = text == null && ofThisBroker
                    ? ConfigType.render(definition.parse(definition.defaultText()))
                    : ofThisBroker && ConfigTable.BROKER.contains(name)
                            ? ConfigType.render(definition.parse(text))
                            : text;
        }
        var listed = ConfigTable.BROKER
                .find(name)
                .or(() -> ConfigTable.BROKER_DYNAMIC_ONLY.find(name))
                .map(ConfigDefinition::dynamic)
                .orElse(false);
        return new DescribedConfig(
                name,
                value,
                synonyms.isEmpty() ? ConfigSource.DEFAULT : synonyms.get(0).source(),
                !listed,
                sensitive,
                definition == null ? null : definition.type(),
                synonyms);
    }

    private static ConfigDefinition definition(String name) {
        var base = ConfigSynonyms.listenerBase(name);
        return ConfigTable.BROKER
                .find(name)
                .or(() -> ConfigTable.BROKER_DYNAMIC_ONLY.find(name))
                .or(() -> base == null ? java.util.Optional.empty() : ConfigTable.BROKER.find(base))
                .orElse(null);
    }

    /** Every place that sets the key or one of its family, layer by layer, from the first that has the key's own name. */
    private List<Synonym> synonyms(String name, boolean sensitive) {
        var family = ConfigSynonyms.ofBroker(name);
        var layers = config.layers();
        var all = new ArrayList<Synonym>();
        collect(all, family, layers.ofBroker(), ConfigSource.DYNAMIC_BROKER, sensitive);
        collect(all, family, layers.ofCluster(), ConfigSource.DYNAMIC_DEFAULT_BROKER, sensitive);
        collect(all, family, layers.ofFile(), ConfigSource.STATIC_BROKER, sensitive);
        for (var member : family) {
            var text = ConfigTable.BROKER
                    .find(member)
                    .map(ConfigDefinition::defaultText)
                    .orElse(null);
            if (text != null) {
                all.add(new Synonym(member, sensitive ? null : text, ConfigSource.DEFAULT));
            }
        }
        while (!all.isEmpty() && !all.get(0).name().equals(name)) {
            all.remove(0);
        }
        return all;
    }

    private static void collect(
            List<Synonym> all, List<String> family, Map<String, String> layer, ConfigSource source, boolean sensitive) {
        for (var member : family) {
            var text = layer.get(member);
            if (text != null) {
                all.add(new Synonym(member, sensitive ? null : text, source));
            }
        }
    }

    private static DescribedConfig entry(
            ConfigDefinition definition, String value, List<Synonym> synonyms, boolean readOnly) {
        var sensitive = definition.sensitive();
        return new DescribedConfig(
                definition.name(),
                sensitive ? null : value,
                synonyms.isEmpty() ? ConfigSource.DEFAULT : synonyms.get(0).source(),
                readOnly,
                sensitive,
                definition.type(),
                List.copyOf(synonyms));
    }
}
