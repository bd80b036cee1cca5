package io.barnabas.metadata.image;

import java.util.Map;

import io.barnabas.protocol.metadata.FeatureLevelRecord;
import org.pcollections.TreePMap;

/** The feature levels the cluster has settled on (KIP-584). Immutable. */
public final class FeaturesImage {
    public static final String METADATA_VERSION = "metadata.version";
    public static final String KRAFT_VERSION = "kraft.version";
    public static final String ELIGIBLE_LEADER_REPLICAS = "eligible.leader.replicas.version";

    private static final short CORDONED_DIRECTORIES = 30;

    static final FeaturesImage EMPTY = new FeaturesImage(TreePMap.empty());

    private final TreePMap<String, Short> levels;

    private FeaturesImage(TreePMap<String, Short> levels) {
        this.levels = levels;
    }

    /** Levels above 0 by feature name; unmodifiable. Empty until the cluster is set up. */
    public Map<String, Short> levels() {
        return levels;
    }

    /** 0 if the feature is off or unknown. */
    public short level(String feature) {
        return levels.getOrDefault(feature, (short) 0);
    }

    /** Whether eligible leader replicas are tracked (KIP-966). */
    public boolean tracksEligibleLeaders() {
        return level(ELIGIBLE_LEADER_REPLICAS) >= 1;
    }

    /** Whether the records can tell of cordoned log directories (KIP-1066): from release 4.3 on. */
    public boolean tracksCordonedDirectories() {
        return level(METADATA_VERSION) >= CORDONED_DIRECTORIES;
    }

    FeaturesImage with(FeatureLevelRecord record) {
        if (record.name().equals(KRAFT_VERSION)) {
            // Belongs to the quorum, not to the records; early KRaft versions wrote it by mistake.
            return this;
        }
        return new FeaturesImage(
                record.featureLevel() == 0
                        ? levels.minus(record.name())
                        : levels.plus(record.name(), record.featureLevel()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FeaturesImage that && levels.equals(that.levels);
    }

    @Override
    public int hashCode() {
        return levels.hashCode();
    }
}
