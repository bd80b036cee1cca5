package io.barnabas.protocol.record;

import java.io.InputStream;
import java.nio.ByteBuffer;

/** Reads a buffer, heap or direct, without copying it first. */
final class BufferInputStream extends InputStream {
    private final ByteBuffer in;

    BufferInputStream(ByteBuffer in) {
        this.in = in;
    }

    @Override
    public int read() {
        return in.hasRemaining() ? in.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (!in.hasRemaining()) {
            return -1;
        }
        int count = Math.min(length, in.remaining());
        in.get(target, offset, count);
        return count;
    }

    @Override
    public long skip(long count) {
        int skipped = (int) Math.max(0, Math.min(count, in.remaining()));
        in.position(in.position() + skipped);
        return skipped;
    }

    @Override
    public int available() {
        return in.remaining();
    }
}
