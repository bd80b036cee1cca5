package io.barnabas.protocol.generator;

/** Emits the method that tells all error codes in a response: its own and those of the structs in it. */
final class ErrorCodesEmitter {
    private static final String ERROR_CODE = "ErrorCode";

    private final Schemas.Message message;
    private final Source out;

    ErrorCodesEmitter(Schemas.Message message, Source out) {
        this.message = message;
        this.out = out;
    }

    /** Nothing for a struct without any. */
    void emit(Schemas.Struct struct, boolean overrides) {
        if (!message.type().equals("response") || !hasErrors(struct)) {
            return;
        }
        out.line("");
        if (overrides) {
            out.line("@Override");
        } else {
            out.line("/** See {@link Message#errorCodes}. */");
        }
        out.line("public void errorCodes(IntConsumer codes) {");
        for (var field : struct.fields()) {
            if (isErrorCode(field)) {
                out.line("codes.accept(this." + field.name() + ");");
            } else if (structOf(field.type()) != null && hasErrors(structOf(field.type()))) {
                emitNested(field);
            }
        }
        out.line("}");
    }

    private void emitNested(Schemas.Field field) {
        var value = "this." + field.name();
        out.line("if (" + value + " != null) {");
        if (field.type().kind() == FieldType.Kind.ARRAY) {
            out.line("for (int i = 0; i < " + value + ".size(); i++) {");
            out.line(value + ".get(i).errorCodes(codes);");
            out.line("}");
        } else {
            out.line(value + ".errorCodes(codes);");
        }
        out.line("}");
    }

    private boolean hasErrors(Schemas.Struct struct) {
        return struct.fields().stream()
                .anyMatch(field ->
                        isErrorCode(field) || structOf(field.type()) != null && hasErrors(structOf(field.type())));
    }

    private static boolean isErrorCode(Schemas.Field field) {
        return field.schemaName().equals(ERROR_CODE) && field.type().kind() == FieldType.Kind.INT16;
    }

    /** The struct that a field holds one or many of; null if it holds none. */
    private Schemas.Struct structOf(FieldType type) {
        var held = type.kind() == FieldType.Kind.ARRAY ? type.element() : type;
        return held.kind() != FieldType.Kind.STRUCT
                ? null
                : message.nested().stream()
                        .filter(struct -> struct.name().equals(held.javaType()))
                        .findFirst()
                        .orElseThrow();
    }
}
