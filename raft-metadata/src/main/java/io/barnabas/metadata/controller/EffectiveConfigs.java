package io.barnabas.metadata.controller;

import java.util.List;
import java.util.Map;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.TopicImage;

/** Topic configs as they take effect on the controller: the topic's, else this node's, else the cluster's, else the static ones. */
final class EffectiveConfigs {
    static final String MIN_INSYNC_REPLICAS = "min.insync.replicas";
    private static final String UNCLEAN_ELECTION = "unclean.leader.election.enable";
    private static final String ALL_BROKERS = "";

    private final ConfigRules rules;
    private final String nodeId;

    EffectiveConfigs(ConfigRules rules, int nodeId) {
        this.rules = rules;
        this.nodeId = Integer.toString(nodeId);
    }

    /** How many replicas must be in sync for acks=all; never more than the topic has. */
    int minInsyncReplicas(MetadataImage image, TopicImage topic) {
        return Math.min(Integer.parseInt(value(image, topic.name(), MIN_INSYNC_REPLICAS)), topic.replicationFactor());
    }

    boolean allowsUncleanElection(MetadataImage image, TopicImage topic) {
        return Boolean.parseBoolean(value(image, topic.name(), UNCLEAN_ELECTION));
    }

    /** Both keys used here have the same name as topic and as broker keys. */
    private String value(MetadataImage image, String topic, String key) {
        var configs = image.configs();
        String value = configs.of(ResourceType.TOPIC, topic).get(key);
        if (value == null) {
            value = configs.of(ResourceType.BROKER, nodeId).get(key);
        }
        if (value == null) {
            value = configs.of(ResourceType.BROKER, ALL_BROKERS).get(key);
        }
        return value == null ? rules.topicDefault(key) : value;
    }

    List<ConfigRules.EffectiveConfig> describe(MetadataImage image, Map<String, String> own) {
        var configs = image.configs();
        return rules.describeTopic(
                own, configs.of(ResourceType.BROKER, nodeId), configs.of(ResourceType.BROKER, ALL_BROKERS));
    }
}
