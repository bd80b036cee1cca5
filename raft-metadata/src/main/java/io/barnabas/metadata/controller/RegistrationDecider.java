package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;

import io.barnabas.metadata.image.BrokerImage;
import io.barnabas.metadata.image.DirectoryIds;
import io.barnabas.metadata.image.FeaturesImage;
import io.barnabas.metadata.image.LevelRange;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.BrokerRegistrationRequest;
import io.barnabas.protocol.message.BrokerRegistrationResponse;
import io.barnabas.protocol.metadata.RegisterBrokerRecord;
import io.barnabas.protocol.wire.ApiMessage;

/** Lets brokers join: BrokerRegistration (API 62, v0–4). A new incarnation begins fenced; the same one keeps its state. */
final class RegistrationDecider {
    private final String clusterId;
    private final PartitionMoves moves;
    private final Sessions sessions;

    RegistrationDecider(String clusterId, PartitionMoves moves, Sessions sessions) {
        this.clusterId = clusterId;
        this.moves = moves;
        this.sessions = sessions;
    }

    Decision<BrokerRegistrationResponse> register(MetadataImage image, BrokerRegistrationRequest request, long nowMs) {
        var refusal = refusal(image, request, nowMs);
        if (refusal != null) {
            return Decision.refused(
                    new BrokerRegistrationResponse().errorCode(refusal.error().code()),
                    "Broker " + request.brokerId() + " was refused with " + refusal.error() + ": " + refusal.message());
        }
        var existing = image.cluster().broker(request.brokerId());
        var records = new ArrayList<ApiMessage>();
        var record = record(request);
        String note;
        if (existing != null && existing.incarnationId().equals(request.incarnationId())) {
            record.brokerEpoch(existing.epoch())
                    .fenced(existing.fenced())
                    .inControlledShutdown(existing.inControlledShutdown());
            note = "Broker " + existing.id() + " registers again with epoch " + existing.epoch();
        } else {
            record.brokerEpoch(nextEpoch(image));
            if (existing != null) {
                endIncarnation(image, existing, request, records);
            }
            note = "Broker " + request.brokerId() + " registers with epoch " + record.brokerEpoch();
        }
        // Last, so that a controller that fails half-way leaves the old incarnation in place.
        records.add(record);
        return new Decision<>(records, new BrokerRegistrationResponse().brokerEpoch(record.brokerEpoch()), note);
    }

    /** A broker that knows the epoch it had when it stopped has stopped cleanly. */
    private void endIncarnation(
            MetadataImage image, BrokerImage existing, BrokerRegistrationRequest request, List<ApiMessage> records) {
        boolean clean = request.previousBrokerEpoch() == existing.epoch();
        if (clean || !image.features().tracksEligibleLeaders()) {
            moves.left(image, existing.id(), records);
        } else {
            moves.crashed(image, existing.id(), records);
        }
    }

    /** Higher than any before: no registration can have more than the index it was committed at, but for others of its batch. */
    private static long nextEpoch(MetadataImage image) {
        long next = image.index() + 1;
        for (var broker : image.cluster().brokers()) {
            next = Math.max(next, broker.epoch() + 1);
        }
        return next;
    }

    private static RegisterBrokerRecord record(BrokerRegistrationRequest request) {
        var record = new RegisterBrokerRecord()
                .brokerId(request.brokerId())
                .incarnationId(request.incarnationId())
                .rack(request.rack())
                .logDirs(List.copyOf(request.logDirs()));
        for (var listener : request.listeners()) {
            record.endPoints()
                    .add(new RegisterBrokerRecord.BrokerEndpoint()
                            .name(listener.name())
                            .host(listener.host())
                            .port(listener.port())
                            .securityProtocol(listener.securityProtocol()));
        }
        for (var feature : request.features()) {
            record.features()
                    .add(new RegisterBrokerRecord.BrokerFeature()
                            .name(feature.name())
                            .minSupportedVersion(feature.minSupportedVersion())
                            .maxSupportedVersion(feature.maxSupportedVersion()));
        }
        return record;
    }

    private Refusal refusal(MetadataImage image, BrokerRegistrationRequest request, long nowMs) {
        if (!clusterId.equals(request.clusterId())) {
            return new Refusal(
                    ErrorCode.INCONSISTENT_CLUSTER_ID,
                    "Expected cluster ID " + clusterId + ", but got cluster ID " + request.clusterId());
        }
        var existing = image.cluster().broker(request.brokerId());
        if (existing != null
                && sessions.bars(existing, nowMs)
                && !existing.incarnationId().equals(request.incarnationId())) {
            return new Refusal(
                    ErrorCode.DUPLICATE_BROKER_REGISTRATION,
                    "another broker with that id is alive; if this one was restarted, it gets in once the session of its"
                            + " predecessor has expired");
        }
        if (request.isMigratingZkBroker()) {
            return new Refusal(
                    ErrorCode.BROKER_ID_NOT_REGISTERED, "Controller does not support registering ZK brokers.");
        }
        var refusal = directoriesRefusal(image, request);
        if (refusal != null) {
            return refusal;
        }
        if (request.listeners().isEmpty()) {
            return invalid("No listeners found.");
        }
        return featuresRefusal(image.features(), request);
    }

    private static Refusal directoriesRefusal(MetadataImage image, BrokerRegistrationRequest request) {
        if (request.logDirs().isEmpty()) {
            return invalid("No directories specified in request");
        }
        for (var directory : request.logDirs()) {
            if (DirectoryIds.isReserved(directory)) {
                return invalid("Reserved directory ID in request");
            }
        }
        if (new HashSet<>(request.logDirs()).size() != request.logDirs().size()) {
            return invalid("Duplicate directory ID in request");
        }
        for (var broker : image.cluster().brokers()) {
            for (var directory : broker.directories()) {
                if (broker.id() != request.brokerId() && request.logDirs().contains(directory)) {
                    return invalid("Broker " + broker.id() + " is already registered with directory " + directory);
                }
            }
        }
        return null;
    }

    private static Refusal featuresRefusal(FeaturesImage features, BrokerRegistrationRequest request) {
        var supported = new HashMap<String, LevelRange>();
        for (var feature : request.features()) {
            supported.put(feature.name(), new LevelRange(feature.minSupportedVersion(), feature.maxSupportedVersion()));
        }
        for (var entry : supported.entrySet()) {
            short level = features.level(entry.getKey());
            if (!entry.getValue().contains(level)) {
                return unsupported(entry.getKey(), level, entry.getValue());
            }
        }
        if (!supported.containsKey(FeaturesImage.METADATA_VERSION)) {
            return invalid("Request features do not contain '" + FeaturesImage.METADATA_VERSION + "'");
        }
        for (var entry : features.levels().entrySet()) {
            if (!supported.containsKey(entry.getKey())) {
                return unsupported(entry.getKey(), entry.getValue(), LevelRange.NONE);
            }
        }
        return null;
    }

    private static Refusal unsupported(String feature, short level, LevelRange range) {
        return new Refusal(
                ErrorCode.UNSUPPORTED_VERSION,
                "Unable to register because the broker does not support finalized version " + level + " of " + feature
                        + ". The broker wants a version between " + range.lowest() + " and " + range.highest()
                        + ", inclusive.");
    }

    private static Refusal invalid(String message) {
        return new Refusal(ErrorCode.INVALID_REGISTRATION, message);
    }
}
