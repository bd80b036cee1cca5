package io.barnabas.storage.log;

import java.nio.ByteBuffer;
import java.util.List;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.TimestampType;

/**
 * Checks what a client or a coordinator offers to a log and makes it storable: offsets and leader epoch patched in place,
 * append time stamped, stored again with the topic's codec where it asks for one. Checks, their order, error codes and
 * sentences are those of Kafka 4.3.1. Nothing outside the offered buffer changes. Owner thread only; reused for every
 * append: the outcome of the last {@link #check} stays readable until the next.
 */
final class AppendValidator {
    /** Smallest length any batch can state, a limit from the oldest message format. */
    private static final int MIN_STATED_LENGTH = 14;

    private static final int MAGIC_AT = 16;
    private static final byte CURRENT_MAGIC = 2;

    private final TopicPartition partition;
    private final RecordBatch batch = new RecordBatch();
    private final RecordChecks records;
    private ByteBuffer storable;

    AppendValidator(TopicPartition partition) {
        this.partition = partition;
        this.records = new RecordChecks(partition);
    }

    /** The bytes to store, after a check that passed. */
    ByteBuffer storable() {
        return storable;
    }

    /** The one batch to store, after a check that passed. */
    RecordBatch batch() {
        return batch;
    }

    /** Null if storable. */
    AppendResult.Rejected check(
            ByteBuffer offered,
            long nextOffset,
            int leaderEpoch,
            AppendOrigin origin,
            LogConfig config,
            long logStartOffset,
            long nowMs) {
        try {
            frame(offered, origin, config);
            checkBatch(origin);
            storable = assign(offered, nextOffset, leaderEpoch, origin, config, nowMs);
            return null;
        } catch (Rejection rejection) {
            return rejection.result(logStartOffset);
        } catch (CorruptRecordsException e) {
            return invalid(e.getMessage() + " in topic partition " + partition).result(logStartOffset);
        }
    }

    /**
     * Checks the replicated batch at the buffer's position and steps the position over it; offsets, epoch and timestamps
     * stay as the leader wrote them. Null if storable.
     *
     * @param nextOffset the log end: a follower never goes back
     */
    AppendResult.Rejected checkReplicated(ByteBuffer offered, long nextOffset, long logStartOffset) {
        int start = offered.position();
        try {
            int sizeBytes = batchSize(offered, start);
            if (sizeBytes < 0) {
                throw invalid("Replicated data for " + partition + " ends inside a batch");
            }
            checkCrc(offered, start, sizeBytes);
            if (batch.baseOffset() < nextOffset) {
                throw new Rejection(
                        ErrorCode.UNKNOWN_SERVER_ERROR,
                        "Unexpected offset in append to " + partition + ". First offset " + batch.baseOffset()
                                + " is less than the next offset " + nextOffset);
            }
            storable = offered.slice(start, sizeBytes);
            batch.wrap(storable, 0);
            offered.position(start + sizeBytes);
            return null;
        } catch (Rejection rejection) {
            return rejection.result(logStartOffset);
        }
    }

    /** Moves {@link #batch} there, once it is known to be a whole one. */
    private void checkCrc(ByteBuffer offered, int start, int sizeBytes) throws Rejection {
        if (sizeBytes < RecordBatch.HEADER_SIZE_BYTES) {
            throw new Rejection(
                    ErrorCode.CORRUPT_MESSAGE,
                    "Record batch of " + sizeBytes + " bytes is shorter than its header ("
                            + RecordBatch.HEADER_SIZE_BYTES + ") in topic partition " + partition + ".");
        }
        if (!batch.wrap(offered, start).crcIsValid()) {
            throw new Rejection(
                    ErrorCode.CORRUPT_MESSAGE,
                    "Record is corrupt (stored crc = " + batch.crc() + ") in topic partition " + partition + ".");
        }
    }

    private void frame(ByteBuffer offered, AppendOrigin origin, LogConfig config) throws Rejection {
        int start = offered.position();
        int sizeBytes = batchSize(offered, start);
        if (sizeBytes < 0) {
            throw invalid("Record batch has no batches at all");
        }
        if (origin == AppendOrigin.CLIENT && offered.getLong(start) != 0) {
            throw invalid("The baseOffset of the record batch in the append to " + partition
                    + " should be 0, but it is " + offered.getLong(start));
        }
        if (sizeBytes > config.maxMessageBytes()) {
            throw new Rejection(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "A batch of " + sizeBytes + " bytes for " + partition + " is above the topic's max.message.bytes="
                            + config.maxMessageBytes() + ".");
        }
        checkCrc(offered, start, sizeBytes);
        int next = start + sizeBytes;
        if (next < offered.limit() && batchSize(offered, next) >= 0) {
            throw invalid("Compressed outer record has more than one batch");
        }
        offered.limit(next);
    }

    /** Size of the whole batch at a position; −1 if what is left is no whole batch. */
    private int batchSize(ByteBuffer offered, int at) throws Rejection {
        int remaining = offered.limit() - at;
        if (remaining < RecordBatch.LOG_OVERHEAD_BYTES) {
            return -1;
        }
        int length = offered.getInt(at + Long.BYTES);
        if (length < MIN_STATED_LENGTH) {
            throw new Rejection(
                    ErrorCode.CORRUPT_MESSAGE,
                    "Record size " + length + " is less than the minimum record overhead (" + MIN_STATED_LENGTH + ")");
        }
        if (remaining <= MAGIC_AT) {
            return -1;
        }
        byte magic = offered.get(at + MAGIC_AT);
        if (magic < 0 || magic > CURRENT_MAGIC) {
            throw new Rejection(ErrorCode.CORRUPT_MESSAGE, "Invalid magic found in record: " + magic);
        }
        if (magic != CURRENT_MAGIC) {
            throw invalid("Batch magic " + magic + " is not supported, only " + CURRENT_MAGIC + ", in topic partition "
                    + partition);
        }
        return length > remaining - RecordBatch.LOG_OVERHEAD_BYTES ? -1 : length + RecordBatch.LOG_OVERHEAD_BYTES;
    }

    private void checkBatch(AppendOrigin origin) throws Rejection {
        if (origin != AppendOrigin.CLIENT) {
            return;
        }
        long countFromOffsets = batch.lastOffset() - batch.baseOffset() + 1;
        if (countFromOffsets <= 0) {
            throw invalid("Batch has an invalid offset range: [" + batch.baseOffset() + ", " + batch.lastOffset()
                    + "] in topic partition " + partition);
        }
        if (batch.count() <= 0) {
            throw invalid(
                    "Invalid reported count for record batch: " + batch.count() + " in topic partition " + partition);
        }
        if (countFromOffsets != batch.count()) {
            throw invalid("Inconsistent batch offset range [" + batch.baseOffset() + ", " + batch.lastOffset()
                    + "] and count of records " + batch.count() + " in topic partition " + partition);
        }
        if (batch.isControl()) {
            throw invalid("Clients are not allowed to write control records in topic partition " + partition);
        }
        if (batch.hasProducerId() && batch.baseSequence() < 0) {
            throw invalid("Invalid sequence number " + batch.baseSequence() + " in record batch with producerId "
                    + batch.producerId() + " in topic partition " + partition);
        }
    }

    private ByteBuffer assign(
            ByteBuffer offered, long nextOffset, int leaderEpoch, AppendOrigin origin, LogConfig config, long nowMs)
            throws Rejection {
        boolean sequential = true;
        if (origin == AppendOrigin.CLIENT) {
            records.check(batch, config, nowMs);
            sequential = records.offsetsSequential() || !batch.isCompressed();
        }
        var target = Recompression.target(batch, config);
        var bytes = offered;
        if (target != batch.compression() || !sequential) {
            bytes = Recompression.rebuild(batch, target, nextOffset, leaderEpoch, config, nowMs);
            batch.wrap(bytes, 0);
            if (bytes.remaining() > config.maxMessageBytes()) {
                throw new Rejection(
                        ErrorCode.MESSAGE_TOO_LARGE,
                        "Message batch size is " + bytes.remaining() + " bytes in append to partition " + partition
                                + " which exceeds the maximum configured size of " + config.maxMessageBytes() + ".");
            }
        } else {
            batch.baseOffset(nextOffset);
            batch.partitionLeaderEpoch(leaderEpoch);
            stamp(origin, config, nowMs);
        }
        if (bytes.remaining() > config.segmentBytes()) {
            throw new Rejection(
                    ErrorCode.RECORD_LIST_TOO_LARGE,
                    "Message batch size is " + bytes.remaining() + " bytes in append to partition " + partition
                            + ", which exceeds the maximum configured segment size of " + config.segmentBytes() + ".");
        }
        return bytes;
    }

    private void stamp(AppendOrigin origin, LogConfig config, long nowMs) {
        if (config.timestampType() == TimestampType.LOG_APPEND_TIME) {
            batch.stampAppendTime(nowMs);
        } else if (origin == AppendOrigin.CLIENT) {
            batch.stampCreateTime(records.maxTimestampMs());
        }
    }

    private static Rejection invalid(String message) {
        return new Rejection(ErrorCode.INVALID_RECORD, message);
    }

    /** Carries a rejection out of nested checks; no stack trace, it is no bug. */
    static final class Rejection extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient ErrorCode error;
        private final transient List<RecordError> recordErrors;

        Rejection(ErrorCode error, String message) {
            this(error, message, List.of());
        }

        Rejection(ErrorCode error, String message, List<RecordError> recordErrors) {
            super(message, null, false, false);
            this.error = error;
            this.recordErrors = recordErrors;
        }

        AppendResult.Rejected result(long logStartOffset) {
            return new AppendResult.Rejected(error, getMessage(), recordErrors, logStartOffset);
        }
    }
}
