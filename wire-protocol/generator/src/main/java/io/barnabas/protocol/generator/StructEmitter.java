package io.barnabas.protocol.generator;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Emits the fields and methods of one struct: the message itself or one nested in it. */
final class StructEmitter {
    private final Schemas.Message message;
    private final Schemas.Struct struct;
    private final Source out;
    private final VersionRange known;
    private final VersionRange flexible;

    StructEmitter(Schemas.Message message, Schemas.Struct struct, Source out) {
        this.message = message;
        this.struct = struct;
        this.out = out;
        this.known = struct.versions();
        this.flexible = message.flexible().and(known);
    }

    void emitMembers(boolean overrides) {
        for (var field : struct.fields()) {
            out.line("private " + field.type().javaType() + " " + field.name() + ";");
        }
        emitConstructor();
        new ReadEmitter(struct, flexible, out).emit();
        emitWrite(overrides);
        struct.fields().forEach(this::emitAccessors);
        emitEquals();
        emitToString();
        new ErrorCodesEmitter(message, out).emit(struct, overrides);
    }

    private void emitConstructor() {
        out.line("").line("/** Every field has the default of its schema. */");
        out.line("public " + struct.name() + "() {");
        for (var field : struct.fields()) {
            out.line("this." + field.name() + " = " + Values.defaultOf(field) + ";");
        }
        out.line("}");
    }

    private void emitWrite(boolean overrides) {
        out.line("");
        out.line("/** Throws IllegalStateException if a field is set that this version cannot carry. */");
        if (overrides) {
            out.line("@Override");
        }
        out.line("public void write(WireWriter writer, short version) {");
        emitFlexible(out, flexible, known);
        for (var field : struct.fields()) {
            var plain = plainVersions(field);
            emitIf(plain.condition(known), () -> emitWriteValue(field, plain, false));
            var present = field.versions().condition(known);
            if (!field.ignorable() && !present.equals("true")) {
                var absent = present.equals("false") ? "" : "!(" + present + ") && ";
                out.line("if (" + absent + Values.isNotDefault(field) + ") {");
                out.line("throw WireWriter.notAtVersion(\"" + struct.name() + "." + field.name() + "\", version);");
                out.line("}");
            }
        }
        emitIf(flexible.condition(known), this::emitWriteTagged);
        out.line("}");
    }

    private void emitWriteTagged() {
        var tagged = taggedFields(struct);
        if (tagged.isEmpty()) {
            out.line("writer.unsignedVarint(0);");
            return;
        }
        out.line("int tagged = 0;");
        for (var field : tagged) {
            out.line("if (" + carriesTag(field) + ") {").line("tagged++;").line("}");
        }
        out.line("writer.unsignedVarint(tagged);");
        for (var field : tagged) {
            out.line("if (" + carriesTag(field) + ") {");
            out.line("int start = writer.beginTagged(" + field.tag() + ");");
            emitWriteValue(field, field.tagged(), true);
            out.line("writer.endTagged(start);");
            out.line("}");
        }
    }

    private String carriesTag(Schemas.Field field) {
        var condition = field.tagged().and(flexible).condition(flexible);
        return condition.equals("true") ? Values.isNotDefault(field) : condition + " && " + Values.isNotDefault(field);
    }

    private void emitWriteValue(Schemas.Field field, VersionRange range, boolean inTag) {
        var type = field.type();
        var value = "this." + field.name();
        var compact = compact(field.flexible(), range, known);
        var nullable = field.nullable().condition(range.and(known));
        boolean mayBeNull = !nullable.equals("false");
        if (mayBeNull && !nullable.equals("true")) {
            out.line("if (" + value + " == null && !(" + nullable + ")) {");
            out.line("throw WireWriter.notNullable(\"" + struct.name() + "." + field.name() + "\", version);");
            out.line("}");
        }
        switch (type.kind()) {
            case STRUCT -> {
                if (mayBeNull) {
                    out.line("if (" + value + " == null) {");
                    out.line(inTag ? "writer.unsignedVarint(0);" : "writer.int8((byte) -1);");
                    out.line("} else {");
                    out.line(inTag ? "writer.unsignedVarint(1);" : "writer.int8((byte) 1);");
                    out.line(value + ".write(writer, version);");
                    out.line("}");
                } else {
                    out.line(value + ".write(writer, version);");
                }
            }
            case ARRAY -> emitWriteArray(type.element(), value, compact, mayBeNull);
            default -> {
                var method = mayBeNull && type.kind().hasLength() ? nullableMethod(type.kind()) : type.kind().method;
                out.line("writer." + method + "(" + value + (type.kind().hasLength() ? ", " + compact : "") + ");");
            }
        }
    }

    private void emitWriteArray(FieldType element, String value, String compact, boolean mayBeNull) {
        if (mayBeNull) {
            out.line("if (" + value + " == null) {")
                    .line("writer.nullArray(" + compact + ");")
                    .line("} else {");
        }
        out.line("writer.arrayLength(" + value + ".size(), " + compact + ");");
        // By index: no iterator per list, and these lists are array lists.
        out.line("for (int i = 0; i < " + value + ".size(); i++) {");
        var item = value + ".get(i)";
        out.line(
                element.kind() == FieldType.Kind.STRUCT
                        ? item + ".write(writer, version);"
                        : "writer." + element.kind().method + "(" + item
                                + (element.kind().hasLength() ? ", " + compact : "") + ");");
        out.line("}");
        if (mayBeNull) {
            out.line("}");
        }
    }

    private void emitAccessors(Schemas.Field field) {
        var about = field.about().replace("*/", "* /").replace("<", "&lt;").replace("\n", " ");
        out.line("");
        if (!about.isEmpty()) {
            out.line("/** " + about + " */");
        }
        out.line("public " + field.type().javaType() + " " + field.name() + "() {");
        out.line("return " + field.name() + ";").line("}").line("");
        out.line("public " + struct.name() + " " + field.name() + "("
                + field.type().javaType() + " v) {");
        out.line("this." + field.name() + " = v;").line("return this;").line("}");
    }

    private void emitEquals() {
        out.line("").line("@Override").line("public boolean equals(Object other) {");
        if (struct.fields().isEmpty()) {
            out.line("return other instanceof " + struct.name() + ";").line("}");
        } else {
            out.line("return other instanceof " + struct.name() + " that");
            for (var field : struct.fields()) {
                out.line("        && " + Values.areEqual(field));
            }
            out.line(";").line("}");
        }
        out.line("").line("@Override").line("public int hashCode() {").line("int hash = 1;");
        for (var field : struct.fields()) {
            out.line("hash = 31 * hash + " + Values.hashOf(field) + ";");
        }
        out.line("return hash;").line("}");
    }

    private void emitToString() {
        var fields = struct.fields().stream()
                .map(field -> "\"" + field.name() + "=\" + " + Values.shown(message, field))
                .collect(Collectors.joining(" + \", \" + "));
        out.line("").line("@Override").line("public String toString() {");
        out.line("return \"" + struct.name() + "(\" + " + (fields.isEmpty() ? "" : fields + " + ") + "\")\";");
        out.line("}");
    }

    private void emitIf(String condition, Runnable body) {
        if (condition.equals("false")) {
            return;
        }
        if (condition.equals("true")) {
            body.run();
            return;
        }
        out.line("if (" + condition + ") {");
        body.run();
        out.line("}");
    }

    static void emitFlexible(Source out, VersionRange flexible, VersionRange known) {
        var condition = flexible.condition(known);
        if (!condition.equals("true") && !condition.equals("false")) {
            out.line("boolean flexible = " + condition + ";");
        }
    }

    /** The versions in which a field stands at its place in the struct, not among the tagged ones. */
    static VersionRange plainVersions(Schemas.Field field) {
        if (field.tagged().isEmpty()) {
            return field.versions();
        }
        var before = new VersionRange(field.versions().lowest(), field.tagged().lowest() - 1);
        return before.isEmpty() ? VersionRange.NONE : before;
    }

    static List<Schemas.Field> taggedFields(Schemas.Struct struct) {
        return struct.fields().stream()
                .filter(field -> !field.tagged().isEmpty())
                .sorted(Comparator.comparingInt(Schemas.Field::tag))
                .toList();
    }

    static String compact(VersionRange flexible, VersionRange range, VersionRange known) {
        var condition = flexible.condition(range.and(known));
        return condition.equals("true") || condition.equals("false") ? condition : "flexible";
    }

    static String nullableMethod(FieldType.Kind kind) {
        return "nullable" + Character.toUpperCase(kind.method.charAt(0)) + kind.method.substring(1);
    }
}
