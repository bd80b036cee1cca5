package io.barnabas.protocol.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.barnabas.protocol.Uuid;

/**
 * Writes the primitives of Kafka's wire format into memory that grows. Records are not copied but stand between the written
 * pieces as chunks of their own, unless they are small. Not thread-safe.
 */
public final class WireWriter {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int DEFAULT_CAPACITY_BYTES = 256;
    /** Below this, copying costs less than one more piece to send. */
    private static final int SMALL_RECORDS_BYTES = 512;

    private final int mostBytes;
    private final List<Chunk> sealed = new ArrayList<>(0);
    private int sealedBytes;
    private byte[] memory;
    /** Where the bytes that are not sealed yet begin. */
    private int start;

    private int position;

    public WireWriter() {
        this(DEFAULT_CAPACITY_BYTES);
    }

    public WireWriter(int initialCapacityBytes) {
        this(initialCapacityBytes, Integer.MAX_VALUE);
    }

    /**
     * @param mostBytes how much may be written between two pieces of records; more is a {@link MessageTooLargeException}
     */
    public WireWriter(int initialCapacityBytes, int mostBytes) {
        memory = new byte[initialCapacityBytes];
        this.mostBytes = mostBytes;
    }

    public int sizeBytes() {
        return sealedBytes + position - start;
    }

    public void bool(boolean value) {
        int8((byte) (value ? 1 : 0));
    }

    public void int8(byte value) {
        room(Byte.BYTES);
        memory[position++] = value;
    }

    public void int16(short value) {
        room(Short.BYTES);
        SHORT.set(memory, position, value);
        position += Short.BYTES;
    }

    public void uint16(int value) {
        int16((short) value);
    }

    public void int32(int value) {
        room(Integer.BYTES);
        INT.set(memory, position, value);
        position += Integer.BYTES;
    }

    public void uint32(long value) {
        int32((int) value);
    }

    public void int64(long value) {
        room(Long.BYTES);
        LONG.set(memory, position, value);
        position += Long.BYTES;
    }

    public void float64(double value) {
        int64(Double.doubleToRawLongBits(value));
    }

    public void uuid(Uuid value) {
        int64(value.mostSignificantBits());
        int64(value.leastSignificantBits());
    }

    public void unsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            int8((byte) (rest | 0x80));
            rest >>>= 7;
        }
        int8((byte) rest);
    }

    public void varint(int value) {
        unsignedVarint((value << 1) ^ (value >> 31));
    }

    public void varlong(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            int8((byte) (rest | 0x80));
            rest >>>= 7;
        }
        int8((byte) rest);
    }

    public void string(String value, boolean compact) {
        int length = Utf8.sizeBytes(value);
        if (length > Short.MAX_VALUE) {
            throw new IllegalStateException("a string of " + length + " bytes is too long to be written");
        }
        if (compact) {
            unsignedVarint(length + 1);
        } else {
            int16((short) length);
        }
        room(length);
        Utf8.write(value, length, memory, position);
        position += length;
    }

    public void nullableString(String value, boolean compact) {
        if (value != null) {
            string(value, compact);
        } else if (compact) {
            unsignedVarint(0);
        } else {
            int16((short) -1);
        }
    }

    public void bytes(byte[] value, boolean compact) {
        arrayLength(value.length, compact);
        bytes(value);
    }

    public void nullableBytes(byte[] value, boolean compact) {
        if (value == null) {
            nullArray(compact);
        } else {
            bytes(value, compact);
        }
    }

    /** Without a length before them. */
    public void bytes(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, memory, position, value.length);
        position += value.length;
    }

    public void buffer(ByteBuffer value, boolean compact) {
        arrayLength(value.remaining(), compact);
        copy(value);
    }

    public void nullableBuffer(ByteBuffer value, boolean compact) {
        if (value == null) {
            nullArray(compact);
        } else {
            buffer(value, compact);
        }
    }

    public void records(RecordBytes value, boolean compact) {
        arrayLength(value.sizeBytes(), compact);
        records(value);
    }

    public void nullableRecords(RecordBytes value, boolean compact) {
        if (value == null) {
            nullArray(compact);
        } else {
            records(value, compact);
        }
    }

    /** Without a length before them. */
    public void records(RecordBytes value) {
        for (var chunk : value.chunks()) {
            if (chunk instanceof Chunk.Bytes bytes && bytes.sizeBytes() <= SMALL_RECORDS_BYTES) {
                copy(bytes.buffer());
            } else {
                seal();
                sealed.add(chunk);
                sealedBytes = Math.addExact(sealedBytes, chunk.sizeBytes());
            }
        }
    }

    public void arrayLength(int length, boolean compact) {
        if (compact) {
            unsignedVarint(length + 1);
        } else {
            int32(length);
        }
    }

    /** Also the null of bytes and records. */
    public void nullArray(boolean compact) {
        if (compact) {
            unsignedVarint(0);
        } else {
            int32(-1);
        }
    }

    /** Begins a tagged field, whose size is not known yet; the result is for {@link #endTagged}. No records in between. */
    public int beginTagged(int tag) {
        unsignedVarint(tag);
        room(1);
        return ++position - start;
    }

    public void endTagged(int begun) {
        int from = start + begun;
        int size = position - from;
        int sizeOfSize = 1;
        for (int rest = size >>> 7; rest != 0; rest >>>= 7) {
            sizeOfSize++;
        }
        // One byte is kept free for the size: a field of 128 bytes or more has to move.
        room(sizeOfSize - 1);
        from = start + begun;
        if (sizeOfSize > 1) {
            System.arraycopy(memory, from, memory, from + sizeOfSize - 1, size);
        }
        position = from - 1;
        unsignedVarint(size);
        position += size;
    }

    /** What was written, in order. Nothing may be written afterwards. */
    public List<Chunk> chunks() {
        seal();
        return sealed;
    }

    /** A copy of what was written. Throws IllegalStateException if a part of it is in a file. */
    public byte[] toByteArray() {
        if (sealed.isEmpty()) {
            return Arrays.copyOfRange(memory, start, position);
        }
        var all = ByteBuffer.allocate(sizeBytes());
        for (var chunk : sealed) {
            if (!(chunk instanceof Chunk.Bytes bytes)) {
                throw new IllegalStateException("a part of it is in a file");
            }
            all.put(bytes.buffer().duplicate());
        }
        return all.put(memory, start, position - start).array();
    }

    /** As one buffer, without a copy where it is in one piece. Nothing may be written afterwards. */
    public ByteBuffer toByteBuffer() {
        return sealed.isEmpty()
                ? ByteBuffer.wrap(memory, start, position - start).slice()
                : ByteBuffer.wrap(toByteArray());
    }

    public static IllegalStateException notAtVersion(String field, short version) {
        return new IllegalStateException(field + " is set, but version " + version + " does not have it");
    }

    public static IllegalStateException notNullable(String field, short version) {
        return new IllegalStateException(field + " is null, which version " + version + " does not allow");
    }

    private void copy(ByteBuffer from) {
        int length = from.remaining();
        room(length);
        from.get(from.position(), memory, position, length);
        position += length;
    }

    private void seal() {
        if (position > start) {
            sealed.add(new Chunk.Bytes(
                    ByteBuffer.wrap(memory, start, position - start).slice()));
            sealedBytes += position - start;
            start = position;
        }
    }

    private void room(int count) {
        if (memory.length - position < count) {
            grow(count);
        }
    }

    /** Sealed bytes stay in the old memory, which their chunks keep. */
    private void grow(int count) {
        int used = position - start;
        int needed = Math.addExact(used, count);
        if (needed > mostBytes) {
            throw new MessageTooLargeException("the message would have more than " + mostBytes + " bytes");
        }
        var larger =
                new byte[Math.max(needed, (int) Math.min(2L * used + DEFAULT_CAPACITY_BYTES, Integer.MAX_VALUE - 8))];
        System.arraycopy(memory, start, larger, 0, used);
        memory = larger;
        start = 0;
        position = used;
    }
}
