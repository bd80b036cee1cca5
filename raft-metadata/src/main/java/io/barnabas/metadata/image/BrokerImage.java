package io.barnabas.metadata.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.metadata.BrokerRegistrationChangeRecord;
import io.barnabas.protocol.metadata.RegisterBrokerRecord;

/**
 * One registered broker. Immutable.
 *
 * @param epoch of this registration; higher than that of any earlier one of the same broker
 * @param incarnationId of the process
 * @param listeners by listener name
 * @param rack null if it has none
 * @param fenced may not lead and is hidden from clients
 * @param inControlledShutdown its leaderships are being moved away
 * @param features the levels it supports, by feature name
 * @param directories ids of its log directories that work
 * @param cordonedDirectories ids of those that take no new replicas; null until the broker has said so
 */
public record BrokerImage(
        int id,
        long epoch,
        Uuid incarnationId,
        Map<String, Endpoint> listeners,
        String rack,
        boolean fenced,
        boolean inControlledShutdown,
        Map<String, LevelRange> features,
        List<Uuid> directories,
        List<Uuid> cordonedDirectories) {
    private static final byte FENCE = 1;
    private static final byte UNFENCE = -1;
    private static final byte ENTER_CONTROLLED_SHUTDOWN = 1;

    /**
     * Where a listener is reached.
     *
     * @param securityProtocol id: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL
     */
    public record Endpoint(String host, int port, short securityProtocol) {}

    static BrokerImage of(RegisterBrokerRecord record) {
        var listeners = new TreeMap<String, Endpoint>();
        for (var endpoint : record.endPoints()) {
            listeners.put(endpoint.name(), new Endpoint(endpoint.host(), endpoint.port(), endpoint.securityProtocol()));
        }
        var features = new TreeMap<String, LevelRange>();
        for (var feature : record.features()) {
            features.put(feature.name(), new LevelRange(feature.minSupportedVersion(), feature.maxSupportedVersion()));
        }
        return new BrokerImage(
                record.brokerId(),
                record.brokerEpoch(),
                record.incarnationId(),
                java.util.Collections.unmodifiableMap(listeners),
                record.rack(),
                record.fenced(),
                record.inControlledShutdown(),
                java.util.Collections.unmodifiableMap(features),
                List.copyOf(record.logDirs()),
                copy(record.cordonedLogDirs()));
    }

    RegisterBrokerRecord toRecord() {
        var record = new RegisterBrokerRecord()
                .brokerId(id)
                .brokerEpoch(epoch)
                .incarnationId(incarnationId)
                .rack(rack)
                .fenced(fenced)
                .inControlledShutdown(inControlledShutdown)
                .logDirs(directories)
                .cordonedLogDirs(cordonedDirectories);
        listeners.forEach((name, endpoint) -> record.endPoints()
                .add(new RegisterBrokerRecord.BrokerEndpoint()
                        .name(name)
                        .host(endpoint.host())
                        .port(endpoint.port())
                        .securityProtocol(endpoint.securityProtocol())));
        features.forEach((name, range) -> record.features()
                .add(new RegisterBrokerRecord.BrokerFeature()
                        .name(name)
                        .minSupportedVersion(range.lowest())
                        .maxSupportedVersion(range.highest())));
        return record;
    }

    BrokerImage with(BrokerRegistrationChangeRecord change) {
        return new BrokerImage(
                id,
                epoch,
                incarnationId,
                listeners,
                rack,
                change.fenced() == FENCE || change.fenced() != UNFENCE && fenced,
                inControlledShutdown || change.inControlledShutdown() == ENTER_CONTROLLED_SHUTDOWN,
                features,
                change.logDirs().isEmpty() ? directories : List.copyOf(change.logDirs()),
                change.cordonedLogDirs() == null ? cordonedDirectories : copy(change.cordonedLogDirs()));
    }

    /** Whether it may lead partitions and join in-sync sets. */
    public boolean isActive() {
        return !fenced && !inControlledShutdown;
    }

    /** Whether new replicas may be placed on it. */
    public boolean takesReplicas() {
        if (cordonedDirectories == null || cordonedDirectories.isEmpty() || directories.isEmpty()) {
            return true;
        }
        var open = new ArrayList<>(directories);
        open.removeAll(cordonedDirectories);
        return !open.isEmpty();
    }

    /** The directory of a new replica: the only one, or for the broker to choose. */
    public Uuid directoryOfNewReplica() {
        return switch (directories.size()) {
            case 0 -> DirectoryIds.MIGRATING;
            case 1 -> directories.get(0);
            default -> DirectoryIds.UNASSIGNED;
        };
    }

    private static List<Uuid> copy(List<Uuid> ids) {
        return ids == null ? null : List.copyOf(ids);
    }
}
