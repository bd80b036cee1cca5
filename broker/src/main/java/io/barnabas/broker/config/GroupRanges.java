package io.barnabas.broker.config;

import java.util.List;

/** That what the brokers set for all groups of a kind (KIP-848, KIP-932, KIP-1071) lies between their own bounds. Stateless, any thread. */
final class GroupRanges {
    private static final String HEARTBEAT = "heartbeat.interval.ms";
    private static final String SESSION = "session.timeout.ms";

    private GroupRanges() {}

    /** @throws ConfigException if a value is out of its bounds, or the bounds are the wrong way round */
    static void check(BrokerConfig config) {
        for (var kind : List.of("group.consumer.", "group.share.", "group.streams.")) {
            for (var what : List.of(HEARTBEAT, SESSION, "assignment.interval.ms")) {
                var least = kind + "min." + what;
                var most = kind + "max." + what;
                notBelow(config, most, least);
                notBelow(config, kind + what, least);
                notAbove(config, kind + what, most);
            }
            if (config.longValue(kind + HEARTBEAT) >= config.longValue(kind + SESSION)) {
                throw new ConfigException(kind + HEARTBEAT + " must be less than " + kind + SESSION);
            }
        }
        notAbove(config, "group.streams.num.standby.replicas", "group.streams.max.standby.replicas");
    }

    private static void notBelow(BrokerConfig config, String key, String least) {
        if (config.longValue(key) < config.longValue(least)) {
            throw new ConfigException(key + " must be greater than or equal to " + least);
        }
    }

    private static void notAbove(BrokerConfig config, String key, String most) {
        if (config.longValue(key) > config.longValue(most)) {
            throw new ConfigException(key + " must be less than or equal to " + most);
        }
    }
}
