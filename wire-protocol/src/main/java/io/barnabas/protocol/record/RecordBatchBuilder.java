package io.barnabas.protocol.record;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Builds one v2 batch. Set what differs from a plain uncompressed batch at offset 0, append records, then
 * {@link #build}. Records get the offsets base, base + 1, … unless their own is given; records that need not follow one
 * another are what compaction leaves. Not reusable.
 */
public final class RecordBatchBuilder {
    private static final int INITIAL_BYTES = 512;

    private final GrowingBytes out = new GrowingBytes(RecordBatch.HEADER_SIZE_BYTES, INITIAL_BYTES);
    private final GrowingBytes body = new GrowingBytes(0, 128);
    private Compression compression = Compression.NONE;
    private int level;
    private OutputStream compressor;
    private int attributes;
    private long baseOffset;
    private int lastOffsetDelta = -1;
    private int lastOffsetDeltaOverride = -1;
    private int leaderEpoch = RecordBatch.NO_LEADER_EPOCH;
    private long producerId = RecordBatch.NO_PRODUCER_ID;
    private short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
    private int baseSequence = RecordBatch.NO_SEQUENCE;
    private boolean timestampKnown;
    private long baseTimestamp = RecordBatch.NO_TIMESTAMP;
    private long maxTimestamp = RecordBatch.NO_TIMESTAMP;
    private long appendTime = RecordBatch.NO_TIMESTAMP;
    private int count;

    /** With the codec's default level. */
    public RecordBatchBuilder compression(Compression compression) {
        return compression(compression, compression.defaultLevel());
    }

    public RecordBatchBuilder compression(Compression compression, int level) {
        beforeRecords();
        if (!compression.accepts(level)) {
            throw new IllegalArgumentException(compression.configName() + " has no level " + level + ", only "
                    + compression.minLevel() + " to " + compression.maxLevel());
        }
        this.compression = compression;
        this.level = level;
        return this;
    }

    public RecordBatchBuilder baseOffset(long offset) {
        beforeRecords();
        this.baseOffset = offset;
        return this;
    }

    public RecordBatchBuilder partitionLeaderEpoch(int epoch) {
        this.leaderEpoch = epoch;
        return this;
    }

    public RecordBatchBuilder producer(long id, short epoch, int baseSequence) {
        this.producerId = id;
        this.producerEpoch = epoch;
        this.baseSequence = baseSequence;
        return this;
    }

    public RecordBatchBuilder transactional() {
        attributes |= RecordBatch.TRANSACTIONAL_BIT;
        return this;
    }

    public RecordBatchBuilder control() {
        attributes |= RecordBatch.CONTROL_BIT;
        return this;
    }

    /** All records have this timestamp, set by the broker. */
    public RecordBatchBuilder appendTime(long timestampMs) {
        this.appendTime = timestampMs;
        attributes |= RecordBatch.APPEND_TIME_BIT;
        return this;
    }

    /** Stored as the base timestamp, see {@link RecordBatch#deleteHorizonMs}; records are relative to it. */
    public RecordBatchBuilder deleteHorizon(long timestampMs) {
        beforeRecords();
        attributes |= RecordBatch.DELETE_HORIZON_BIT;
        baseTimestamp = timestampMs;
        timestampKnown = true;
        return this;
    }

    /** The offset range the batch claims, when compaction removed the last records or all of them. */
    public RecordBatchBuilder lastOffset(long offset) {
        this.lastOffsetDeltaOverride = Math.toIntExact(offset - baseOffset);
        return this;
    }

    private void beforeRecords() {
        if (count > 0) {
            throw new IllegalStateException("Set the codec, base offset and horizon before the first record");
        }
    }

    public RecordBatchBuilder append(long timestampMs, byte[] key, byte[] value) {
        return append(
                timestampMs,
                key == null ? null : ByteBuffer.wrap(key),
                value == null ? null : ByteBuffer.wrap(value),
                List.of());
    }

    /** The next record; the buffers' positions do not move. */
    public RecordBatchBuilder append(long timestampMs, ByteBuffer key, ByteBuffer value, List<Header> headers) {
        return append(baseOffset + lastOffsetDelta + 1, timestampMs, key, value, headers);
    }

    /** A record that keeps its own offset, which must be higher than the last. */
    public RecordBatchBuilder append(Record record) {
        return append(record.offset(), record.timestamp(), record.key(), record.value(), record.headers());
    }

    private RecordBatchBuilder append(
            long offset, long timestampMs, ByteBuffer key, ByteBuffer value, List<Header> headers) {
        int delta = Math.toIntExact(offset - baseOffset);
        if (delta <= lastOffsetDelta) {
            throw new IllegalArgumentException("Offset " + offset + " does not follow the last one");
        }
        if (!timestampKnown) {
            timestampKnown = true;
            baseTimestamp = timestampMs;
        }
        body.reset(0);
        body.write(0);
        body.varlong(timestampMs - baseTimestamp);
        body.varint(delta);
        bytes(key);
        bytes(value);
        body.varint(headers.size());
        for (var header : headers) {
            bytes(header.key());
            bytes(header.value());
        }
        if (compression == Compression.NONE) {
            out.varint(body.size());
            out.write(body.array(), 0, body.size());
        } else {
            compress();
        }
        lastOffsetDelta = delta;
        maxTimestamp = count == 0 ? timestampMs : Math.max(maxTimestamp, timestampMs);
        count++;
        return this;
    }

    private void bytes(ByteBuffer content) {
        if (content == null) {
            body.varint(-1);
        } else {
            body.varint(content.remaining());
            body.put(content);
        }
    }

    private void compress() {
        try {
            if (compressor == null) {
                compressor = compression.compress(out, level);
            }
            int rest = Varint.zigzag(body.size());
            while ((rest & ~0x7f) != 0) {
                compressor.write(rest & 0x7f | 0x80);
                rest >>>= 7;
            }
            compressor.write(rest);
            compressor.write(body.array(), 0, body.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Records appended so far. */
    public int count() {
        return count;
    }

    /** The finished batch: position 0, limit its size. A batch without records is allowed; compaction leaves such. */
    public ByteBuffer build() {
        if (compressor != null) {
            try {
                compressor.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        var batch = out.buffer();
        int last = lastOffsetDeltaOverride >= 0 ? lastOffsetDeltaOverride : Math.max(lastOffsetDelta, 0);
        boolean stamped = (attributes & RecordBatch.APPEND_TIME_BIT) != 0;
        batch.putLong(0, baseOffset);
        batch.putInt(RecordBatch.LENGTH_AT, batch.limit() - RecordBatch.LOG_OVERHEAD_BYTES);
        batch.putInt(RecordBatch.LEADER_EPOCH_AT, leaderEpoch);
        batch.put(RecordBatch.MAGIC_AT, RecordBatch.MAGIC);
        batch.putShort(RecordBatch.ATTRIBUTES_AT, (short) (attributes | compression.id()));
        batch.putInt(RecordBatch.LAST_OFFSET_DELTA_AT, last);
        batch.putLong(RecordBatch.BASE_TIMESTAMP_AT, baseTimestamp);
        batch.putLong(RecordBatch.MAX_TIMESTAMP_AT, stamped ? appendTime : maxTimestamp);
        batch.putLong(RecordBatch.PRODUCER_ID_AT, producerId);
        batch.putShort(RecordBatch.PRODUCER_EPOCH_AT, producerEpoch);
        batch.putInt(RecordBatch.BASE_SEQUENCE_AT, baseSequence);
        batch.putInt(RecordBatch.COUNT_AT, count);
        int crc = (int) RecordBatch.crcOf(batch, RecordBatch.ATTRIBUTES_AT, batch.limit() - RecordBatch.ATTRIBUTES_AT);
        batch.putInt(RecordBatch.CRC_AT, crc);
        return batch;
    }
}
