package io.barnabas.storage.log;

import java.util.List;

import io.barnabas.protocol.ErrorCode;

/** Outcome of offering batches to a log. */
public sealed interface AppendResult {
    long logStartOffset();

    /**
     * Written, or staged to be written.
     *
     * @param appendTimeMs the time stamped on the batches; -1 if the topic keeps the producers' timestamps
     */
    record Appended(long baseOffset, long lastOffset, long appendTimeMs, long logStartOffset) implements AppendResult {}

    /** An idempotent producer's retry of a batch the log has: the offsets it got then. Nothing was written. */
    record Duplicate(long baseOffset, long lastOffset, long appendTimeMs, long logStartOffset)
            implements AppendResult {}

    /** Not acceptable; nothing was written and no state changed. */
    record Rejected(ErrorCode error, String message, List<RecordError> recordErrors, long logStartOffset)
            implements AppendResult {}
}
