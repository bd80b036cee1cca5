package io.barnabas.storage.log;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Buffers accepted by a log and not yet written. Owner only; reused. */
final class StagedWrites {
    private static final int KEPT_SLOTS = 64;

    private ByteBuffer[] buffers = new ByteBuffer[4];
    private int count;
    private int sizeBytes;

    void add(ByteBuffer buffer) {
        if (count == buffers.length) {
            buffers = Arrays.copyOf(buffers, 2 * count);
        }
        buffers[count++] = buffer;
        sizeBytes += buffer.remaining();
    }

    ByteBuffer[] buffers() {
        return buffers;
    }

    int count() {
        return count;
    }

    int sizeBytes() {
        return sizeBytes;
    }

    void clear() {
        if (buffers.length > KEPT_SLOTS) {
            buffers = new ByteBuffer[4];
        } else {
            Arrays.fill(buffers, 0, count, null);
        }
        count = 0;
        sizeBytes = 0;
    }
}
