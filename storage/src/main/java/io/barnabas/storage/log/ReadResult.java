package io.barnabas.storage.log;

import java.util.List;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.wire.RecordBytes;
import io.barnabas.storage.producer.AbortedTransaction;

/**
 * Outcome of a read. Whoever gets it owns the leases of its file ranges: each is released once, after it was sent or
 * dropped.
 *
 * @param error NONE or OFFSET_OUT_OF_RANGE
 * @param records whole batches; the first may begin below the offset asked for
 * @param abortedTransactions ordered by first offset; null unless the read was {@link ReadIsolation#COMMITTED}
 * @param view the log as the read saw it: its offsets belong into the answer
 */
public record ReadResult(
        ErrorCode error, RecordBytes records, List<AbortedTransaction> abortedTransactions, LogView view) {}
