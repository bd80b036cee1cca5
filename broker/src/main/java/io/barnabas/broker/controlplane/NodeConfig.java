package io.barnabas.broker.controlplane;

import java.util.Map;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.DynamicConfigs;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;

/**
 * This node's configuration under what is set at run time (KIP-226): for all brokers, and for this one. Any thread; the answer for the
 * newest image asked about is kept.
 */
public final class NodeConfig {
    private static final String ALL_BROKERS = "";

    private final BrokerConfig file;
    private final String nodeId;
    private volatile Version newest;

    /** @param file as read at the start, without anything set at run time */
    public NodeConfig(BrokerConfig file) {
        this.file = file;
        this.nodeId = Integer.toString(file.nodeId());
        this.newest = new Version(Map.of(), Map.of(), file);
    }

    /** The same instance as before if nothing that concerns this node has changed. */
    public BrokerConfig at(MetadataImage image) {
        var ofCluster = image.configs().of(ResourceType.BROKER, ALL_BROKERS);
        var ofNode = image.configs().of(ResourceType.BROKER, nodeId);
        var known = newest;
        if (known.ofCluster.equals(ofCluster) && known.ofNode.equals(ofNode)) {
            return known.config;
        }
        var config = file.withDynamic(DynamicConfigs.usable(ofCluster, false), DynamicConfigs.usable(ofNode, true));
        newest = new Version(ofCluster, ofNode, config);
        return config;
    }

    private record Version(Map<String, String> ofCluster, Map<String, String> ofNode, BrokerConfig config) {}
}
