package io.barnabas.broker.config;

import java.util.Map;
import java.util.TreeMap;

/**
 * Where a broker key's value can come from, strongest first: dynamic for this broker, dynamic for all brokers, the file
 * (KIP-226). Immutable; a change makes a new one.
 *
 * @param ofFile what server.properties and the command line set
 */
public record ConfigLayers(Map<String, String> ofBroker, Map<String, String> ofCluster, Map<String, String> ofFile) {

    public ConfigLayers {
        ofBroker = Map.copyOf(ofBroker);
        ofCluster = Map.copyOf(ofCluster);
        ofFile = Map.copyOf(ofFile);
    }

    /**
     * The strongest text set for exactly this key; null if none is, or if a layer above it sets the same thing under another name
     * ({@code log.retention.ms} over {@code log.retention.hours}).
     */
    public String text(String name) {
        var text = ofBroker.get(name);
        if (text != null || isReplacedIn(ofBroker, name)) {
            return text;
        }
        text = ofCluster.get(name);
        return text != null || isReplacedIn(ofCluster, name) ? text : ofFile.get(name);
    }

    private static boolean isReplacedIn(Map<String, String> layer, String name) {
        return !layer.isEmpty() && ConfigSynonyms.replacing(name).stream().anyMatch(layer::containsKey);
    }

    /** Everything that is set, strongest value of each key, by name. */
    public Map<String, String> all() {
        var all = new TreeMap<>(ofFile);
        all.putAll(ofCluster);
        all.putAll(ofBroker);
        return all;
    }
}
