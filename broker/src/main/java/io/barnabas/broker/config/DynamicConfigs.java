package io.barnabas.broker.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Which broker configs may be set while brokers run (KIP-226), and to what. Stateless, any thread. */
public final class DynamicConfigs {
    private static final Set<String> PER_LISTENER_ONLY = Set.of(
            "ssl.key.password",
            "ssl.keystore.certificate.chain",
            "ssl.keystore.key",
            "ssl.keystore.location",
            "ssl.keystore.password",
            "ssl.keystore.type",
            "ssl.truststore.certificates",
            "ssl.truststore.location",
            "ssl.truststore.password",
            "ssl.truststore.type");

    private static final Set<String> LISTENER_KEYS_OF_THE_CLUSTER =
            Set.of("max.connection.creation.rate", "max.connections", "num.network.threads");

    /** How far a number of threads may change in one step. */
    private static final List<String> THREADS = List.of(
            "background.threads",
            "num.io.threads",
            "num.network.threads",
            "num.replica.fetchers",
            "remote.log.manager.copier.thread.pool.size",
            "remote.log.manager.expiration.thread.pool.size",
            "remote.log.reader.threads");

    /** In the file they may be 0; at run time that would lock out everybody who could take it back. */
    private static final Set<String> CONNECTIONS = Set.of("max.connection.creation.rate", "max.connections");

    private static final String CLEANER_THREADS = "log.cleaner.threads";

    private DynamicConfigs() {}

    /**
     * What of a resource's stored configs takes part; the rest, which an older or foreign controller may have let in, is ignored.
     *
     * @param ofOneBroker false: the defaults of all brokers
     */
    public static Map<String, String> usable(Map<String, String> stored, boolean ofOneBroker) {
        var usable = new HashMap<>(stored);
        usable.keySet().removeAll(flaws(stored, ofOneBroker).keySet());
        return usable;
    }

    /** Which of a resource's stored configs are ignored, with the reason; by name. */
    public static SortedMap<String, String> flaws(Map<String, String> stored, boolean ofOneBroker) {
        var flaws = new TreeMap<String, String>();
        stored.forEach((name, text) -> flaw(name, text, ofOneBroker).ifPresent(reason -> flaws.put(name, reason)));
        return flaws;
    }

    /** A sentence: what a broker uses for a key whose stored value is ignored; where the key is unset, what topics then get by default. */
    public static String inPlace(BrokerConfig config, String name) {
        var definition = ConfigTable.BROKER.find(name).or(() -> ConfigTable.BROKER_DYNAMIC_ONLY.find(name));
        if (definition.isEmpty() || definition.get().sensitive()) {
            return "It stays as it is in the file";
        }
        var value = ConfigType.render(config.value(name));
        if (value != null) {
            return "In its place: " + name + "=" + value;
        }
        var ofTopics = ConfigSynonyms.topicKeys(name).stream()
                .map(topicKey -> topicKey + "=" + TopicConfigs.inherited(topicKey, config))
                .collect(Collectors.joining(", "));
        return "In its place: " + (ofTopics.isEmpty() ? "none" : ofTopics);
    }

    private static Optional<String> flaw(String name, String text, boolean ofOneBroker) {
        if (isStatic(name) || EffectiveKeys.needsRestart(name)) {
            return Optional.of("it is read from the file only");
        }
        if (PER_LISTENER_ONLY.contains(name)) {
            return Optional.of("it can be set at run time for a listener only");
        }
        return !ofOneBroker && isOfOneBroker(name)
                ? Optional.of("it can be set for one broker only")
                : valueError(name, text);
    }

    /**
     * Why a broker resource may not have these configs (INVALID_REQUEST); empty if it may.
     *
     * @param current this node's configuration now
     * @param proposed everything the resource would set
     * @param ofOneBroker false: the defaults of all brokers
     */
    public static Optional<String> refusal(BrokerConfig current, Map<String, String> proposed, boolean ofOneBroker) {
        var refusal = refusalOfNames(
                        proposed,
                        name -> isStatic(name) || EffectiveKeys.needsRestart(name),
                        "Cannot update these configs dynamically")
                .or(
                        () -> refusalOfNames(
                                proposed,
                                PER_LISTENER_ONLY::contains,
                                "These security configs can be dynamically updated only per-listener using the listener prefix"))
                .or(() -> proposed.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .flatMap(entry -> valueError(entry.getKey(), entry.getValue()).stream())
                        .findFirst());
        if (refusal.isEmpty() && !ofOneBroker) {
            refusal = refusalOfNames(
                    proposed,
                    DynamicConfigs::isOfOneBroker,
                    "Cannot update these configs at default cluster level, broker id must be specified");
        }
        return refusal.or(() -> refusalTogether(current, proposed, ofOneBroker));
    }

    private static Optional<String> refusalOfNames(
            Map<String, String> proposed, Predicate<String> refused, String sentence) {
        var names = new TreeSet<>(proposed.keySet());
        names.removeIf(refused.negate());
        return names.isEmpty() ? Optional.empty() : Optional.of(sentence + ": " + names);
    }

    private static boolean isStatic(String name) {
        return ConfigTable.BROKER.contains(name)
                && !ConfigTable.BROKER.get(name).dynamic();
    }

    private static boolean isOfOneBroker(String name) {
        var base = ConfigSynonyms.listenerBase(name);
        return base == null
                ? ConfigTable.BROKER
                        .find(name)
                        .map(key -> key.updateMode() == UpdateMode.PER_BROKER)
                        .orElse(false)
                : !LISTENER_KEYS_OF_THE_CLUSTER.contains(base);
    }

    /** By itself: of another type, out of its range, or out of that of the topic key whose default it is. */
    private static Optional<String> valueError(String name, String text) {
        var base = ConfigSynonyms.listenerBase(name);
        var key = base == null ? name : base;
        try {
            ConfigTable.BROKER
                    .find(key)
                    .or(() -> ConfigTable.BROKER_DYNAMIC_ONLY.find(key))
                    .ifPresent(definition -> definition.parse(text));
            if (base == null) {
                DefaultsOfTopics.check(key, text);
            }
            if (CONNECTIONS.contains(key) && Integer.parseInt(text.trim()) == 0) {
                throw new ConfigException("Invalid " + key + " 0");
            }
            return Optional.empty();
        } catch (ConfigException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static Optional<String> refusalTogether(
            BrokerConfig current, Map<String, String> proposed, boolean ofOneBroker) {
        var layers = current.layers();
        try {
            var next = ofOneBroker
                    ? current.withDynamic(layers.ofCluster(), proposed)
                    : current.withDynamic(proposed, layers.ofBroker());
            ConfigChecks.checkTogether(next);
            for (var key : THREADS) {
                checkThreads(key, current.intValue(key), next.intValue(key));
            }
            checkCleanerThreads(current.intValue(CLEANER_THREADS), next.intValue(CLEANER_THREADS));
            checkLocalRetention(next, "log.local.retention.ms", "retention.ms", "log.retention.ms");
            checkLocalRetention(next, "log.local.retention.bytes", "retention.bytes", "log.retention.bytes");
            return Optional.empty();
        } catch (ConfigException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static void checkThreads(String key, int now, int next) {
        if (next == now) {
            return;
        }
        var failed = "Dynamic thread count update validation failed for " + key + "=" + next;
        if (next <= 0) {
            throw new ConfigException(failed + ", value should be at least 1");
        }
        if (next < now / 2) {
            throw new ConfigException(failed + ", value should be at least half the current value " + now);
        }
        if (next > now * 2) {
            throw new ConfigException(failed + ", value should not be greater than double the current value " + now);
        }
    }

    private static void checkCleanerThreads(int now, int next) {
        if (next == now) {
            return;
        }
        if (next < 1) {
            throw new ConfigException("Log cleaner threads should be at least 1");
        }
        if (next < now / 2) {
            throw new ConfigException(
                    "Log cleaner threads cannot be reduced to less than half the current value " + now);
        }
        if (next > now * 2) {
            throw new ConfigException(
                    "Log cleaner threads cannot be increased to more than double the current value " + now);
        }
    }

    /** What stays local of a tiered log may not exceed what is kept at all; -2 follows the whole. */
    private static void checkLocalRetention(BrokerConfig next, String localKey, String topicKey, String wholeKey) {
        long whole = (Long) TopicConfigs.value(topicKey, next, Map.of());
        long local = next.longValue(localKey);
        if (whole == -1 || local == -2) {
            return;
        }
        if (local == -1) {
            throw new ConfigException(
                    localKey, local, "Value must not be -1 as " + wholeKey + " value is set as " + whole + ".");
        }
        if (local > whole) {
            throw new ConfigException(
                    localKey, local, "Value must not be more than " + wholeKey + " property value: " + whole);
        }
    }
}
