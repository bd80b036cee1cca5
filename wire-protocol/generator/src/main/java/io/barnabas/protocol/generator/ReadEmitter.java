package io.barnabas.protocol.generator;

/** Emits the reading half of a struct. */
final class ReadEmitter {
    private final Schemas.Struct struct;
    private final VersionRange known;
    private final VersionRange flexible;
    private final Source out;

    ReadEmitter(Schemas.Struct struct, VersionRange flexible, Source out) {
        this.struct = struct;
        this.known = struct.versions();
        this.flexible = flexible;
        this.out = out;
    }

    void emit() {
        out.line("").line("private " + struct.name() + "(WireReader reader, short version) {");
        StructEmitter.emitFlexible(out, flexible, known);
        for (var field : struct.fields()) {
            emitField(field);
        }
        emitTagged();
        out.line("}");
        out.line("").line("/** Throws MalformedMessageException if the bytes are no such message. */");
        out.line("public static " + struct.name() + " read(WireReader reader, short version) {");
        out.line("return new " + struct.name() + "(reader, version);").line("}");
    }

    private void emitField(Schemas.Field field) {
        var plain = StructEmitter.plainVersions(field);
        var condition = plain.condition(known);
        var toDefault = "this." + field.name() + " = " + Values.defaultOf(field) + ";";
        switch (condition) {
            case "true" -> emitValue(field, plain, false);
            case "false" -> out.line(toDefault);
            default -> {
                out.line("if (" + condition + ") {");
                emitValue(field, plain, false);
                out.line("} else {").line(toDefault).line("}");
            }
        }
    }

    private void emitTagged() {
        var condition = flexible.condition(known);
        if (condition.equals("false")) {
            return;
        }
        if (!condition.equals("true")) {
            out.line("if (flexible) {");
        }
        var tagged = StructEmitter.taggedFields(struct);
        if (tagged.isEmpty()) {
            out.line("reader.skipTaggedFields();");
        } else {
            out.line("int tags = reader.tagCount();");
            out.line("for (int t = 0; t < tags; t++) {");
            out.line("int tag = reader.unsignedVarint();").line("int end = reader.taggedEnd();");
            out.line("switch (tag) {");
            for (var field : tagged) {
                out.line("case " + field.tag() + " -> {");
                var valid = field.tagged().and(flexible).condition(flexible);
                if (!valid.equals("true")) {
                    out.line("if (!(" + valid + ")) {");
                    out.line("throw reader.unexpectedTag(tag, version);").line("}");
                }
                emitValue(field, field.tagged(), true);
                out.line("}");
            }
            out.line("default -> reader.skipTo(end);");
            out.line("}");
            out.line("reader.requireAt(end);");
            out.line("}");
        }
        if (!condition.equals("true")) {
            out.line("}");
        }
    }

    private void emitValue(Schemas.Field field, VersionRange range, boolean inTag) {
        var target = "this." + field.name();
        var compact = StructEmitter.compact(field.flexible(), range, known);
        var nullable = field.nullable().condition(range.and(known));
        switch (field.type().kind()) {
            case STRUCT -> emitStruct(field.type().struct(), target, nullable, inTag);
            case ARRAY -> emitArray(field, target, compact, nullable);
            default -> out.line(target + " = " + scalar(field.type().kind(), compact, nullable) + ";");
        }
    }

    private void emitStruct(String type, String target, String nullable, boolean inTag) {
        var read = "new " + type + "(reader, version)";
        if (nullable.equals("false")) {
            out.line(target + " = " + read + ";");
            return;
        }
        var isNull = inTag ? "reader.unsignedVarint() == 0" : "reader.int8() < 0";
        var guarded = nullable.equals("true") ? isNull : "(" + nullable + ") && " + isNull;
        out.line(target + " = " + guarded + " ? null : " + read + ";");
    }

    private void emitArray(Schemas.Field field, String target, String compact, String nullable) {
        var element = field.type().element();
        out.line("{");
        out.line("int length = " + choose(nullable, "nullableArrayLength", "arrayLength", compact) + ";");
        if (!nullable.equals("false")) {
            out.line("if (length < 0) {").line(target + " = null;").line("} else {");
        }
        out.line(field.type().javaType() + " items = new ArrayList<>(length);");
        out.line("for (int i = 0; i < length; i++) {");
        out.line("items.add("
                + (element.kind() == FieldType.Kind.STRUCT
                        ? "new " + element.struct() + "(reader, version)"
                        : scalar(element.kind(), compact, "false"))
                + ");");
        out.line("}");
        out.line(target + " = items;");
        if (!nullable.equals("false")) {
            out.line("}");
        }
        out.line("}");
    }

    private static String scalar(FieldType.Kind kind, String compact, String nullable) {
        return kind.hasLength()
                ? choose(nullable, StructEmitter.nullableMethod(kind), kind.method, compact)
                : "reader." + kind.method + "()";
    }

    private static String choose(String nullable, String nullableMethod, String method, String compact) {
        var whenNullable = "reader." + nullableMethod + "(" + compact + ")";
        var otherwise = "reader." + method + "(" + compact + ")";
        return switch (nullable) {
            case "true" -> whenNullable;
            case "false" -> otherwise;
            default -> "(" + nullable + ") ? " + whenNullable + " : " + otherwise;
        };
    }
}
