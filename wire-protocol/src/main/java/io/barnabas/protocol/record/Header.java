package io.barnabas.protocol.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One header of a record.
 *
 * @param key UTF-8, never null
 * @param value null if absent; shares memory with the batch it was read from
 */
public record Header(ByteBuffer key, ByteBuffer value) {
    public static Header of(String name, byte[] value) {
        return new Header(
                ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)), value == null ? null : ByteBuffer.wrap(value));
    }

    public String name() {
        return StandardCharsets.UTF_8.decode(key.duplicate()).toString();
    }
}
