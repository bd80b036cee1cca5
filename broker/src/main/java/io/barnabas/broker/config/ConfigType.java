package io.barnabas.broker.config;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Type of a key, with the id DescribeConfigs v3+ (KIP-569) sends. */
public enum ConfigType {
    BOOLEAN(1),
    STRING(2),
    INT(3),
    SHORT(4),
    LONG(5),
    DOUBLE(6),
    LIST(7),
    CLASS(8),
    PASSWORD(9);

    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

    private final byte id;

    ConfigType(int id) {
        this.id = (byte) id;
    }

    public byte id() {
        return id;
    }

    /**
     * The value as Boolean, String, Integer, Short, Long, Double or List of String. Classes stay names: Barnabas loads none.
     *
     * @throws ConfigException if the text is not of this type
     */
    public Object parse(String name, String text) {
        var trimmed = text.trim();
        try {
            return switch (this) {
                case BOOLEAN -> {
                    if (trimmed.equalsIgnoreCase("true")) {
                        yield true;
                    }
                    if (trimmed.equalsIgnoreCase("false")) {
                        yield false;
                    }
                    throw new ConfigException(name, text, "Expected value to be either true or false");
                }
                case STRING, CLASS, PASSWORD -> trimmed;
                case INT -> Integer.parseInt(trimmed);
                case SHORT -> Short.parseShort(trimmed);
                case LONG -> Long.parseLong(trimmed);
                case DOUBLE -> Double.parseDouble(trimmed);
                case LIST -> trimmed.isEmpty() ? List.of() : List.of(COMMA.split(trimmed, -1));
            };
        } catch (NumberFormatException e) {
            throw new ConfigException(name, text, "Not a number of type " + this);
        }
    }

    /** The canonical text of a parsed value: what DescribeConfigs shows. */
    public static String render(Object value) {
        if (value == null) {
            return null;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(String::valueOf).collect(Collectors.joining(","));
        }
        return value.toString();
    }
}
