package io.barnabas.protocol.generator;

/** The type of a schema field, and the Java types that stand for it. {@code struct} and {@code element} may be null. */
record FieldType(Kind kind, String struct, FieldType element) {
    enum Kind {
        BOOL("boolean", "Boolean", "bool"),
        INT8("byte", "Byte", "int8"),
        INT16("short", "Short", "int16"),
        UINT16("int", "Integer", "uint16"),
        INT32("int", "Integer", "int32"),
        UINT32("long", "Long", "uint32"),
        INT64("long", "Long", "int64"),
        FLOAT64("double", "Double", "float64"),
        UUID("Uuid", "Uuid", "uuid"),
        STRING("String", "String", "string"),
        BYTES("byte[]", "byte[]", "bytes"),
        BUFFER("ByteBuffer", "ByteBuffer", "buffer"),
        RECORDS("RecordBytes", "RecordBytes", "records"),
        STRUCT(null, null, null),
        ARRAY(null, null, null);

        final String javaType;
        final String boxedType;
        /** Name of the method of WireReader and WireWriter. */
        final String method;

        Kind(String javaType, String boxedType, String method) {
            this.javaType = javaType;
            this.boxedType = boxedType;
            this.method = method;
        }

        boolean isPrimitive() {
            return ordinal() <= FLOAT64.ordinal();
        }

        /** Has a length on the wire, which is written differently in flexible versions. */
        boolean hasLength() {
            return this == STRING || this == BYTES || this == BUFFER || this == RECORDS;
        }
    }

    static FieldType parse(String text, boolean zeroCopy) {
        if (text.startsWith("[]")) {
            return new FieldType(Kind.ARRAY, null, parse(text.substring(2), false));
        }
        if (zeroCopy && text.equals("bytes")) {
            return new FieldType(Kind.BUFFER, null, null);
        }
        for (var kind : Kind.values()) {
            if (text.equals(kind.method) && kind != Kind.BUFFER) {
                return new FieldType(kind, null, null);
            }
        }
        return new FieldType(Kind.STRUCT, text, null);
    }

    String javaType() {
        return switch (kind) {
            case STRUCT -> struct;
            case ARRAY -> "List<" + element.boxedType() + ">";
            default -> kind.javaType;
        };
    }

    private String boxedType() {
        return kind == Kind.STRUCT ? struct : kind == Kind.ARRAY ? javaType() : kind.boxedType;
    }
}
