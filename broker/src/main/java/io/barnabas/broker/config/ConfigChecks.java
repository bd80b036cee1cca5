package io.barnabas.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a whole server.properties must satisfy, and what its author should hear about. */
final class ConfigChecks {

    private ConfigChecks() {}

    /**
     * Each known value by itself, and the keys that have no default.
     *
     * @param values as written, so that a refusal names the key that stands there
     * @param keys those, and the ones that others stand for
     */
    static void checkValues(Map<String, String> values, Set<String> keys) {
        for (var name : List.of("process.roles", "node.id", "controller.listener.names")) {
            if (!keys.contains(name)) {
                throw new ConfigException(
                        "Missing required configuration \"" + name + "\" which has no default value.");
            }
        }
        for (var entry : new TreeMap<>(values).entrySet()) {
            ConfigTable.BROKER.find(entry.getKey()).ifPresent(definition -> definition.parse(entry.getValue()));
        }
        if (values.containsKey("admin.listeners")) {
            for (var text : values.get("admin.listeners").split("\\s*,\\s*")) {
                require(
                        text.isEmpty() || HostPort.parse(text) != null,
                        "Invalid value " + text + " for configuration admin.listeners: Expected host:port");
            }
        }
    }

    /** The values against each other. */
    static void checkTogether(BrokerConfig config) {
        var id = config.nodeId();
        var voters = config.quorumVoters();
        var isVoter = voters.stream().anyMatch(voter -> voter.id() == id);
        var controllerNames = config.controllerListenerNames();
        require(config.intValue("broker.id") == id, "You must set `node.id` to the same value as `broker.id`.");
        require(
                !voters.isEmpty() || !config.quorumBootstrapServers().isEmpty(),
                "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap"
                        + " controllers or controller.quorum.voters must contain a parseable set of controllers.");
        if (config.isController()) {
            require(
                    voters.isEmpty() || isVoter,
                    "If process.roles contains the 'controller' role, the node id " + id
                            + " must be included in the set of voters controller.quorum.voters=" + ids(voters));
            require(
                    !config.controllerListeners().isEmpty(),
                    "controller.listener.names must contain at least one value appearing in the 'listeners'"
                            + " configuration when running the KRaft controller role");
            require(
                    config.controllerListeners().size() == controllerNames.size(),
                    "controller.listener.names must only contain values appearing in the 'listeners' configuration"
                            + " when running the KRaft controller role");
        } else {
            require(
                    !isVoter,
                    "If process.roles contains just the 'broker' role, the node id " + id
                            + " must not be included in the set of voters controller.quorum.voters=" + ids(voters));
            require(
                    config.controllerListeners().isEmpty(),
                    "controller.listener.names must not contain a value appearing in the 'listeners' configuration"
                            + " when running KRaft with just the broker role");
            for (var name : controllerNames) {
                require(
                        config.securityProtocol(name) != null,
                        "Controller listener with name " + name + " defined in controller.listener.names not found in"
                                + " listener.security.protocol.map (each controller listener needs a mapping there once"
                                + " the map is set or a protocol other than PLAINTEXT is in use)");
            }
        }
        if (config.isBroker()) {
            checkAdvertised(config);
            checkCordoned(config);
        } else {
            require(
                    config.brokerListeners().isEmpty(),
                    "The listeners config must only contain KRaft controller listeners from controller.listener.names"
                            + " when process.roles=controller");
        }
        DefaultsOfTopics.check(config);
        GroupRanges.check(config);
        var cleaners = config.intValue("log.cleaner.threads");
        require(cleaners >= 1, "Log cleaner threads should be at least 1");
        require(
                config.longValue("log.cleaner.dedupe.buffer.size") / cleaners > 1 << 20,
                "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.");
        var idleMs = config.connectionsMaxIdleMs();
        var delayMs = config.intValue("connection.failed.authentication.delay.ms");
        require(
                idleMs < 0 || delayMs < idleMs,
                "connection.failed.authentication.delay.ms=" + delayMs
                        + " should always be less than connections.max.idle.ms=" + idleMs
                        + " to prevent failed authentication responses from timing out");
        require(
                config.intValue("replica.fetch.wait.max.ms") <= config.intValue("replica.socket.timeout.ms"),
                "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary"
                        + " socket timeouts");
        require(
                config.intValue("replica.fetch.wait.max.ms") <= config.longValue("replica.lag.time.max.ms"),
                "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent"
                        + " frequent changes in ISR");
        var queuedMaxBytes = config.longValue("queued.max.request.bytes");
        require(
                queuedMaxBytes <= 0 || queuedMaxBytes >= config.socketRequestMaxBytes(),
                "queued.max.request.bytes must be larger or equal to socket.request.max.bytes");
    }

    private static void checkAdvertised(BrokerConfig config) {
        var advertised = config.advertisedListeners();
        var names = advertised.stream().map(Listener::name).toList();
        require(
                !names.isEmpty(),
                "There must be at least one broker advertised listener. Perhaps all listeners appear in"
                        + " controller.listener.names?");
        require(
                names.contains(config.interBrokerListenerName()),
                "inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid options"
                        + " based on currently configured listeners are " + String.join(",", names));
        var open = config.listeners().stream().map(Listener::name).toList();
        require(
                open.containsAll(names),
                "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners."
                        + " Found " + String.join(",", names)
                        + ". The valid options based on the current configuration are " + String.join(",", open));
        if (config.isSet("advertised.listeners") || config.isSet("listeners")) {
            require(
                    advertised.stream().noneMatch(listener -> listener.host().equals("0.0.0.0")),
                    "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.");
        }
    }

    private static void checkCordoned(BrokerConfig config) {
        var cordoned = config.list("cordoned.log.dirs");
        if (cordoned.contains("*")) {
            require(cordoned.size() == 1, "When cordoned.log.dirs is set to *, it must not contain other values");
            return;
        }
        cordoned.removeAll(config.logDirsAsWritten());
        require(
                cordoned.isEmpty(),
                "All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : "
                        + String.join(", ", cordoned));
    }

    static List<String> warnings(Map<String, String> values) {
        var warnings = new ArrayList<String>();
        for (var entry : new TreeMap<>(values).entrySet()) {
            var name = entry.getKey();
            var base = ConfigSynonyms.listenerBase(name);
            var known = ConfigTable.BROKER.find(base == null ? name : base);
            if (known.isEmpty()) {
                warnings.add("Unknown configuration " + name
                        + ConfigTable.BROKER
                                .nearest(name)
                                .map(near -> ": did you mean " + near + "?")
                                .orElse(": it is ignored."));
            } else if (!EffectiveKeys.BROKER.contains(known.get().name())
                    && known.get().differsFromDefault(entry.getValue())) {
                warnings.add("The configuration " + name + " is accepted but has no effect in this version.");
            }
            known.filter(definition -> definition.namesAnyTwice(entry.getValue()))
                    .ifPresent(definition -> warnings.add("The configuration " + name + " names something twice: "
                            + entry.getValue() + "; it counts once."));
        }
        return warnings;
    }

    private static String ids(List<QuorumVoter> voters) {
        return voters.stream().map(voter -> Integer.toString(voter.id())).collect(Collectors.joining(", ", "[", "]"));
    }

    private static void require(boolean holds, String sentence) {
        if (!holds) {
            throw new ConfigException(sentence);
        }
    }
}
