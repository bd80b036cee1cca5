package io.barnabas.storage.log;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.wire.RecordBytes;

/**
 * Outcome of a read. Whoever gets it owns the leases of its file ranges: each is released once, after it was sent or
 * dropped.
 *
 * @param error NONE or OFFSET_OUT_OF_RANGE
 * @param records whole batches; the first may begin below the offset asked for
 * @param view the log as the read saw it: its offsets belong into the answer
 */
public record ReadResult(ErrorCode error, RecordBytes records, LogView view) {}
