package io.barnabas.metadata.controller;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;

/**
 * What the controller has to know of config keys; supplied from outside, by whoever has the table of keys and this node's
 * server.properties. Called on the controller's thread; must answer at once.
 */
public interface ConfigRules {
    /**
     * A config as CreateTopics echoes it.
     *
     * @param value null if sensitive or unset
     * @param source as in DescribeConfigs: 1 topic, 2 broker, 3 all brokers, 4 server.properties, 5 default
     */
    record EffectiveConfig(String name, String value, byte source, boolean sensitive) {}

    /**
     * Why a resource may not have these configs.
     *
     * @param existing what it has now; empty for a new resource
     * @param proposed all it would have then; no null values
     */
    Optional<Refusal> refusal(
            ResourceType type, String name, Map<String, String> existing, Map<String, String> proposed);

    /** Whether values of this key are lists, so that one can append to them. */
    boolean isList(ResourceType type, String key);

    /** The key's own default; null if there is none. */
    String defaultText(ResourceType type, String key);

    /** What a topic gets that does not set this topic key, as long as nothing is set at run time. */
    String topicDefault(String key);

    /**
     * All configs of a topic, sorted by name.
     *
     * @param own set on the topic
     * @param ofNode set at run time on this node, by broker key
     * @param ofCluster set at run time on all brokers, by broker key
     */
    List<EffectiveConfig> describeTopic(
            Map<String, String> own, Map<String, String> ofNode, Map<String, String> ofCluster);
}
