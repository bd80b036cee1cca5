package io.barnabas.metadata.controller;

import java.util.Map;
import java.util.stream.Stream;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.UpdateFeaturesRequest;
import io.barnabas.protocol.message.UpdateFeaturesRequest.FeatureUpdateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FeaturesDeciderTest {
    private final Deciders deciders = new Deciders();
    private final MetadataImage image = Deciders.cluster(1);

    private static UpdateFeaturesRequest update(String feature, int level, int type) {
        var request = new UpdateFeaturesRequest();
        request.featureUpdates()
                .add(new FeatureUpdateKey()
                        .feature(feature)
                        .maxVersionLevel((short) level)
                        .upgradeType((byte) type));
        return request;
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(
                        update("nonsense", 1, 1),
                        "Invalid update version 1 for feature nonsense. Local controller 1 does not support this feature."),
                Arguments.of(
                        update("metadata.version", 31, 1),
                        "Invalid update version 31 for feature metadata.version. Local controller 1 only supports versions"
                                + " 7-30"),
                Arguments.of(
                        update("metadata.version", 29, 1),
                        "Invalid update version 29 for feature metadata.version. Can't downgrade the version of this feature"
                                + " without setting the upgrade type to either safe or unsafe downgrade."),
                Arguments.of(
                        update("metadata.version", 29, 2),
                        "Unsupported metadata.version downgrade from 30 to 29. Refusing to perform the requested downgrade"
                                + " because it might delete metadata information."),
                Arguments.of(
                        update("metadata.version", 29, 3),
                        "Unsupported metadata.version downgrade from 30 to 29. Unsafe metadata downgrade is not supported in"
                                + " this version."),
                Arguments.of(
                        update("group.version", 1, 2),
                        "Invalid update version 1 for feature group.version. Can't downgrade to a newer version."),
                Arguments.of(
                        update("group.version", -1, 1),
                        "Invalid update version -1 for feature group.version. A feature version cannot be less than 0."),
                Arguments.of(
                        update("group.version", 1, 0),
                        "Invalid update version 1 for feature group.version. The controller does not support the given"
                                + " upgrade type."));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesInKafkasWords(UpdateFeaturesRequest request, String message) {
        var decision = deciders.features.update(image, request);

        assertTrue(decision.records().isEmpty());
        assertEquals(
                ErrorCode.INVALID_UPDATE_VERSION.code(), decision.response().errorCode());
        assertEquals(
                "The update failed for all features since the following feature had an error: " + message,
                decision.response().errorMessage());
    }

    @Test
    void updates() {
        var decision = deciders.features.update(image, update("eligible.leader.replicas.version", 1, 1));

        assertEquals(ErrorCode.NONE.code(), decision.response().errorCode());
        var after = image.applyAll(decision.records());
        assertTrue(after.features().tracksEligibleLeaders());
        assertEquals("1", after.configs().of(ResourceType.BROKER, "").get("min.insync.replicas"));
        assertTrue(deciders.features
                .update(image, update("group.version", 1, 1).validateOnly(true))
                .records()
                .isEmpty());
        var off = after.applyAll(deciders.features
                .update(after, update("eligible.leader.replicas.version", 0, 2))
                .records());
        assertEquals(Map.of("metadata.version", (short) 30), off.features().levels());
    }

    @Test
    void aNewClusterBeginsWithItsFeatures() {
        var records = deciders.features.bootstrap(
                MetadataImage.EMPTY,
                Map.of("metadata.version", (short) 30, "eligible.leader.replicas.version", (short) 1, "x", (short) 0));

        var after = MetadataImage.EMPTY.applyAll(records);
        assertEquals(30, after.features().level("metadata.version"));
        assertEquals(2, after.features().levels().size());
        assertEquals("1", after.configs().of(ResourceType.BROKER, "").get("min.insync.replicas"));
    }
}
