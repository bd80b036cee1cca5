package io.barnabas.broker.config;

/**
 * A configuration that cannot be used. The message is one sentence for the person who wrote it; where Kafka has a wording
 * ("Invalid value … for configuration …"), it is Kafka's.
 */
public final class ConfigException extends RuntimeException {

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String name, Object value, String reason) {
        super("Invalid value " + value + " for configuration " + name + ": " + reason);
    }
}
