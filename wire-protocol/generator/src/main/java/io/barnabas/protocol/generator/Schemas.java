package io.barnabas.protocol.generator;

import java.util.List;
import java.util.Set;

/** The schema of one message as values, with every version range already cut to what can occur. */
final class Schemas {
    private Schemas() {}

    /**
     * @param apiKey the API key, the metadata record type or the coordinator record type; -1 without
     * @param unstable whether the highest version is not yet released
     */
    record Message(
            String type,
            String name,
            int apiKey,
            VersionRange versions,
            VersionRange flexible,
            boolean unstable,
            Set<String> listeners,
            Struct top,
            List<Struct> nested) {}

    record Struct(String name, VersionRange versions, List<Field> fields) {}

    /**
     * @param flexible the versions in which lengths are written in the compact form
     * @param tag -1 for a field that is never tagged
     * @param defaultText null for the type's own default, "null" for null
     */
    record Field(
            String schemaName,
            FieldType type,
            VersionRange versions,
            VersionRange nullable,
            VersionRange tagged,
            VersionRange flexible,
            int tag,
            boolean ignorable,
            String defaultText,
            String about) {
        private static final Set<String> RESERVED = Set.of("default", "package", "class", "switch", "case", "new");

        String name() {
            var lower = Character.toLowerCase(schemaName.charAt(0)) + schemaName.substring(1);
            return RESERVED.contains(lower) ? lower + "_" : lower;
        }

        boolean defaultsToNull() {
            return "null".equals(defaultText);
        }
    }
}
