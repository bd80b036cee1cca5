package io.barnabas.broker.controlplane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.DynamicConfigs;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import org.slf4j.LoggerFactory;

/**
 * This node's configuration under what is set at run time (KIP-226): for all brokers, and for this one. What the metadata holds and this
 * node cannot use is ignored, with one ERROR line in the log for each value: it is committed, so that nobody can be told. Any thread; the
 * answer for the newest image asked about is kept.
 */
public final class NodeConfig {
    private static final String ALL_BROKERS = "";

    private final BrokerConfig file;
    private final String nodeId;
    private final Consumer<String> ignored;
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private volatile Version newest;

    /** @param file as read at the start, without anything set at run time */
    public NodeConfig(BrokerConfig file) {
        this(file, LoggerFactory.getLogger(NodeConfig.class)::error);
    }

    /** @param ignored gets a sentence for each value that is ignored, once */
    NodeConfig(BrokerConfig file, Consumer<String> ignored) {
        this.file = file;
        this.nodeId = Integer.toString(file.nodeId());
        this.ignored = ignored;
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
        var sentences = new ArrayList<String>();
        sentences.addAll(sentences(config, ofCluster, false));
        sentences.addAll(sentences(config, ofNode, true));
        sentences.stream().filter(told::add).forEach(ignored);
        return config;
    }

    private List<String> sentences(BrokerConfig config, Map<String, String> stored, boolean ofOneBroker) {
        var sentences = new ArrayList<String>();
        DynamicConfigs.flaws(stored, ofOneBroker)
                .forEach((name, reason) -> sentences.add("The configuration " + name + "="
                        + ChangeLog.shown(ResourceType.BROKER, name, stored.get(name)) + " of "
                        + (ofOneBroker ? "broker " + nodeId : "all brokers") + " is ignored: " + reason + ". "
                        + DynamicConfigs.inPlace(config, name)));
        return sentences;
    }

    private record Version(Map<String, String> ofCluster, Map<String, String> ofNode, BrokerConfig config) {}
}
