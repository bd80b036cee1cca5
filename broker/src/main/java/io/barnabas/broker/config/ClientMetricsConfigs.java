package io.barnabas.broker.config;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What may be set on a client metrics subscription (KIP-714). Stateless, any thread. */
public final class ClientMetricsConfigs {
    private static final int LEAST_INTERVAL_MS = 100;
    private static final int MOST_INTERVAL_MS = 3_600_000;
    private static final Set<String> SELECTORS = Set.of(
            "client_id",
            "client_instance_id",
            "client_software_name",
            "client_software_version",
            "client_source_address",
            "client_source_port");

    private ClientMetricsConfigs() {}

    /** The error a refusal goes out with. */
    public enum Kind {
        INVALID_REQUEST,
        INVALID_CONFIG
    }

    /** Why a subscription may not have these configs. */
    public record Refusal(Kind kind, String message) {}

    /** Null if nothing is wrong. */
    public static Refusal refusal(String subscription, Map<String, String> configs) {
        if (subscription.isEmpty()) {
            return new Refusal(Kind.INVALID_REQUEST, "Subscription name can't be empty");
        }
        for (var name : new TreeMap<>(configs).keySet()) {
            if (!ConfigTable.CLIENT_METRICS.contains(name)) {
                return new Refusal(Kind.INVALID_REQUEST, "Unknown client metrics configuration: " + name);
            }
        }
        try {
            for (var entry : configs.entrySet()) {
                var value = ConfigTable.CLIENT_METRICS.get(entry.getKey()).parse(entry.getValue());
                if (entry.getKey().equals("interval.ms") && isOutOfRange((Integer) value)) {
                    return new Refusal(
                            Kind.INVALID_REQUEST,
                            "Invalid value " + value
                                    + " for interval.ms, interval must be between 100 and 3600000 (1 hour)");
                }
                if (entry.getKey().equals("match")) {
                    checkMatch((List<?>) value);
                }
            }
            return null;
        } catch (ConfigException e) {
            return new Refusal(Kind.INVALID_CONFIG, e.getMessage());
        }
    }

    private static boolean isOutOfRange(int intervalMs) {
        return intervalMs < LEAST_INTERVAL_MS || intervalMs > MOST_INTERVAL_MS;
    }

    private static void checkMatch(List<?> patterns) {
        for (var pattern : patterns) {
            var parts = pattern.toString().split("=");
            if (parts.length != 2 || !SELECTORS.contains(parts[0].trim()) || !compiles(parts[1].trim())) {
                throw new ConfigException("Illegal client matching pattern: " + pattern);
            }
        }
    }

    private static boolean compiles(String regex) {
        try {
            Pattern.compile(regex);
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }
}
