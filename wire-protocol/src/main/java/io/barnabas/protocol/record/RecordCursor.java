package io.barnabas.protocol.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks the records of one batch forwards. Decompresses while it walks; checks every length against what is there, and
 * that the batch holds exactly as many records as it states. Closes itself at the end and when it throws; close it when
 * you stop earlier.
 *
 * <pre>{@code
 * try (var cursor = batch.walk()) {
 *     while (cursor.advance()) {
 *         use(cursor.offset(), cursor.hasKey());
 *     }
 * }
 * }</pre>
 */
public final class RecordCursor implements AutoCloseable {
    private static final int MIN_RECORD_BYTES = 7;
    private static final int PRESIZED_HEADERS = 8;

    private final boolean keepsPayload;
    private final int count;
    private final long baseOffset;
    private final long baseTimestamp;
    /** Long.MIN_VALUE if records have their own timestamps. */
    private final long appendTimestamp;

    private final RecordInput input;
    private int index = -1;
    private boolean sequential = true;
    private long bodyEnd;
    private int offsetDelta;
    private long timestamp;
    private int keySizeBytes;
    private int valueSizeBytes;
    private ByteBuffer key;
    private ByteBuffer value;
    private List<Header> headers = List.of();

    RecordCursor(RecordBatch batch, boolean keepsPayload) {
        this.keepsPayload = keepsPayload;
        this.count = batch.count();
        this.baseOffset = batch.baseOffset();
        this.baseTimestamp = batch.baseTimestamp();
        this.appendTimestamp =
                batch.timestampType() == TimestampType.LOG_APPEND_TIME ? batch.maxTimestamp() : Long.MIN_VALUE;
        if (count < 0) {
            throw new CorruptRecordsException("The batch states a negative number of records: " + count);
        }
        this.input = new RecordInput(batch.compression(), batch.recordBytes());
        if ((long) count * MIN_RECORD_BYTES > input.mostRemaining() && batch.compression() == Compression.NONE) {
            throw new CorruptRecordsException(
                    "The batch states " + count + " records, but has only " + input.mostRemaining() + " bytes of them");
        }
    }

    /**
     * Steps to the next record; false after the last.
     *
     * @throws CorruptRecordsException if the records are not as the batch says
     */
    public boolean advance() {
        try {
            if (index + 1 >= count) {
                if (index < count) {
                    index = count;
                    if (!input.atEnd()) {
                        throw new CorruptRecordsException(
                                "The batch holds more bytes than its " + count + " records take");
                    }
                    input.close();
                }
                return false;
            }
            index++;
            read();
            return true;
        } catch (CorruptRecordsException e) {
            index = count;
            input.close();
            throw e;
        }
    }

    private void read() {
        int sizeBytes = input.varint();
        if (sizeBytes < 0 || sizeBytes > input.mostRemaining()) {
            throw new CorruptRecordsException("Record " + index + " states a size of " + sizeBytes + " bytes, but "
                    + input.mostRemaining() + " are left");
        }
        bodyEnd = input.position() + sizeBytes;
        input.int8();
        long timestampDelta = input.varlong();
        timestamp = appendTimestamp == Long.MIN_VALUE ? baseTimestamp + timestampDelta : appendTimestamp;
        offsetDelta = input.varint();
        sequential &= offsetDelta == index;
        keySizeBytes = input.varint();
        key = payload(keySizeBytes);
        valueSizeBytes = input.varint();
        value = payload(valueSizeBytes);
        readHeaders();
        if (input.position() != bodyEnd) {
            throw new CorruptRecordsException("Record " + index + " states a size of " + sizeBytes
                    + " bytes, but takes " + (sizeBytes + input.position() - bodyEnd));
        }
    }

    private void readHeaders() {
        int headerCount = input.varint();
        if (headerCount < 0 || headerCount > bodyEnd - input.position()) {
            throw new CorruptRecordsException("Record " + index + " states " + headerCount + " headers");
        }
        headers = headerCount == 0 || !keepsPayload
                ? List.of()
                : new ArrayList<>(Math.min(headerCount, PRESIZED_HEADERS));
        for (int i = 0; i < headerCount; i++) {
            int nameSizeBytes = input.varint();
            if (nameSizeBytes < 0) {
                throw new CorruptRecordsException("A header of record " + index + " has no name");
            }
            var name = payload(nameSizeBytes);
            var content = payload(input.varint());
            if (keepsPayload) {
                headers.add(new Header(name, content));
            }
        }
    }

    private ByteBuffer payload(int sizeBytes) {
        if (sizeBytes < 0) {
            return null;
        }
        if (sizeBytes > bodyEnd - input.position()) {
            throw new CorruptRecordsException("A field of record " + index + " states a size of " + sizeBytes
                    + " bytes, more than the record has");
        }
        if (keepsPayload) {
            return input.take(sizeBytes);
        }
        input.skip(sizeBytes);
        return null;
    }

    /** Position of the record in its batch, from 0. */
    public int index() {
        return index;
    }

    public long offset() {
        return baseOffset + offsetDelta;
    }

    /** As written; sequential deltas are 0, 1, 2, … */
    public int offsetDelta() {
        return offsetDelta;
    }

    /** Whether all records so far have the deltas 0, 1, 2, … */
    public boolean offsetsSequential() {
        return sequential;
    }

    /** Milliseconds since 1970, −1 for none. */
    public long timestamp() {
        return timestamp;
    }

    public boolean hasKey() {
        return keySizeBytes >= 0;
    }

    public boolean hasValue() {
        return valueSizeBytes >= 0;
    }

    /** Negative for a null key. */
    public int keySizeBytes() {
        return keySizeBytes;
    }

    /** Negative for a null value. */
    public int valueSizeBytes() {
        return valueSizeBytes;
    }

    /** Null if the record has none. Only of a cursor that keeps payloads. */
    public ByteBuffer key() {
        return key;
    }

    /** Null for a tombstone. Only of a cursor that keeps payloads. */
    public ByteBuffer value() {
        return value;
    }

    /** The record as a value. Only of a cursor that keeps payloads. */
    public Record record() {
        if (!keepsPayload) {
            throw new IllegalStateException("This cursor skips payloads; use RecordBatch.cursor()");
        }
        return new Record(offset(), timestamp, key, value, headers);
    }

    @Override
    public void close() {
        index = count;
        input.close();
    }
}
