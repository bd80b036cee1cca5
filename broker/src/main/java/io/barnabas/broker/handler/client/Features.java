package io.barnabas.broker.handler.client;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.controlplane.SupportedFeatures;
import io.barnabas.protocol.message.ApiVersionsResponse;
import io.barnabas.protocol.message.ApiVersionsResponse.FinalizedFeatureKey;
import io.barnabas.protocol.message.ApiVersionsResponse.SupportedFeatureKey;

/** The features part of the ApiVersions answer (KIP-584): what this broker supports, and what the cluster has settled on. */
public final class Features {
    private final Cluster cluster;

    public Features(Cluster cluster) {
        this.cluster = cluster;
    }

    /** @param withoutZero leave out features whose range begins at 0 */
    void describe(ApiVersionsResponse response, boolean withoutZero) {
        for (var feature : SupportedFeatures.ALL) {
            if (feature.lowest() > 0 || !withoutZero) {
                response.supportedFeatures()
                        .add(new SupportedFeatureKey()
                                .name(feature.name())
                                .minVersion(feature.lowest())
                                .maxVersion(feature.highest()));
            }
        }
        var image = cluster.image();
        image.features().levels().forEach((name, level) -> {
            if (level != 0) {
                response.finalizedFeatures()
                        .add(new FinalizedFeatureKey()
                                .name(name)
                                .minVersionLevel(level)
                                .maxVersionLevel(level));
            }
        });
        response.finalizedFeaturesEpoch(image.index());
    }
}
