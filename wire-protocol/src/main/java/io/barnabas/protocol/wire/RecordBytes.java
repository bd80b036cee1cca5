package io.barnabas.protocol.wire;

import java.nio.ByteBuffer;
import java.util.List;

/** The value of a {@code records} field: record batches, not looked into. Immutable; nothing is copied. */
public final class RecordBytes {
    public static final RecordBytes EMPTY = new RecordBytes(List.of());

    private final List<Chunk> chunks;
    private final int sizeBytes;

    private RecordBytes(List<Chunk> chunks) {
        this.chunks = chunks;
        int total = 0;
        for (var chunk : chunks) {
            total = Math.addExact(total, chunk.sizeBytes());
        }
        this.sizeBytes = total;
    }

    /** The bytes between position and limit. */
    public static RecordBytes of(ByteBuffer buffer) {
        return buffer.hasRemaining() ? new RecordBytes(List.of(new Chunk.Bytes(buffer))) : EMPTY;
    }

    /** Throws ArithmeticException beyond 2 GiB. */
    public static RecordBytes of(List<Chunk> chunks) {
        return new RecordBytes(List.copyOf(chunks));
    }

    public int sizeBytes() {
        return sizeBytes;
    }

    public List<Chunk> chunks() {
        return chunks;
    }

    /** The bytes as one buffer, with a position of its own. Throws IllegalStateException if they are not in memory in one piece. */
    public ByteBuffer buffer() {
        if (chunks.isEmpty()) {
            return ByteBuffer.allocate(0);
        }
        if (chunks.size() == 1 && chunks.get(0) instanceof Chunk.Bytes bytes) {
            return bytes.buffer().duplicate();
        }
        throw new IllegalStateException("these records are not one piece of memory");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecordBytes that && chunks.equals(that.chunks);
    }

    @Override
    public int hashCode() {
        return chunks.hashCode();
    }

    @Override
    public String toString() {
        return sizeBytes + " bytes of records";
    }
}
