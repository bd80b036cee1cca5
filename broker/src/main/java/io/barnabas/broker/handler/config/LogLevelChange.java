package io.barnabas.broker.handler.config;

import java.util.logging.Level;

import io.barnabas.broker.logging.Logging;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A change of log levels (KIP-412): applied to this process at once, and forgotten when it ends. */
final class LogLevelChange {
    private static final Logger LOG = LoggerFactory.getLogger(LogLevelChange.class);
    private static final String LEVELS = "DEBUG, ERROR, FATAL, INFO, TRACE, WARN";

    private LogLevelChange() {}

    static Outcome apply(ConfigChange change, int brokerId, boolean validateOnly) {
        try {
            int id = Integer.parseInt(change.resourceName());
            if (id != brokerId) {
                return Outcome.invalidRequest("Unexpected node id. Expected " + brokerId + ", but received " + id);
            }
        } catch (NumberFormatException e) {
            return Outcome.invalidRequest("Node id must be an integer, but it is: " + change.resourceName());
        }
        for (var item : change.items()) {
            var refusal = refusal(item);
            if (refusal != null) {
                return refusal;
            }
        }
        if (!validateOnly) {
            change.items().forEach(LogLevelChange::apply);
        }
        return Outcome.DONE;
    }

    private static Outcome refusal(ConfigChange.Item item) {
        switch (item.operation()) {
            case ConfigChange.SET, ConfigChange.DELETE -> {
                if (!Logging.exists(item.name())) {
                    return Outcome.invalidConfig("Logger " + item.name() + " does not exist!");
                }
                if (item.operation() == ConfigChange.SET) {
                    return Logging.levelNamed(item.value()).isPresent()
                            ? null
                            : Outcome.invalidConfig("Cannot set the log level of " + item.name() + " to "
                                    + item.value() + " as it is not a supported log level. Valid log levels are "
                                    + LEVELS);
                }
                return item.name().equals(Logging.ROOT)
                        ? Outcome.invalidRequest("Removing the log level of the root logger is not allowed")
                        : null;
            }
            case ConfigChange.APPEND, ConfigChange.SUBTRACT -> {
                return Outcome.invalidRequest((item.operation() == ConfigChange.APPEND ? "APPEND" : "SUBTRACT")
                        + " operation is not allowed for the BROKER_LOGGER resource");
            }
            default -> {
                return Outcome.invalidRequest("Unknown operation type " + item.operation()
                        + " is not allowed for the BROKER_LOGGER resource");
            }
        }
    }

    private static void apply(ConfigChange.Item item) {
        Level level = item.operation() == ConfigChange.SET
                ? Logging.levelNamed(item.value()).orElseThrow()
                : null;
        Logging.setLevel(item.name(), level);
        LOG.warn("The log level of {} is now {}", item.name(), level == null ? "its parent's" : item.value());
    }
}
