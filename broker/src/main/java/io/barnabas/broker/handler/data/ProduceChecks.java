package io.barnabas.broker.handler.data;

import java.nio.ByteBuffer;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.wire.RecordBytes;

/** What Produce demands of a partition's records before the log looks at them: one batch of the current format. */
final class ProduceChecks {
    private static final int MAGIC_OFFSET = 16;
    private static final int ATTRIBUTES_OFFSET = 21;
    private static final int COMPRESSION_MASK = 0x07;
    private static final int ZSTD = 4;
    private static final int TRANSACTIONAL_BIT = 0x10;
    private static final short FIRST_ZSTD_VERSION = 7;

    private ProduceChecks() {}

    /** Null if nothing is wrong. Kafka's order of checks. */
    static Problem check(short version, RecordBytes records) {
        if (records == null || records.sizeBytes() < RecordBatch.LOG_OVERHEAD_BYTES) {
            return new Problem(
                    ErrorCode.INVALID_RECORD,
                    "Produce requests with version " + version + " must have at least one record batch per partition");
        }
        ByteBuffer buffer = records.buffer();
        int start = buffer.position();
        if (buffer.remaining() <= MAGIC_OFFSET || buffer.get(start + MAGIC_OFFSET) != 2) {
            return new Problem(
                    ErrorCode.INVALID_RECORD,
                    "Produce requests with version " + version
                            + " are only allowed to contain record batches with magic version 2");
        }
        if (buffer.remaining() < RecordBatch.HEADER_SIZE_BYTES) {
            return new Problem(ErrorCode.CORRUPT_MESSAGE, "The record batch is shorter than its header");
        }
        if (version < FIRST_ZSTD_VERSION && (buffer.getShort(start + ATTRIBUTES_OFFSET) & COMPRESSION_MASK) == ZSTD) {
            return new Problem(
                    ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
                    "Produce requests with version " + version + " may not use zstd; it needs version 7");
        }
        long batchBytes = RecordBatch.LOG_OVERHEAD_BYTES + (long) buffer.getInt(start + Long.BYTES);
        if (batchBytes >= RecordBatch.HEADER_SIZE_BYTES
                && buffer.remaining() - batchBytes >= RecordBatch.LOG_OVERHEAD_BYTES) {
            return new Problem(
                    ErrorCode.INVALID_RECORD,
                    "Produce requests with version " + version
                            + " are only allowed to contain exactly one record batch per partition");
        }
        return null;
    }

    /** Only of records that passed {@link #check}. */
    static boolean isTransactional(RecordBytes records) {
        ByteBuffer buffer = records.buffer();
        return (buffer.getShort(buffer.position() + ATTRIBUTES_OFFSET) & TRANSACTIONAL_BIT) != 0;
    }

    /** @param message tells the client more than the code */
    record Problem(ErrorCode error, String message) {}
}
