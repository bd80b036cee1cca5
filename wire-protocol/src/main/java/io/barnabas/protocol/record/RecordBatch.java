package io.barnabas.protocol.record;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * A window over one v2 record batch inside a buffer: no copy, reusable for the next batch by {@link #wrap}. Getters read
 * the buffer at absolute positions and believe what is there; {@link #wrap} makes sure that the stated size is, and
 * {@link #crcIsValid} that nothing was damaged. For one thread at a time.
 */
public final class RecordBatch {
    /** Everything before the first record. */
    public static final int HEADER_SIZE_BYTES = 61;
    /** What the stated length does not count: base offset and the length itself. */
    public static final int LOG_OVERHEAD_BYTES = 12;

    public static final byte MAGIC = 2;
    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;
    public static final int NO_LEADER_EPOCH = -1;
    public static final long NO_TIMESTAMP = -1;

    static final int LENGTH_AT = 8;
    static final int LEADER_EPOCH_AT = 12;
    static final int MAGIC_AT = 16;
    static final int CRC_AT = 17;
    static final int ATTRIBUTES_AT = 21;
    static final int LAST_OFFSET_DELTA_AT = 23;
    static final int BASE_TIMESTAMP_AT = 27;
    static final int MAX_TIMESTAMP_AT = 35;
    static final int PRODUCER_ID_AT = 43;
    static final int PRODUCER_EPOCH_AT = 51;
    static final int BASE_SEQUENCE_AT = 53;
    static final int COUNT_AT = 57;

    static final int COMPRESSION_MASK = 0x07;
    static final int APPEND_TIME_BIT = 0x08;
    static final int TRANSACTIONAL_BIT = 0x10;
    static final int CONTROL_BIT = 0x20;
    static final int DELETE_HORIZON_BIT = 0x40;

    private ByteBuffer buffer;
    private int start;
    private int sizeBytes;

    /**
     * Moves this window to the batch at an absolute position of a big-endian buffer, whose own position and limit stay.
     *
     * @throws CorruptRecordsException if no whole batch of at least a header is there
     */
    public RecordBatch wrap(ByteBuffer buffer, int position) {
        int remaining = buffer.limit() - position;
        if (remaining < HEADER_SIZE_BYTES) {
            throw new CorruptRecordsException("A record batch takes at least " + HEADER_SIZE_BYTES + " bytes, but only "
                    + remaining + " are left");
        }
        int length = buffer.getInt(position + LENGTH_AT);
        if (length < HEADER_SIZE_BYTES - LOG_OVERHEAD_BYTES || length > remaining - LOG_OVERHEAD_BYTES) {
            throw new CorruptRecordsException("A record batch states a length of " + length + " bytes, but "
                    + (remaining - LOG_OVERHEAD_BYTES) + " are left and " + (HEADER_SIZE_BYTES - LOG_OVERHEAD_BYTES)
                    + " are the least");
        }
        this.buffer = buffer;
        this.start = position;
        this.sizeBytes = length + LOG_OVERHEAD_BYTES;
        return this;
    }

    /** How long the batch at a position says that it is, of which all or only a part of the header may be there. */
    public static long statedSizeBytes(ByteBuffer buffer, int position) {
        return (long) LOG_OVERHEAD_BYTES + buffer.getInt(position + LENGTH_AT);
    }

    /** The buffer this window is over, not a copy. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Absolute position of the batch in {@link #buffer}. */
    public int position() {
        return start;
    }

    /** The whole batch, header and records: a slice, not a copy. */
    public ByteBuffer bytes() {
        return buffer.slice(start, sizeBytes);
    }

    ByteBuffer recordBytes() {
        return buffer.slice(start + HEADER_SIZE_BYTES, sizeBytes - HEADER_SIZE_BYTES);
    }

    public long baseOffset() {
        return buffer.getLong(start);
    }

    /** Header and records. */
    public int sizeBytes() {
        return sizeBytes;
    }

    public int partitionLeaderEpoch() {
        return buffer.getInt(start + LEADER_EPOCH_AT);
    }

    public byte magic() {
        return buffer.get(start + MAGIC_AT);
    }

    /** The stored checksum, 0 to 2³²−1. */
    public long crc() {
        return Integer.toUnsignedLong(buffer.getInt(start + CRC_AT));
    }

    public short attributes() {
        return buffer.getShort(start + ATTRIBUTES_AT);
    }

    public int lastOffsetDelta() {
        return buffer.getInt(start + LAST_OFFSET_DELTA_AT);
    }

    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    public long nextOffset() {
        return lastOffset() + 1;
    }

    /** The timestamp that those of the records are relative to; the delete horizon where {@link #deleteHorizonMs} is. */
    public long baseTimestamp() {
        return buffer.getLong(start + BASE_TIMESTAMP_AT);
    }

    public long maxTimestamp() {
        return buffer.getLong(start + MAX_TIMESTAMP_AT);
    }

    public long producerId() {
        return buffer.getLong(start + PRODUCER_ID_AT);
    }

    public short producerEpoch() {
        return buffer.getShort(start + PRODUCER_EPOCH_AT);
    }

    public int baseSequence() {
        return buffer.getInt(start + BASE_SEQUENCE_AT);
    }

    /** Sequence of the last record: after 2³¹−1 comes 0; −1 if the batch has no sequence. */
    public int lastSequence() {
        int base = baseSequence();
        return base == NO_SEQUENCE ? NO_SEQUENCE : sequenceAfter(base, lastOffsetDelta());
    }

    /** The sequence {@code steps} after another: 0 follows 2³¹−1. */
    public static int sequenceAfter(int sequence, int steps) {
        return sequence > Integer.MAX_VALUE - steps ? steps - (Integer.MAX_VALUE - sequence) - 1 : sequence + steps;
    }

    /** As stated by the header. */
    public int count() {
        return buffer.getInt(start + COUNT_AT);
    }

    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL_BIT) != 0;
    }

    public boolean isControl() {
        return (attributes() & CONTROL_BIT) != 0;
    }

    public boolean isCompressed() {
        return (attributes() & COMPRESSION_MASK) != 0;
    }

    /** Whether an idempotent or transactional producer wrote the batch. */
    public boolean hasProducerId() {
        return producerId() > NO_PRODUCER_ID;
    }

    /** @throws CorruptRecordsException if the attributes name a codec that is not known */
    public Compression compression() {
        return Compression.of(attributes() & COMPRESSION_MASK);
    }

    public TimestampType timestampType() {
        return (attributes() & APPEND_TIME_BIT) != 0 ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
    }

    /** When compaction may drop the batch's tombstones and markers (KIP-534). */
    public OptionalLong deleteHorizonMs() {
        return (attributes() & DELETE_HORIZON_BIT) != 0 ? OptionalLong.of(baseTimestamp()) : OptionalLong.empty();
    }

    /** Whether the stored checksum is that of the bytes behind it. */
    public boolean crcIsValid() {
        return crc() == computedCrc();
    }

    /** CRC-32C of everything from the attributes on. */
    public long computedCrc() {
        return crcOf(buffer, start + ATTRIBUTES_AT, sizeBytes - ATTRIBUTES_AT);
    }

    static long crcOf(ByteBuffer buffer, int position, int sizeBytes) {
        var crc = new CRC32C();
        if (buffer.hasArray()) {
            crc.update(buffer.array(), buffer.arrayOffset() + position, sizeBytes);
        } else {
            crc.update(buffer.slice(position, sizeBytes));
        }
        return crc.getValue();
    }

    /** Patches the base offset in place; the checksum does not cover it. */
    public void baseOffset(long offset) {
        buffer.putLong(start, offset);
    }

    /** Patches the leader epoch in place; the checksum does not cover it. */
    public void partitionLeaderEpoch(int epoch) {
        buffer.putInt(start + LEADER_EPOCH_AT, epoch);
    }

    /** Gives all records the append time: sets the type bit and the maximum timestamp, and redoes the checksum. */
    public void stampAppendTime(long maxTimestampMs) {
        short attributes = attributes();
        short stamped = (short) (attributes | APPEND_TIME_BIT);
        if (stamped == attributes && maxTimestamp() == maxTimestampMs) {
            return;
        }
        buffer.putShort(start + ATTRIBUTES_AT, stamped);
        buffer.putLong(start + MAX_TIMESTAMP_AT, maxTimestampMs);
        buffer.putInt(start + CRC_AT, (int) computedCrc());
    }

    /** Keeps the records' own timestamps: clears the type bit, sets the maximum, redoes the checksum if either changed. */
    public void stampCreateTime(long maxTimestampMs) {
        short attributes = attributes();
        short stamped = (short) (attributes & ~APPEND_TIME_BIT);
        if (stamped == attributes && maxTimestamp() == maxTimestampMs) {
            return;
        }
        buffer.putShort(start + ATTRIBUTES_AT, stamped);
        buffer.putLong(start + MAX_TIMESTAMP_AT, maxTimestampMs);
        buffer.putInt(start + CRC_AT, (int) computedCrc());
    }

    /**
     * A copy without records, as compaction leaves it where only offsets, producer and sequence still matter: no codec, no
     * delete horizon, no base timestamp; the largest timestamp stays.
     */
    public ByteBuffer withoutRecords() {
        var empty = ByteBuffer.allocate(HEADER_SIZE_BYTES);
        empty.put(0, buffer, start, HEADER_SIZE_BYTES);
        empty.putInt(LENGTH_AT, HEADER_SIZE_BYTES - LOG_OVERHEAD_BYTES);
        empty.putShort(ATTRIBUTES_AT, (short) (attributes() & (APPEND_TIME_BIT | TRANSACTIONAL_BIT | CONTROL_BIT)));
        empty.putLong(BASE_TIMESTAMP_AT, NO_TIMESTAMP);
        empty.putInt(COUNT_AT, 0);
        empty.putInt(CRC_AT, (int) crcOf(empty, ATTRIBUTES_AT, HEADER_SIZE_BYTES - ATTRIBUTES_AT));
        return empty;
    }

    /** Walks the records and keeps keys, values and headers. */
    public RecordCursor cursor() {
        return new RecordCursor(this, true);
    }

    /** Walks the records and skips keys, values and headers, checking all the same. */
    public RecordCursor walk() {
        return new RecordCursor(this, false);
    }

    /**
     * The records as values. Read them to the end: a zstd batch holds native memory until then. To stop earlier, use
     * {@link #cursor} and close it.
     */
    public Iterable<Record> records() {
        return () -> new RecordIterator(cursor());
    }

    private static final class RecordIterator implements Iterator<Record> {
        private final RecordCursor cursor;
        private boolean ready;
        private boolean ended;

        RecordIterator(RecordCursor cursor) {
            this.cursor = cursor;
        }

        @Override
        public boolean hasNext() {
            if (!ready && !ended) {
                ready = cursor.advance();
                ended = !ready;
            }
            return ready;
        }

        @Override
        public Record next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            ready = false;
            return cursor.record();
        }
    }
}
