package io.barnabas.protocol.message;

import java.util.random.RandomGenerator;

import io.barnabas.protocol.wire.WireWriter;
import org.apache.kafka.common.protocol.types.ArrayOf;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;

/** Random valid bytes of a message, made by walking Kafka's own description of it: independent of our generator. */
final class RandomBytes {
    private final RandomGenerator random;
    private final WireWriter out = new WireWriter();
    /** Keeps deeply nested messages small. */
    private int longestArray = 4;

    RandomBytes(RandomGenerator random) {
        this.random = random;
    }

    byte[] of(Schema schema) {
        struct(schema);
        return out.toByteArray();
    }

    private void struct(Schema schema) {
        for (var field : schema.fields()) {
            value(field.def.type, false);
        }
    }

    private void value(Type type, boolean inTag) {
        if (type instanceof Schema schema) {
            if (type.isNullable()) {
                nullableStruct(schema, inTag);
            } else {
                struct(schema);
            }
        } else if (type instanceof TaggedFields tagged) {
            tagged(tagged);
        } else if (type instanceof ArrayOf || type instanceof CompactArrayOf) {
            array(type, type instanceof CompactArrayOf);
        } else {
            scalar(type);
        }
    }

    /** A struct that may be null has a byte before it: 0 or 1 in a tagged field, -1 or 1 elsewhere. */
    private void nullableStruct(Schema schema, boolean inTag) {
        boolean isNull = random.nextInt(4) == 0;
        out.int8((byte) (isNull ? (inTag ? 0 : -1) : 1));
        if (!isNull) {
            struct(schema);
        }
    }

    private void array(Type type, boolean compact) {
        if (type.isNullable() && random.nextInt(4) == 0) {
            out.nullArray(compact);
            return;
        }
        int length = random.nextInt(longestArray);
        longestArray = Math.max(2, longestArray - 1);
        out.arrayLength(length, compact);
        for (int i = 0; i < length; i++) {
            value(type.arrayElementType().orElseThrow(), false);
        }
        longestArray = Math.min(4, longestArray + 1);
    }

    private void tagged(TaggedFields tagged) {
        var chosen = tagged.fields().entrySet().stream()
                .filter(entry -> random.nextInt(3) > 0)
                .sorted(java.util.Map.Entry.comparingByKey())
                .toList();
        out.unsignedVarint(chosen.size());
        for (var entry : chosen) {
            int start = out.beginTagged(entry.getKey());
            value(entry.getValue().type, true);
            out.endTagged(start);
        }
    }

    private void scalar(Type type) {
        var name = type.toString();
        boolean isNull = type.isNullable() && random.nextInt(4) == 0;
        boolean compact = name.startsWith("COMPACT_");
        switch (name) {
            case "BOOLEAN" -> out.bool(random.nextBoolean());
            case "INT8" -> out.int8((byte) random.nextInt());
            case "INT16", "UINT16" -> out.int16((short) random.nextInt());
            case "INT32", "UINT32" -> out.int32(random.nextInt());
            case "INT64" -> out.int64(random.nextLong());
            case "FLOAT64" -> out.float64(random.nextGaussian());
            case "UUID" -> {
                out.int64(random.nextLong());
                out.int64(random.nextInt(3));
            }
            case "STRING", "COMPACT_STRING", "NULLABLE_STRING", "COMPACT_NULLABLE_STRING" ->
                out.nullableString(isNull ? null : string(), compact);
            case "BYTES",
                    "COMPACT_BYTES",
                    "NULLABLE_BYTES",
                    "COMPACT_NULLABLE_BYTES",
                    "RECORDS",
                    "COMPACT_RECORDS",
                    "NULLABLE_RECORDS",
                    "COMPACT_NULLABLE_RECORDS" -> out.nullableBytes(isNull ? null : bytes(), compact);
            default -> throw new AssertionError("a type that Kafka has and this test does not know: " + name);
        }
    }

    private String string() {
        var text = new StringBuilder();
        int length = random.nextInt(20) == 0 ? 200 : random.nextInt(12);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(
                    switch (random.nextInt(12)) {
                        case 0 -> 0x20ac;
                        case 1 -> 0xe9;
                        case 2 -> 0x1f600;
                        default -> 'a' + random.nextInt(26);
                    });
        }
        return text.toString();
    }

    private byte[] bytes() {
        var bytes = new byte[random.nextInt(10) == 0 ? 700 : random.nextInt(40)];
        random.nextBytes(bytes);
        return bytes;
    }
}
