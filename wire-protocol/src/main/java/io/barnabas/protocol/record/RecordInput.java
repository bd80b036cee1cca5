package io.barnabas.protocol.record;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of a batch's records, decompressed as they are read. Believes no length: what it allocates is bounded by the
 * bytes that are really there.
 */
final class RecordInput implements AutoCloseable {
    private static final int WINDOW_BYTES = 8 * 1024;
    private static final int FIRST_STEP_BYTES = 64 * 1024;

    /** Null if the records are not compressed. */
    private final InputStream stream;

    private final ByteBuffer window;
    /** Bytes of the stream before the window. */
    private long windowStart;

    RecordInput(Compression compression, ByteBuffer records) {
        if (compression == Compression.NONE) {
            stream = null;
            window = records;
            return;
        }
        window = ByteBuffer.allocate(WINDOW_BYTES).limit(0);
        try {
            stream = compression.decompress(records);
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    static CorruptRecordsException damaged(Exception cause) {
        return new CorruptRecordsException("Cannot decompress the records: " + cause.getMessage(), cause);
    }

    /** Bytes read so far. */
    long position() {
        return windowStart + window.position();
    }

    /** Bytes that are left, if that is known; otherwise as many as there can be. */
    long mostRemaining() {
        return stream == null ? window.remaining() : Integer.MAX_VALUE;
    }

    boolean atEnd() {
        return !window.hasRemaining() && !refill();
    }

    private boolean refill() {
        if (stream == null) {
            return false;
        }
        int count = readSome(window.array(), 0, WINDOW_BYTES);
        if (count < 0) {
            return false;
        }
        windowStart += window.limit();
        window.position(0).limit(count);
        return true;
    }

    private int readSome(byte[] target, int offset, int length) {
        try {
            int count;
            do {
                count = stream.read(target, offset, length);
            } while (count == 0);
            return count;
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    byte int8() {
        if (atEnd()) {
            throw new CorruptRecordsException("The records end in the middle of one");
        }
        return window.get();
    }

    int varint() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte next = int8();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new CorruptRecordsException("A variable-length integer has more than 5 bytes");
    }

    long varlong() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte next = int8();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new CorruptRecordsException("A variable-length integer has more than 10 bytes");
    }

    void skip(int sizeBytes) {
        int left = sizeBytes;
        while (left > 0) {
            if (atEnd()) {
                throw new CorruptRecordsException("The records end in the middle of one");
            }
            int step = Math.min(left, window.remaining());
            window.position(window.position() + step);
            left -= step;
        }
    }

    /** The next bytes: a slice of the batch, or a copy if they come out of a decompressor. */
    ByteBuffer take(int sizeBytes) {
        if (stream == null) {
            if (sizeBytes > window.remaining()) {
                throw new CorruptRecordsException("The records end in the middle of one");
            }
            var slice = window.slice(window.position(), sizeBytes);
            window.position(window.position() + sizeBytes);
            return slice;
        }
        var bytes = new byte[Math.min(sizeBytes, Math.max(FIRST_STEP_BYTES, window.remaining()))];
        int count = Math.min(bytes.length, window.remaining());
        window.get(bytes, 0, count);
        while (count < sizeBytes) {
            if (count == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(sizeBytes, 2L * bytes.length));
            }
            int more = readSome(bytes, count, bytes.length - count);
            if (more < 0) {
                throw new CorruptRecordsException("The records end in the middle of one");
            }
            count += more;
            windowStart += more;
        }
        return ByteBuffer.wrap(bytes);
    }

    @Override
    public void close() {
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                throw damaged(e);
            }
        }
    }
}
