package io.barnabas.protocol.wire;

import java.nio.ByteBuffer;

/** A piece of an encoded message: bytes in memory, or a range of a file that is sent without reading it (sendfile). */
public sealed interface Chunk {
    int sizeBytes();

    /** The bytes between position and limit, which the chunk's owner does not change any more. */
    record Bytes(ByteBuffer buffer) implements Chunk {
        @Override
        public int sizeBytes() {
            return buffer.remaining();
        }
    }

    /** Whoever ends up with it calls {@link FileSource#release()} exactly once. */
    record FileRange(FileSource source, long position, int sizeBytes) implements Chunk {}
}
