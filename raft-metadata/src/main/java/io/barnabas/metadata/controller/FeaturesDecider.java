package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.FeaturesImage;
import io.barnabas.metadata.image.LevelRange;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.UpdateFeaturesRequest;
import io.barnabas.protocol.message.UpdateFeaturesRequest.FeatureUpdateKey;
import io.barnabas.protocol.message.UpdateFeaturesResponse;
import io.barnabas.protocol.message.UpdateFeaturesResponse.UpdatableFeatureResult;
import io.barnabas.protocol.metadata.ConfigRecord;
import io.barnabas.protocol.metadata.FeatureLevelRecord;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * Feature levels: UpdateFeatures (API 57, v0–2), and those a new cluster begins with. All updates of a request succeed or none.
 */
final class FeaturesDecider {
    private static final byte UPGRADE = 1;
    private static final byte SAFE_DOWNGRADE = 2;
    private static final byte UNSAFE_DOWNGRADE = 3;
    /** Metadata level from which eligible leaders can be recorded. */
    private static final short METADATA_VERSION_WITH_ELR = 23;

    private final int nodeId;
    private final Map<String, LevelRange> supported;
    private final ConfigRules rules;

    FeaturesDecider(int nodeId, Map<String, LevelRange> supported, ConfigRules rules) {
        this.nodeId = nodeId;
        this.supported = Map.copyOf(supported);
        this.rules = rules;
    }

    /** What a cluster without any metadata begins with. */
    List<ApiMessage> bootstrap(MetadataImage image, Map<String, Short> levels) {
        var records = new ArrayList<ApiMessage>();
        levels.forEach((name, level) -> {
            if (level > 0) {
                records.add(new FeatureLevelRecord().name(name).featureLevel(level));
            }
        });
        if (levels.getOrDefault(FeaturesImage.ELIGIBLE_LEADER_REPLICAS, (short) 0) > 0) {
            addMinInsyncReplicas(image, records);
        }
        return records;
    }

    Decision<UpdateFeaturesResponse> update(MetadataImage image, UpdateFeaturesRequest request) {
        var records = new ArrayList<ApiMessage>();
        for (var update : request.featureUpdates()) {
            String refusal = refusal(image, request, update);
            if (refusal != null) {
                return Decision.refused(
                        new UpdateFeaturesResponse()
                                .errorCode(ErrorCode.INVALID_UPDATE_VERSION.code())
                                .errorMessage("The update failed for all features since the following feature had an"
                                        + " error: " + refusal),
                        "UpdateFeatures was refused: " + refusal);
            }
            if (update.feature().equals(FeaturesImage.ELIGIBLE_LEADER_REPLICAS) && update.maxVersionLevel() > 0) {
                addMinInsyncReplicas(image, records);
            }
            records.add(new FeatureLevelRecord().name(update.feature()).featureLevel(update.maxVersionLevel()));
        }
        var response = new UpdateFeaturesResponse();
        for (var update : request.featureUpdates()) {
            response.results().add(new UpdatableFeatureResult().feature(update.feature()));
        }
        return Decision.of(request.validateOnly() ? List.of() : records, response);
    }

    private String refusal(MetadataImage image, UpdateFeaturesRequest request, FeatureUpdateKey update) {
        String name = update.feature();
        short level = update.maxVersionLevel();
        byte type = update.upgradeType();
        short current = image.features().level(name);
        boolean downgrades = type == SAFE_DOWNGRADE || type == UNSAFE_DOWNGRADE;
        if (type != UPGRADE && !downgrades) {
            return invalid(name, level, "The controller does not support the given upgrade type.");
        }
        if (level < 0) {
            return invalid(name, level, "A feature version cannot be less than 0.");
        }
        String unsupported = unsupported(image, name, level);
        if (unsupported != null) {
            return invalid(name, level, unsupported);
        }
        if (level < current && !downgrades) {
            return invalid(
                    name,
                    level,
                    "Can't downgrade the version of this feature without setting the upgrade type to either safe or"
                            + " unsafe downgrade.");
        }
        if (level > current && downgrades) {
            return invalid(name, level, "Can't downgrade to a newer version.");
        }
        if (name.equals(FeaturesImage.METADATA_VERSION) && level < current) {
            // Records are always written at their newest versions, which an older level may not know.
            return "Unsupported metadata.version downgrade from " + current + " to " + level + ". "
                    + (type == UNSAFE_DOWNGRADE
                            ? "Unsafe metadata downgrade is not supported in this version."
                            : "Refusing to perform the requested downgrade because it might delete metadata"
                                    + " information.");
        }
        if (name.equals(FeaturesImage.ELIGIBLE_LEADER_REPLICAS)
                && level > 0
                && metadataVersionAfter(image, request) < METADATA_VERSION_WITH_ELR) {
            return invalid(
                    name,
                    level,
                    name + " could not be set to " + level + " because it depends on metadata.version level "
                            + METADATA_VERSION_WITH_ELR);
        }
        return null;
    }

    private static String invalid(String name, short level, String message) {
        return "Invalid update version " + level + " for feature " + name + ". " + message;
    }

    private static short metadataVersionAfter(MetadataImage image, UpdateFeaturesRequest request) {
        short level = image.features().level(FeaturesImage.METADATA_VERSION);
        for (var update : request.featureUpdates()) {
            if (update.feature().equals(FeaturesImage.METADATA_VERSION)) {
                level = update.maxVersionLevel();
            }
        }
        return level;
    }

    private String unsupported(MetadataImage image, String name, short level) {
        String reason = unsupported("Local controller " + nodeId, supported.getOrDefault(name, LevelRange.NONE), level);
        for (var broker : image.cluster().brokers()) {
            if (reason == null) {
                reason = unsupported(
                        "Broker " + broker.id(), broker.features().getOrDefault(name, LevelRange.NONE), level);
            }
        }
        return reason;
    }

    private static String unsupported(String who, LevelRange range, short level) {
        if (range.contains(level)) {
            return null;
        }
        return who + (range.highest() == 0 ? " does not support this feature." : " only supports versions " + range);
    }

    /** With eligible leaders the wanted number of in-sync replicas is the cluster's, never one broker's own. */
    private void addMinInsyncReplicas(MetadataImage image, List<ApiMessage> records) {
        String key = EffectiveConfigs.MIN_INSYNC_REPLICAS;
        if (!image.configs().of(ResourceType.BROKER, "").containsKey(key)) {
            records.add(config("", rules.topicDefault(key)));
        }
        for (var broker : image.cluster().brokers()) {
            String name = Integer.toString(broker.id());
            if (image.configs().of(ResourceType.BROKER, name).containsKey(key)) {
                records.add(config(name, null));
            }
        }
    }

    private static ConfigRecord config(String broker, String value) {
        return new ConfigRecord()
                .resourceType(ResourceType.BROKER.id())
                .resourceName(broker)
                .name(EffectiveConfigs.MIN_INSYNC_REPLICAS)
                .value(value);
    }
}
