package io.barnabas.broker.coordinator;

import java.nio.ByteBuffer;
import java.util.Objects;

import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.protocol.wire.WireWriter;

/**
 * One fact in a coordinator's partition: a key that names what it is about, and a value, or none where the thing is gone. On
 * disk the key is its type (int16, the key schema's apiKey) and the key's version 0; the value its version (int16) and the
 * value. Encoded at most once.
 */
public final class CoordinatorRecord {
    private static final short KEY_VERSION = 0;
    /** Length, attributes, deltas, lengths of key and value and the count of headers, at their largest. */
    private static final int MAX_OVERHEAD_BYTES = 28;

    private final ApiMessage key;
    private final ApiMessage value;
    private final short valueVersion;
    /** Key and value one after the other. */
    private byte[] encoded;

    private int keyBytes;

    private CoordinatorRecord(ApiMessage key, ApiMessage value, short valueVersion) {
        this.key = key;
        this.value = value;
        this.valueVersion = valueVersion;
    }

    public static CoordinatorRecord of(ApiMessage key, ApiMessage value, int valueVersion) {
        return new CoordinatorRecord(key, Objects.requireNonNull(value), (short) valueVersion);
    }

    /** What the key names is gone. */
    public static CoordinatorRecord tombstone(ApiMessage key) {
        return new CoordinatorRecord(key, null, (short) 0);
    }

    public ApiMessage key() {
        return key;
    }

    /** Null for a tombstone. */
    public ApiMessage value() {
        return value;
    }

    public short valueVersion() {
        return valueVersion;
    }

    public boolean isTombstone() {
        return value == null;
    }

    public ByteBuffer encodedKey() {
        encode();
        return ByteBuffer.wrap(encoded, 0, keyBytes).slice();
    }

    /** Null for a tombstone. */
    public ByteBuffer encodedValue() {
        encode();
        return value == null
                ? null
                : ByteBuffer.wrap(encoded, keyBytes, encoded.length - keyBytes).slice();
    }

    /** Upper bound of the record's size in a batch, uncompressed. */
    public int sizeBytes() {
        encode();
        return MAX_OVERHEAD_BYTES + encoded.length;
    }

    private void encode() {
        if (encoded != null) {
            return;
        }
        var writer = new WireWriter();
        writer.int16(key.apiKey());
        key.write(writer, KEY_VERSION);
        keyBytes = writer.sizeBytes();
        if (value != null) {
            writer.int16(valueVersion);
            value.write(writer, valueVersion);
        }
        encoded = writer.toByteArray();
    }

    @Override
    public String toString() {
        return key + " = " + (value == null ? "gone" : value + " (version " + valueVersion + ")");
    }
}
