package io.barnabas.protocol.generator;

/** Java expressions about the values of a field: its default, and whether it holds another value than that. */
final class Values {
    private Values() {}

    static String defaultOf(Schemas.Field field) {
        var text = field.defaultText();
        if (field.defaultsToNull()) {
            return "null";
        }
        boolean given = text != null && !text.isEmpty();
        return switch (field.type().kind()) {
            case BOOL -> given ? text.toLowerCase(java.util.Locale.ROOT) : "false";
            case INT8 -> "(byte) " + (given ? Long.decode(text) : 0);
            case INT16 -> "(short) " + (given ? Long.decode(text) : 0);
            case UINT16, INT32 -> String.valueOf(given ? Long.decode(text) : 0);
            case UINT32, INT64 -> (given ? Long.decode(text) : 0) + "L";
            case FLOAT64 -> given ? String.valueOf(Double.parseDouble(text)) : "0.0";
            case UUID -> "Uuid.ZERO";
            case STRING -> '"' + (given ? text : "") + '"';
            case BYTES -> "WireReader.NO_BYTES";
            case BUFFER -> "WireReader.NO_BUFFER";
            case RECORDS -> "null";
            case STRUCT -> "new " + field.type().struct() + "()";
            case ARRAY -> "new ArrayList<>()";
        };
    }

    static String isNotDefault(Schemas.Field field) {
        var value = "this." + field.name();
        var standard = defaultOf(field);
        if (standard.equals("null")) {
            return value + " != null";
        }
        return switch (field.type().kind()) {
            case BOOL, INT8, INT16, UINT16, INT32, UINT32, INT64, FLOAT64 -> value + " != " + standard;
            case UUID, STRING, STRUCT ->
                "!" + (standard.startsWith("new") ? "(" + standard + ")" : standard) + ".equals(" + value + ")";
            case BYTES -> "(" + value + " == null || " + value + ".length != 0)";
            case BUFFER -> "(" + value + " == null || " + value + ".hasRemaining())";
            case ARRAY -> "(" + value + " == null || !" + value + ".isEmpty())";
            case RECORDS -> throw new IllegalArgumentException("the default of records is null");
        };
    }

    static String areEqual(Schemas.Field field) {
        var name = field.name();
        return switch (field.type().kind()) {
            case BOOL, INT8, INT16, UINT16, INT32, UINT32, INT64 -> name + " == that." + name;
            case FLOAT64 -> "Double.compare(" + name + ", that." + name + ") == 0";
            case BYTES -> "Arrays.equals(" + name + ", that." + name + ")";
            default -> "Objects.equals(" + name + ", that." + name + ")";
        };
    }

    static String hashOf(Schemas.Field field) {
        var name = field.name();
        return switch (field.type().kind()) {
            case BOOL -> "Boolean.hashCode(" + name + ")";
            case INT8, INT16, UINT16, INT32 -> name;
            case UINT32, INT64 -> "Long.hashCode(" + name + ")";
            case FLOAT64 -> "Double.hashCode(" + name + ")";
            case BYTES -> "Arrays.hashCode(" + name + ")";
            default -> "Objects.hashCode(" + name + ")";
        };
    }

    /** What toString shows: sizes instead of payloads, nothing of a secret. */
    static String shown(Schemas.Message message, Schemas.Field field) {
        var name = field.name();
        var lower = field.schemaName().toLowerCase(java.util.Locale.ROOT);
        boolean configValue = lower.equals("value")
                && (message.name().contains("AlterConfigs") || message.name().equals("ConfigRecord"));
        if (lower.contains("password") || lower.contains("hmac") || configValue) {
            return "(" + name + " == null ? \"null\" : \"hidden\")";
        }
        return switch (field.type().kind()) {
            case BYTES -> "(" + name + " == null ? \"null\" : " + name + ".length + \" bytes\")";
            case BUFFER -> "(" + name + " == null ? \"null\" : " + name + ".remaining() + \" bytes\")";
            default -> name;
        };
    }
}
