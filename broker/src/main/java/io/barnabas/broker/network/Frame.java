package io.barnabas.broker.network;

import io.netty.buffer.ByteBuf;

/**
 * One request's bytes.
 *
 * @param takenBytes the room in {@code memory} that goes back with them
 */
record Frame(ByteBuf bytes, RequestMemory memory, int takenBytes) {
    int sizeBytes() {
        return bytes.readableBytes();
    }

    /** Once, when nothing refers to the bytes any more. */
    void release() {
        bytes.release();
        if (takenBytes > 0) {
            memory.give(takenBytes);
        }
    }
}
