package io.barnabas.broker.tool;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A metadata.version of Apache Kafka up to 4.3 (KIP-584, KIP-1022) and the feature levels that go with it.
 *
 * @param name such as 4.3-IV0
 * @param level value of the metadata.version feature
 */
public record Release(String name, int level) {

    private static final int OLDEST_LEVEL = 7;

    /** In order of level, from 7. */
    private static final List<String> NAMES = List.of(
            "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2", "3.7-IV0",
            "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0", "4.0-IV1", "4.0-IV2",
            "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0");

    /** Feature → for each of its levels from 1 the metadata.version level since which it is the default; 0: never. */
    private static final Map<String, int[]> DEFAULT_SINCE = Map.of(
            "kraft.version", new int[] {21},
            "transaction.version", new int[] {0, 24},
            "group.version", new int[] {22},
            "eligible.leader.replicas.version", new int[] {26},
            "share.version", new int[] {28},
            "streams.version", new int[] {29});

    /** The order in which Kafka prints features. */
    public static final List<String> FEATURES = List.of(
            "kraft.version",
            "transaction.version",
            "group.version",
            "eligible.leader.replicas.version",
            "share.version",
            "streams.version");

    /** The release this broker formats with. */
    public static Release latest() {
        return ofLevel(OLDEST_LEVEL + NAMES.size() - 1).orElseThrow();
    }

    static Optional<Release> ofLevel(int level) {
        var index = level - OLDEST_LEVEL;
        return index < 0 || index >= NAMES.size()
                ? Optional.empty()
                : Optional.of(new Release(NAMES.get(index), level));
    }

    /** By full name, or by release number (its last metadata.version). */
    static Optional<Release> named(String text) {
        for (var i = NAMES.size() - 1; i >= 0; i--) {
            var name = NAMES.get(i);
            if (name.equals(text) || name.startsWith(text + "-IV")) {
                return ofLevel(OLDEST_LEVEL + i);
            }
        }
        return Optional.empty();
    }

    static String unknown(String text) {
        return "Unknown metadata.version '" + text + "'. Supported metadata.version are: " + String.join(", ", NAMES);
    }

    public int featureLevel(String feature) {
        var since = DEFAULT_SINCE.get(feature);
        for (var i = since.length - 1; i >= 0; i--) {
            if (since[i] > 0 && level >= since[i]) {
                return i + 1;
            }
        }
        return 0;
    }

    /** Highest level a feature has; empty if there is no such feature. */
    static Optional<Integer> highestLevel(String feature) {
        return Optional.ofNullable(DEFAULT_SINCE.get(feature)).map(since -> since.length);
    }

    static String featureNames() {
        return new TreeMap<>(DEFAULT_SINCE).keySet().stream().collect(Collectors.joining(", "));
    }
}
