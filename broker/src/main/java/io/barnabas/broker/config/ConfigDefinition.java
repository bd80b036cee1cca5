package io.barnabas.broker.config;

import java.util.List;

/**
 * What is known of one key.
 *
 * @param defaultText null: no value
 * @param required there is no default: the key must be given
 * @param internal listed by DescribeConfigs only where it was set
 * @param own a key of Barnabas that Kafka does not have
 */
public record ConfigDefinition(
        String name,
        ConfigType type,
        String defaultText,
        boolean required,
        Importance importance,
        String constraintText,
        UpdateMode updateMode,
        boolean internal,
        boolean own) {

    public boolean sensitive() {
        return type == ConfigType.PASSWORD;
    }

    public boolean dynamic() {
        return updateMode != UpdateMode.READ_ONLY;
    }

    /**
     * What a list names twice counts once.
     *
     * @throws ConfigException if the text is not of the type or breaks the constraint
     */
    public Object parse(String text) {
        var value = text == null ? null : type.parse(name, text);
        if (value instanceof List<?> list && constraintText.startsWith("list")) {
            value = list.stream().distinct().toList();
        }
        if (value != null || !constraintText.startsWith("list")) {
            Constraint.parse(constraintText).check(name, value);
        }
        return value;
    }

    /** @throws ConfigException if the text is not of the type or breaks the constraint */
    boolean differsFromDefault(String text) {
        return !parse(text).equals(defaultText == null ? null : parse(defaultText));
    }

    /** Whether {@link #parse} leaves out what a list names again. */
    boolean namesAnyTwice(String text) {
        return constraintText.startsWith("list")
                && type.parse(name, text) instanceof List<?> items
                && items.stream().distinct().count() < items.size();
    }

    /** A row of the table after its scope column. */
    static ConfigDefinition of(String row) {
        var cells = row.split("\t", -1);
        var none = cells[2].equals("\\-");
        return new ConfigDefinition(
                cells[0],
                ConfigType.valueOf(cells[1]),
                none || cells[2].equals("\\N") ? null : cells[2],
                none,
                Importance.valueOf(cells[3]),
                cells[4],
                switch (cells[5]) {
                    case "per-broker" -> UpdateMode.PER_BROKER;
                    case "cluster-wide" -> UpdateMode.CLUSTER_WIDE;
                    default -> UpdateMode.READ_ONLY;
                },
                cells[6].equals("internal"),
                cells[6].equals("own"));
    }
}
