package io.barnabas.protocol;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;

/** A 128-bit identifier of a topic, directory or incarnation; its text form is URL-safe base64 without padding. */
public record Uuid(long mostSignificantBits, long leastSignificantBits) implements Comparable<Uuid> {
    public static final Uuid ZERO = new Uuid(0, 0);
    /** Kafka's id of the cluster metadata topic. */
    public static final Uuid ONE = new Uuid(0, 1);

    private static final int SIZE_BYTES = 16;
    /** Base64 of 16 bytes is 22 characters, or 24 with padding. */
    private static final int LONGEST_TEXT = 24;

    /** Never a reserved one, and never one whose text starts with a dash, which command lines would take for an option. */
    public static Uuid random() {
        while (true) {
            var random = UUID.randomUUID();
            var uuid = new Uuid(random.getMostSignificantBits(), random.getLeastSignificantBits());
            if (!uuid.toString().startsWith("-")) {
                return uuid;
            }
        }
    }

    /** Throws IllegalArgumentException with a sentence if the text is not base64 of 16 bytes. */
    public static Uuid parse(String text) {
        if (text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    "'" + text.substring(0, LONGEST_TEXT) + "…' is too long for an identifier");
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is not URL-safe base64", e);
        }
        if (bytes.length != SIZE_BYTES) {
            throw new IllegalArgumentException(
                    "'" + text + "' stands for " + bytes.length + " bytes; an identifier has " + SIZE_BYTES);
        }
        var buffer = ByteBuffer.wrap(bytes);
        return new Uuid(buffer.getLong(), buffer.getLong());
    }

    /** Numeric order of the two halves, signed, as Kafka sorts them. */
    @Override
    public int compareTo(Uuid other) {
        int upper = Long.compare(mostSignificantBits, other.mostSignificantBits);
        return upper != 0 ? upper : Long.compare(leastSignificantBits, other.leastSignificantBits);
    }

    /** That of Kafka's own class, so that hash tables of ids are walked in the same order: assignors break ties by it. */
    @Override
    public int hashCode() {
        long mixed = mostSignificantBits ^ leastSignificantBits;
        return (int) (mixed >> 32) ^ (int) mixed;
    }

    @Override
    public String toString() {
        var bytes = ByteBuffer.allocate(SIZE_BYTES).putLong(mostSignificantBits).putLong(leastSignificantBits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }
}
