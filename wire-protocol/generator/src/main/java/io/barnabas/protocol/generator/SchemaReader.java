package io.barnabas.protocol.generator;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Reads Kafka's schema files: JSON with comments. */
final class SchemaReader {
    private final JsonMapper json =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build();

    Schemas.Message read(InputStream in) throws IOException {
        return new Reading(json.readTree(in)).message();
    }

    /** The reading of one file; collects the nested structs on its way. */
    private static final class Reading {
        private final JsonNode root;
        private final List<Schemas.Struct> nested = new ArrayList<>();
        private VersionRange versions;
        private VersionRange flexible;

        Reading(JsonNode root) {
            this.root = root;
        }

        Schemas.Message message() {
            versions = VersionRange.parse(root.get("validVersions").asText());
            flexible = root.has("flexibleVersions")
                    ? VersionRange.parse(root.get("flexibleVersions").asText()).and(versions)
                    : VersionRange.NONE;
            var name = root.get("name").asText();
            for (var common : root.path("commonStructs")) {
                var range = VersionRange.parse(common.get("versions").asText()).and(versions);
                nested.add(new Schemas.Struct(common.get("name").asText(), range, fields(common.get("fields"), range)));
            }
            var top = new Schemas.Struct(name, versions, fields(root.path("fields"), versions));
            Set<String> listeners = new LinkedHashSet<>();
            root.path("listeners").forEach(listener -> listeners.add(listener.asText()));
            return new Schemas.Message(
                    root.get("type").asText(),
                    name,
                    root.path("apiKey").asInt(-1),
                    versions,
                    flexible,
                    root.path("latestVersionUnstable").asBoolean(false),
                    listeners,
                    top,
                    nested);
        }

        private List<Schemas.Field> fields(JsonNode array, VersionRange parent) {
            List<Schemas.Field> fields = new ArrayList<>();
            array.forEach(node -> fields.add(field(node, parent)));
            return fields;
        }

        private Schemas.Field field(JsonNode node, VersionRange parent) {
            var tagged = range(node, "taggedVersions", VersionRange.NONE).and(parent);
            var present = range(node, "versions", tagged).and(parent);
            var type = FieldType.parse(
                    node.get("type").asText(), node.path("zeroCopy").asBoolean(false));
            if (node.has("fields")) {
                var struct =
                        type.element() == null ? type.struct() : type.element().struct();
                nested.add(new Schemas.Struct(struct, present, fields(node.get("fields"), present)));
            }
            var defaultNode = node.get("default");
            return new Schemas.Field(
                    node.get("name").asText(),
                    type,
                    present,
                    range(node, "nullableVersions", VersionRange.NONE).and(present),
                    tagged,
                    range(node, "flexibleVersions", flexible).and(flexible),
                    node.path("tag").asInt(-1),
                    node.path("ignorable").asBoolean(false),
                    defaultNode == null || defaultNode.isNull() ? null : defaultNode.asText(),
                    node.path("about").asText(""));
        }

        private static VersionRange range(JsonNode node, String key, VersionRange otherwise) {
            return node.has(key) ? VersionRange.parse(node.get(key).asText()) : otherwise;
        }
    }
}
