package io.barnabas.protocol.generator;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Emits the enum of all APIs from the request and response schemas. */
final class ApiKeyEmitter {
    private final Map<Integer, Schemas.Message> requests = new TreeMap<>();
    private final Map<Integer, Schemas.Message> responses = new TreeMap<>();

    ApiKeyEmitter(List<Schemas.Message> messages) {
        for (var message : messages) {
            (message.type().equals("request") ? requests : responses).put(message.apiKey(), message);
        }
    }

    String source() {
        var out = new Source();
        out.line("package io.barnabas.protocol;").line("");
        out.line("import java.util.Optional;").line("");
        out.line("import io.barnabas.protocol.wire.ApiMessage;");
        out.line("import io.barnabas.protocol.wire.MalformedMessageException;");
        out.line("import io.barnabas.protocol.wire.WireReader;").line("");
        out.line(
                "/** Every API of Kafka's protocol, with the versions its schema knows. Generated from the schemas. */");
        out.line("public enum ApiKey {");
        List<String> constants = new ArrayList<>();
        for (var request : requests.values()) {
            constants.add(constant(request));
        }
        out.line(constants.stream().collect(Collectors.joining(",\n    ")) + ";")
                .line("");
        out.line("private static final ApiKey[] BY_ID = byId();").line("");
        for (var field : List.of(
                "short id",
                "String title",
                "short lowestVersion",
                "short highestVersion",
                "short latestVersion",
                "short firstFlexibleRequest",
                "short firstFlexibleResponse",
                "boolean onBroker",
                "boolean onController")) {
            out.line("private final " + field + ";");
        }
        out.line("");
        out.line(
                "ApiKey(int id, String title, int lowestVersion, int highestVersion, int latestVersion, int firstFlexibleRequest,"
                        + " int firstFlexibleResponse, boolean onBroker, boolean onController) {");
        for (var field : List.of(
                "id",
                "lowestVersion",
                "highestVersion",
                "latestVersion",
                "firstFlexibleRequest",
                "firstFlexibleResponse")) {
            out.line("this." + field + " = (short) " + field + ";");
        }
        out.line("this.title = title;").line("this.onBroker = onBroker;").line("this.onController = onController;");
        out.line("}").line("");
        accessor(out, "The number on the wire.", "short", "id", "id");
        accessor(out, "The name in Kafka's documentation, such as OffsetForLeaderEpoch.", "String", "title", "title");
        accessor(
                out,
                "The lowest version; above highestVersion() if Kafka has removed the API.",
                "short",
                "lowestVersion",
                "lowestVersion");
        accessor(out, "The highest released version.", "short", "highestVersion", "highestVersion");
        accessor(out, "The highest version of the schema, released or not.", "short", "latestVersion", "latestVersion");
        accessor(out, "Whether Kafka serves it on a broker's listeners.", "boolean", "onBroker", "onBroker");
        accessor(
                out, "Whether Kafka serves it on a controller's listeners.", "boolean", "onController", "onController");
        out.line("public static Optional<ApiKey> of(short id) {");
        out.line("return id < 0 || id >= BY_ID.length ? Optional.empty() : Optional.ofNullable(BY_ID[id]);");
        out.line("}").line("");
        out.line("/** 2 with tagged fields, 1 without. */");
        out.line("public short requestHeaderVersion(short apiVersion) {");
        out.line("return (short) (apiVersion >= firstFlexibleRequest ? 2 : 1);")
                .line("}")
                .line("");
        out.line("/** ApiVersions stays at 0, so that a client of any age can read the answer (KIP-511). */");
        out.line("public short responseHeaderVersion(short apiVersion) {");
        out.line("return (short) (this != API_VERSIONS && apiVersion >= firstFlexibleResponse ? 1 : 0);");
        out.line("}").line("");
        reader(out, "readRequest", requests);
        out.line("");
        reader(out, "readResponse", responses);
        out.line("");
        out.line("private static ApiKey[] byId() {");
        out.line("var keys = new ApiKey[" + (((TreeMap<Integer, ?>) requests).lastKey() + 1) + "];");
        out.line("for (var key : values()) {").line("keys[key.id] = key;").line("}");
        out.line("return keys;").line("}");
        return out.line("}").toString();
    }

    private String constant(Schemas.Message request) {
        var response = responses.get(request.apiKey());
        var title = title(request);
        int latest = request.versions().highest();
        int stable = request.unstable() ? latest - 1 : latest;
        return "%s(%d, \"%s\", %d, %d, %d, %s, %s, %b, %b)"
                .formatted(
                        constantName(title),
                        request.apiKey(),
                        title,
                        request.versions().lowest(),
                        stable,
                        latest,
                        firstFlexible(request),
                        firstFlexible(response),
                        request.listeners().contains("broker"),
                        request.listeners().contains("controller"));
    }

    /** The name of the API: that of its request or response without the ending. */
    private static String title(Schemas.Message message) {
        return message.name().replaceAll("(Request|Response)$", "");
    }

    private static String constantName(String title) {
        return title.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }

    private static String firstFlexible(Schemas.Message message) {
        return message.flexible().isEmpty()
                ? "Short.MAX_VALUE"
                : String.valueOf(message.flexible().lowest());
    }

    private static void accessor(Source out, String doc, String type, String name, String field) {
        out.line("/** " + doc + " */").line("public " + type + " " + name + "() {");
        out.line("return " + field + ";").line("}").line("");
    }

    private static void reader(Source out, String method, Map<Integer, Schemas.Message> messages) {
        out.line("public ApiMessage " + method + "(WireReader reader, short version) {");
        out.line("if (version < lowestVersion || version > latestVersion) {");
        out.line("throw new MalformedMessageException(title + \" has no version \" + version);")
                .line("}");
        out.line("return switch (this) {");
        for (var message : messages.values()) {
            if (!message.versions().isEmpty()) {
                out.line("case " + constantName(title(message)) + " -> io.barnabas.protocol.message." + message.name()
                        + ".read(reader, version);");
            }
        }
        out.line("default -> throw new MalformedMessageException(title + \" was removed from Kafka's protocol\");");
        out.line("};").line("}");
    }
}
