package io.barnabas.broker.controlplane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ClientMetricsConfigs;
import io.barnabas.broker.config.ConfigDefinition;
import io.barnabas.broker.config.ConfigDescription;
import io.barnabas.broker.config.ConfigTable;
import io.barnabas.broker.config.ConfigType;
import io.barnabas.broker.config.DynamicConfigs;
import io.barnabas.broker.config.GroupConfigs;
import io.barnabas.broker.config.TopicConfigs;
import io.barnabas.metadata.controller.ConfigRules;
import io.barnabas.metadata.controller.Refusal;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.protocol.ErrorCode;

/** What the table of keys and this node's server.properties tell the controller. Any thread. */
final class TableConfigRules implements ConfigRules {
    private final BrokerConfig config;

    TableConfigRules(BrokerConfig config) {
        this.config = config;
    }

    @Override
    public Optional<Refusal> refusal(
            ResourceType type, String name, Map<String, String> existing, Map<String, String> proposed) {
        return switch (type) {
            case TOPIC -> TopicConfigs.refusal(config, existing, proposed).map(TableConfigRules::invalidConfig);
            case GROUP -> GroupConfigs.refusal(config, proposed).map(TableConfigRules::invalidConfig);
            case CLIENT_METRICS ->
                Optional.ofNullable(ClientMetricsConfigs.refusal(name, proposed))
                        .map(refusal ->
                                new Refusal(ErrorCode.valueOf(refusal.kind().name()), refusal.message()));
            // The broker that got the request has checked them.
            case BROKER, BROKER_LOGGER -> Optional.empty();
        };
    }

    private static Refusal invalidConfig(String message) {
        return new Refusal(ErrorCode.INVALID_CONFIG, message);
    }

    @Override
    public boolean isList(ResourceType type, String key) {
        return definition(type, key).map(ConfigDefinition::type).orElse(null) == ConfigType.LIST;
    }

    @Override
    public String defaultText(ResourceType type, String key) {
        return definition(type, key).map(ConfigDefinition::defaultText).orElse(null);
    }

    private static Optional<ConfigDefinition> definition(ResourceType type, String key) {
        return switch (type) {
            case TOPIC -> ConfigTable.TOPIC.find(key);
            case BROKER -> ConfigTable.BROKER.find(key);
            case GROUP -> ConfigTable.GROUP.find(key);
            case CLIENT_METRICS -> ConfigTable.CLIENT_METRICS.find(key);
            case BROKER_LOGGER -> Optional.empty();
        };
    }

    @Override
    public String topicDefault(String key) {
        return ConfigType.render(TopicConfigs.value(key, config, Map.of()));
    }

    @Override
    public List<EffectiveConfig> describeTopic(
            Map<String, String> own, Map<String, String> ofNode, Map<String, String> ofCluster) {
        var described = new ArrayList<EffectiveConfig>();
        for (var entry : new ConfigDescription(config.withDynamic(
                        DynamicConfigs.usable(ofCluster, false), DynamicConfigs.usable(ofNode, true)))
                .topic(own)) {
            // What the topic itself sets is answered as it was written, as Kafka's controller does.
            described.add(new EffectiveConfig(
                    entry.name(),
                    own.getOrDefault(entry.name(), entry.value()),
                    entry.source().id(),
                    entry.sensitive()));
        }
        return described;
    }
}
