package io.barnabas.metadata.controller;

import java.util.List;
import java.util.Map;

import io.barnabas.metadata.image.LevelRange;

/**
 * What a controller is told of its node and cluster.
 *
 * @param voters node ids of the quorum
 * @param featureLevels what a new cluster begins with, by feature name
 * @param supportedFeatures what this node can work with, by feature name
 * @param sessionTimeoutMs {@code broker.session.timeout.ms}: a broker silent for so long is fenced
 */
public record ControllerConfig(
        int nodeId,
        String clusterId,
        List<Integer> voters,
        TopicDefaults topicDefaults,
        Map<String, Short> featureLevels,
        Map<String, LevelRange> supportedFeatures,
        long sessionTimeoutMs,
        ConfigRules rules) {}
