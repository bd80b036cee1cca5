package io.barnabas.storage.log;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.RecordCursor;
import io.barnabas.protocol.record.TimestampType;

/**
 * The rules about single records. A compressed batch is opened only where a rule needs its records: a compacted topic
 * (keys), or a header whose timestamps do not already settle the bounds. Owner thread only; reused for every batch: the
 * findings of the last {@link #check} stay readable until the next.
 */
final class RecordChecks {
    private static final int SHOWN_ERRORS = 3;

    private final TopicPartition partition;
    private long maxTimestampMs;
    private boolean offsetsSequential;
    private List<RecordError> errors;
    private boolean timestampError;

    RecordChecks(TopicPartition partition) {
        this.partition = partition;
    }

    /** The largest timestamp: of the records if they were walked, else what the header says. */
    long maxTimestampMs() {
        return maxTimestampMs;
    }

    /** Whether the records have the offsets 0, 1, 2, … within their batch, as far as was looked. */
    boolean offsetsSequential() {
        return offsetsSequential;
    }

    /** Whether a rule of the topic cannot be decided by the batch header alone. */
    private static boolean mustWalk(RecordBatch batch, LogConfig config, long nowMs) {
        return !batch.isCompressed()
                || config.compact()
                || batch.timestampType() == TimestampType.LOG_APPEND_TIME
                || config.timestampType() == TimestampType.CREATE_TIME
                        && (outOfBounds(batch.maxTimestamp(), config, nowMs)
                                || config.timestampBeforeMaxMs() != Long.MAX_VALUE);
    }

    private static boolean outOfBounds(long timestampMs, LogConfig config, long nowMs) {
        long age = nowMs - timestampMs;
        return age > config.timestampBeforeMaxMs() || -age > config.timestampAfterMaxMs();
    }

    /** @throws io.barnabas.protocol.record.CorruptRecordsException if the records are not as the header says */
    void check(RecordBatch batch, LogConfig config, long nowMs) throws AppendValidator.Rejection {
        maxTimestampMs = batch.maxTimestamp();
        offsetsSequential = true;
        errors = null;
        timestampError = false;
        if (!mustWalk(batch, config, nowMs)) {
            return;
        }
        try (var record = batch.walk()) {
            maxTimestampMs = RecordBatch.NO_TIMESTAMP;
            while (record.advance()) {
                check(record, batch, config, nowMs);
                maxTimestampMs = Math.max(maxTimestampMs, record.timestamp());
            }
            offsetsSequential = record.offsetsSequential();
        }
        if (errors != null) {
            throw rejection();
        }
    }

    private void check(RecordCursor record, RecordBatch batch, LogConfig config, long nowMs) {
        if (config.compact() && !record.hasKey()) {
            add(record, "Compacted topic cannot accept message without key in topic partition " + partition);
        } else if (config.timestampType() == TimestampType.CREATE_TIME
                && record.timestamp() != RecordBatch.NO_TIMESTAMP) {
            if (outOfBounds(record.timestamp(), config, nowMs)) {
                timestampError = true;
                add(
                        record,
                        "Timestamp " + record.timestamp() + " of message with offset " + record.offset()
                                + " is out of range. The timestamp should be within ["
                                + (nowMs - config.timestampBeforeMaxMs()) + ", "
                                + (nowMs + config.timestampAfterMaxMs()) + "]");
            }
        } else if (batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
            timestampError = true;
            add(
                    record,
                    "Invalid timestamp type in message with offset " + record.offset()
                            + ". Producer should not set timestamp type to LogAppendTime.");
        }
    }

    private void add(RecordCursor record, String problem) {
        if (errors == null) {
            errors = new ArrayList<>();
        }
        errors.add(new RecordError(record.index(), problem));
    }

    private AppendValidator.Rejection rejection() {
        return timestampError
                ? new AppendValidator.Rejection(
                        ErrorCode.INVALID_TIMESTAMP,
                        "One or more records have been rejected due to invalid timestamp",
                        errors)
                : new AppendValidator.Rejection(
                        ErrorCode.INVALID_RECORD,
                        "One or more records have been rejected due to " + errors.size()
                                + " record errors in total, and only showing the first three errors at most: "
                                + errors.subList(0, Math.min(errors.size(), SHOWN_ERRORS)),
                        errors);
    }
}
