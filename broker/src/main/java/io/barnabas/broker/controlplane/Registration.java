package io.barnabas.broker.controlplane;

import java.util.List;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.Listener;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.BrokerRegistrationRequest;

/** What a broker tells the controller of itself. */
public final class Registration {
    private Registration() {}

    /**
     * @param listeners as clients are told, with the ports that were really bound
     * @param logDirs ids of the log directories
     */
    public static BrokerRegistrationRequest of(
            BrokerConfig config, String clusterId, List<Listener> listeners, List<Uuid> logDirs) {
        var request = new BrokerRegistrationRequest()
                .brokerId(config.nodeId())
                .clusterId(clusterId)
                .incarnationId(Uuid.random())
                .rack(config.rack().orElse(null))
                .logDirs(logDirs);
        for (var listener : listeners) {
            request.listeners()
                    .add(new BrokerRegistrationRequest.Listener()
                            .name(listener.name())
                            .host(listener.host())
                            .port(listener.port())
                            .securityProtocol(listener.protocol().id()));
        }
        SupportedFeatures.ALL.forEach(range -> request.features()
                .add(new BrokerRegistrationRequest.Feature()
                        .name(range.name())
                        .minSupportedVersion(range.lowest())
                        .maxSupportedVersion(range.highest())));
        return request;
    }
}
