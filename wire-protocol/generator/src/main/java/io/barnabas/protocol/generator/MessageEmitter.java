package io.barnabas.protocol.generator;

/** Emits the class of one message with its nested structs. */
final class MessageEmitter {
    private final String javaPackage;
    private final Schemas.Message message;
    private final Source out = new Source();

    MessageEmitter(String javaPackage, Schemas.Message message) {
        this.javaPackage = javaPackage;
        this.message = message;
    }

    String source() {
        boolean keyed = message.apiKey() >= 0;
        out.line("package " + javaPackage + ";").line("");
        for (var type : new String[] {
            "java.nio.ByteBuffer",
            "java.util.ArrayList",
            "java.util.Arrays",
            "java.util.List",
            "java.util.Objects",
            "java.util.function.IntConsumer",
            "io.barnabas.protocol.Uuid",
            "io.barnabas.protocol.wire.ApiMessage",
            "io.barnabas.protocol.wire.Message",
            "io.barnabas.protocol.wire.RecordBytes",
            "io.barnabas.protocol.wire.WireReader",
            "io.barnabas.protocol.wire.WireWriter"
        }) {
            out.line("import " + type + ";");
        }
        out.line("").line("/** " + description() + " Generated from Kafka's schema; not thread-safe. */");
        out.line("public final class " + message.name() + " implements " + (keyed ? "ApiMessage" : "Message") + " {");
        if (keyed) {
            out.line("public static final short API_KEY = " + message.apiKey() + ";");
        }
        var range = message.versions();
        out.line("public static final short LOWEST_VERSION = " + range.lowest() + ";");
        out.line("public static final short HIGHEST_VERSION = " + range.highest() + ";");
        out.line("/** Short.MAX_VALUE if no version is flexible. */");
        out.line("public static final short FIRST_FLEXIBLE_VERSION = "
                + (message.flexible().isEmpty()
                        ? "Short.MAX_VALUE"
                        : message.flexible().lowest()) + ";");
        out.line("");
        new StructEmitter(message, message.top(), out).emitMembers(true);
        constant("lowestVersion", "LOWEST_VERSION");
        constant("highestVersion", "HIGHEST_VERSION");
        if (keyed) {
            constant("apiKey", "API_KEY");
        }
        for (var struct : message.nested()) {
            out.line("").line("public static final class " + struct.name() + " {");
            new StructEmitter(message, struct, out).emitMembers(false);
            out.line("}");
        }
        return out.line("}").toString();
    }

    private void constant(String method, String constant) {
        out.line("").line("@Override").line("public short " + method + "() {");
        out.line("return " + constant + ";").line("}");
    }

    private String description() {
        var range = message.versions();
        var versions = "v" + range.lowest() + "–" + range.highest();
        return switch (message.type()) {
            case "request", "response" -> "API " + message.apiKey() + " · " + message.name() + " · " + versions + ".";
            case "metadata" -> "Cluster metadata record type " + message.apiKey() + ", " + versions + ".";
            case "coordinator-key", "coordinator-value" ->
                "Coordinator record type " + message.apiKey() + ", " + versions + ".";
            default -> message.name() + ", " + versions + ".";
        };
    }
}
