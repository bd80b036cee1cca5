package io.barnabas.protocol.record;

/** Variable-length integers, zigzag, as protobuf has them: sizes. */
final class Varint {
    private Varint() {}

    static int zigzag(int value) {
        return (value << 1) ^ (value >> 31);
    }

    static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    static int sizeOf(int value) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(zigzag(value) | 1);
        return (bits + 6) / 7;
    }

    static int sizeOf(long value) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(zigzag(value) | 1);
        return (bits + 6) / 7;
    }
}
