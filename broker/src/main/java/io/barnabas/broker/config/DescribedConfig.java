package io.barnabas.broker.config;

import java.util.List;

/**
 * One entry of a DescribeConfigs answer.
 *
 * @param value canonical text; null where sensitive or without value
 * @param type null: unknown, as for loggers
 * @param synonyms every place that sets it, strongest first
 */
public record DescribedConfig(
        String name,
        String value,
        ConfigSource source,
        boolean readOnly,
        boolean sensitive,
        ConfigType type,
        List<Synonym> synonyms) {

    /** One place that sets a value; the value is null where sensitive. */
    public record Synonym(String name, String value, ConfigSource source) {}
}
