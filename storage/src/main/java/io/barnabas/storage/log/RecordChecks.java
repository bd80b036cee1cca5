package io.barnabas.storage.log;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.record.Compression;
import io.barnabas.protocol.record.Record;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.TimestampType;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules about single records. A compressed batch is opened only where a rule needs its records: a compacted topic
 * (keys), or a header whose timestamps do not already settle the bounds. Owner thread only.
 */
final class RecordChecks {
    private static final int SHOWN_ERRORS = 3;

    private final TopicPartition partition;

    RecordChecks(TopicPartition partition) {
        this.partition = partition;
    }

    /** Whether a rule of the topic cannot be decided by the batch header alone. */
    private static boolean mustOpen(RecordBatch batch, LogConfig config, long nowMs) {
        if (batch.compression() == Compression.NONE || config.compact()) {
            return true;
        }
        if (config.timestampType() == TimestampType.LOG_APPEND_TIME) {
            return batch.timestampType() == TimestampType.LOG_APPEND_TIME;
        }
        return batch.timestampType() == TimestampType.LOG_APPEND_TIME
                || outOfBounds(batch.maxTimestamp(), config, nowMs)
                || config.timestampBeforeMaxMs() != Long.MAX_VALUE;
    }

    private static boolean outOfBounds(long timestampMs, LogConfig config, long nowMs) {
        long age = nowMs - timestampMs;
        return age > config.timestampBeforeMaxMs() || -age > config.timestampAfterMaxMs();
    }

    void check(RecordBatch batch, LogConfig config, long nowMs) throws AppendValidator.Rejection {
        if (!mustOpen(batch, config, nowMs)) {
            return;
        }
        List<RecordError> errors = null;
        boolean timestampError = false;
        int index = 0;
        for (Record record : batch.records()) {
            String problem = null;
            if (config.compact() && !record.hasKey()) {
                problem = "Compacted topic cannot accept message without key in topic partition " + partition;
            } else if (config.timestampType() == TimestampType.CREATE_TIME
                    && record.timestamp() != -1
                    && outOfBounds(record.timestamp(), config, nowMs)) {
                problem = "Timestamp " + record.timestamp() + " of message with offset " + record.offset()
                        + " is out of range. The timestamp should be within ["
                        + (nowMs - config.timestampBeforeMaxMs()) + ", " + (nowMs + config.timestampAfterMaxMs())
                        + "]";
                timestampError = true;
            } else if (batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
                problem = "Invalid timestamp type in message " + record
                        + ". Producer should not set timestamp type to LogAppendTime.";
                timestampError = true;
            }
            if (problem != null) {
                if (errors == null) {
                    errors = new ArrayList<>();
                }
                errors.add(new RecordError(index, problem));
            }
            index++;
        }
        if (errors != null) {
            throw rejection(errors, timestampError);
        }
    }

    private static AppendValidator.Rejection rejection(List<RecordError> errors, boolean timestampError) {
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
