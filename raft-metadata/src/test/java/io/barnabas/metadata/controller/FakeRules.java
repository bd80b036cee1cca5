package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.protocol.ErrorCode;

/** A handful of config keys. */
final class FakeRules implements ConfigRules {
    private static final Map<String, String> TOPIC = new TreeMap<>(Map.of(
            "cleanup.policy", "delete",
            "min.insync.replicas", "1",
            "retention.ms", "604800000",
            "unclean.leader.election.enable", "false"));

    @Override
    public Optional<Refusal> refusal(
            ResourceType type, String name, Map<String, String> existing, Map<String, String> proposed) {
        if (type == ResourceType.TOPIC) {
            for (var key : proposed.keySet()) {
                if (!TOPIC.containsKey(key)) {
                    return Optional.of(new Refusal(ErrorCode.INVALID_CONFIG, "Unknown topic config name: " + key));
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean isList(ResourceType type, String key) {
        return key.equals("cleanup.policy") || key.equals("log.cleanup.policy");
    }

    @Override
    public String defaultText(ResourceType type, String key) {
        return TOPIC.get(key);
    }

    @Override
    public String topicDefault(String key) {
        return TOPIC.get(key);
    }

    @Override
    public List<EffectiveConfig> describeTopic(
            Map<String, String> own, Map<String, String> ofNode, Map<String, String> ofCluster) {
        var all = new ArrayList<EffectiveConfig>();
        TOPIC.forEach((key, text) -> {
            if (own.containsKey(key)) {
                all.add(new EffectiveConfig(key, own.get(key), (byte) 1, false));
            } else if (ofNode.containsKey(key)) {
                all.add(new EffectiveConfig(key, ofNode.get(key), (byte) 2, false));
            } else if (ofCluster.containsKey(key)) {
                all.add(new EffectiveConfig(key, ofCluster.get(key), (byte) 3, false));
            } else {
                all.add(new EffectiveConfig(key, text, (byte) 5, false));
            }
        });
        return all;
    }
}
