package io.barnabas.protocol.record;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One record. Buffers are slices; those of an uncompressed batch share memory with it, so copy what outlives the batch.
 *
 * @param timestamp milliseconds since 1970, −1 for none; the append time if the batch has that type
 * @param key null if the record has none
 * @param value null for a tombstone
 */
public record Record(long offset, long timestamp, ByteBuffer key, ByteBuffer value, List<Header> headers) {
    public boolean hasKey() {
        return key != null;
    }

    public boolean hasValue() {
        return value != null;
    }

    /** Sizes only: payloads do not belong in logs. */
    @Override
    public String toString() {
        return "Record(offset=" + offset + ", timestamp=" + timestamp + ", key="
                + (key == null ? "null" : key.remaining() + " bytes") + ", value="
                + (value == null ? "null" : value.remaining() + " bytes") + ", headers=" + headers.size() + ")";
    }
}
