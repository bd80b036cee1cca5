package io.barnabas.protocol.record;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A growing array that keeps room for a header in front. */
final class GrowingBytes extends OutputStream {
    private byte[] bytes;
    private int size;

    GrowingBytes(int reservedBytes, int capacityBytes) {
        bytes = new byte[Math.max(reservedBytes, capacityBytes)];
        size = reservedBytes;
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            long wanted = Math.max((long) size + more, Math.min(2L * bytes.length, Integer.MAX_VALUE - 8));
            bytes = Arrays.copyOf(bytes, Math.toIntExact(wanted));
        }
    }

    @Override
    public void write(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
    }

    @Override
    public void write(byte[] source, int offset, int length) {
        ensure(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
    }

    void put(ByteBuffer source) {
        int length = source.remaining();
        ensure(length);
        source.get(source.position(), bytes, size, length);
        size += length;
    }

    void varint(int value) {
        varlong(value);
    }

    void varlong(long value) {
        long rest = Varint.zigzag(value);
        while ((rest & ~0x7fL) != 0) {
            write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        write((int) rest);
    }

    void reset(int reservedBytes) {
        size = reservedBytes;
    }

    int size() {
        return size;
    }

    byte[] array() {
        return bytes;
    }

    ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, 0, size).slice();
    }
}
