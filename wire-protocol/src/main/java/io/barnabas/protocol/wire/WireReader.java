package io.barnabas.protocol.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import io.barnabas.protocol.Uuid;

/**
 * Reads the primitives of Kafka's wire format (KIP-482 for the compact forms) from a big-endian buffer, from its position to
 * its limit. Every method throws {@link MalformedMessageException}, and nothing else, if the bytes do not hold what is asked
 * for; no length is believed before it was compared with the bytes at hand. Not thread-safe.
 */
public final class WireReader {
    public static final byte[] NO_BYTES = new byte[0];
    public static final ByteBuffer NO_BUFFER = ByteBuffer.wrap(NO_BYTES).asReadOnlyBuffer();

    private static final int LONGEST_STRING_BYTES = Short.MAX_VALUE;
    private static final int UUID_BYTES = 2 * Long.BYTES;
    /** About what a decoded thing takes on the heap beside its content. */
    private static final int OBJECT_BYTES = 56;

    private final ByteBuffer buffer;
    private final long mostHeapBytes;
    private long heapBytes;

    /** Reads from a view of the buffer; the buffer's own position stays. */
    public WireReader(ByteBuffer buffer) {
        this(buffer, Long.MAX_VALUE);
    }

    /**
     * As {@link #WireReader(ByteBuffer)}, for messages of strangers: a byte of an array's elements may become a hundred on the heap.
     *
     * @param mostHeapBytes about what the decoded message may take there
     */
    public WireReader(ByteBuffer buffer, long mostHeapBytes) {
        this.buffer = buffer.slice();
        this.mostHeapBytes = mostHeapBytes;
    }

    public int remaining() {
        return buffer.remaining();
    }

    public boolean bool() {
        return int8() != 0;
    }

    public byte int8() {
        need(Byte.BYTES);
        return buffer.get();
    }

    public short int16() {
        need(Short.BYTES);
        return buffer.getShort();
    }

    public int uint16() {
        return int16() & 0xffff;
    }

    public int int32() {
        need(Integer.BYTES);
        return buffer.getInt();
    }

    public long uint32() {
        return int32() & 0xffff_ffffL;
    }

    public long int64() {
        need(Long.BYTES);
        return buffer.getLong();
    }

    public double float64() {
        need(Double.BYTES);
        return buffer.getDouble();
    }

    public Uuid uuid() {
        need(UUID_BYTES);
        long upper = buffer.getLong();
        long lower = buffer.getLong();
        return upper == 0 && lower == 0 ? Uuid.ZERO : new Uuid(upper, lower);
    }

    /** Seven bits a byte, lowest first; at most five bytes. */
    public int unsignedVarint() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte next = int8();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedMessageException("a variable-length integer has more than 5 bytes");
    }

    /** As {@link #unsignedVarint()}, zigzag-coded. */
    public int varint() {
        int raw = unsignedVarint();
        return (raw >>> 1) ^ -(raw & 1);
    }

    /** Zigzag-coded, at most ten bytes. */
    public long varlong() {
        long raw = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte next = int8();
            raw |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw new MalformedMessageException("a variable-length long has more than 10 bytes");
    }

    public String string(boolean compact) {
        var value = nullableString(compact);
        if (value == null) {
            throw new MalformedMessageException("a string that must be there is null");
        }
        return value;
    }

    public String nullableString(boolean compact) {
        int length = compact ? compactLength() : int16();
        if (length < 0) {
            return null;
        }
        if (length > LONGEST_STRING_BYTES) {
            throw new MalformedMessageException(
                    "a string of " + length + " bytes is beyond the limit of " + LONGEST_STRING_BYTES);
        }
        need(length);
        charge(length + OBJECT_BYTES);
        if (buffer.hasArray()) {
            var text = new String(
                    buffer.array(), buffer.arrayOffset() + buffer.position(), length, StandardCharsets.UTF_8);
            buffer.position(buffer.position() + length);
            return text;
        }
        var bytes = new byte[length];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    public byte[] bytes(boolean compact) {
        return present(nullableBytes(compact));
    }

    public byte[] nullableBytes(boolean compact) {
        int length = payloadLength(compact);
        if (length <= 0) {
            return length < 0 ? null : NO_BYTES;
        }
        charge(length);
        var bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    /** A view, not a copy. */
    public ByteBuffer buffer(boolean compact) {
        return present(nullableBuffer(compact));
    }

    public ByteBuffer nullableBuffer(boolean compact) {
        int length = payloadLength(compact);
        return length < 0 ? null : slice(length);
    }

    /** A view, not a copy. */
    public RecordBytes records(boolean compact) {
        return present(nullableRecords(compact));
    }

    public RecordBytes nullableRecords(boolean compact) {
        int length = payloadLength(compact);
        return length < 0 ? null : RecordBytes.of(slice(length));
    }

    /** The next bytes as a view, not a copy. */
    public ByteBuffer slice(int lengthBytes) {
        need(lengthBytes);
        var slice = buffer.slice(buffer.position(), lengthBytes);
        buffer.position(buffer.position() + lengthBytes);
        return slice;
    }

    public int arrayLength(boolean compact) {
        int length = nullableArrayLength(compact);
        if (length < 0) {
            throw new MalformedMessageException("an array that must be there is null");
        }
        return length;
    }

    /** -1 for null. Never more than there are bytes left, as every element takes at least one. */
    public int nullableArrayLength(boolean compact) {
        int length = compact ? compactLength() : int32();
        if (length < 0) {
            return -1;
        }
        if (length > buffer.remaining()) {
            throw new MalformedMessageException(
                    "an array of " + length + " elements does not fit into " + buffer.remaining() + " bytes");
        }
        charge((long) length * OBJECT_BYTES);
        return length;
    }

    /** How many tagged fields follow. */
    public int tagCount() {
        int count = unsignedVarint();
        if (count < 0 || count > buffer.remaining()) {
            throw new MalformedMessageException(Integer.toUnsignedString(count) + " tagged fields do not fit into "
                    + buffer.remaining() + " bytes");
        }
        return count;
    }

    /** Reads the size of a tagged field and gives the position where the field ends. */
    public int taggedEnd() {
        int size = unsignedVarint();
        need(size);
        return buffer.position() + size;
    }

    public void skipTo(int position) {
        buffer.position(position);
    }

    /** A tagged field must be exactly as long as it said. */
    public void requireAt(int position) {
        if (buffer.position() != position) {
            throw new MalformedMessageException("a tagged field is "
                    + Math.abs(buffer.position() - position)
                    + " bytes "
                    + (buffer.position() > position ? "longer" : "shorter")
                    + " than it said");
        }
    }

    public void skipTaggedFields() {
        int count = tagCount();
        for (int i = 0; i < count; i++) {
            unsignedVarint();
            skipTo(taggedEnd());
        }
    }

    public MalformedMessageException unexpectedTag(int tag, short version) {
        return new MalformedMessageException("tag " + tag + " does not exist in version " + version);
    }

    private static <T> T present(T value) {
        if (value == null) {
            throw new MalformedMessageException("bytes that must be there are null");
        }
        return value;
    }

    private void charge(long bytes) {
        heapBytes += bytes;
        if (heapBytes > mostHeapBytes) {
            throw new MalformedMessageException(
                    "its content would take more than " + mostHeapBytes + " bytes of memory, the most for one message");
        }
    }

    private int payloadLength(boolean compact) {
        int length = compact ? compactLength() : int32();
        if (length >= 0) {
            need(length);
        }
        return Math.max(length, -1);
    }

    /** Compact lengths are one more than the length; 0 stands for null. */
    private int compactLength() {
        int coded = unsignedVarint();
        if (coded < 0) {
            throw new MalformedMessageException(
                    "a length of " + Integer.toUnsignedString(coded) + " is beyond any limit");
        }
        return coded - 1;
    }

    private void need(int count) {
        if (count < 0 || count > buffer.remaining()) {
            throw new MalformedMessageException(
                    Integer.toUnsignedString(count) + " bytes are missing at its end; there are " + buffer.remaining());
        }
    }
}
