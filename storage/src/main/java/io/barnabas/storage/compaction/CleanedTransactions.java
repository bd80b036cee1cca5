package io.barnabas.storage.compaction;

import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

import io.barnabas.protocol.record.ControlRecordType;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.producer.AbortedTransaction;
import io.barnabas.storage.producer.TransactionIndex;

/**
 * The transactions met on the way through a log from its start, batch by batch: which data was aborted, and which markers
 * have no data left before them. One thread.
 */
final class CleanedTransactions {
    private static final class Aborted {
        final AbortedTransaction transaction;
        boolean hasData;

        Aborted(AbortedTransaction transaction) {
            this.transaction = transaction;
        }
    }

    private final PriorityQueue<AbortedTransaction> ahead =
            new PriorityQueue<>(Comparator.comparingLong(AbortedTransaction::firstOffset));
    private final Map<Long, Aborted> aborting = new HashMap<>();
    private final Set<Long> committing = new HashSet<>();
    private TransactionIndex kept;

    /** Aborted transactions that may come on the way ahead; the same may be announced twice. */
    void expect(List<AbortedTransaction> aborted) {
        ahead.addAll(aborted);
    }

    /** From now on, aborted transactions whose marker stays for its data's sake go into this index. */
    void keepIn(TransactionIndex index) {
        kept = index;
    }

    private void reach(long offset) {
        while (!ahead.isEmpty() && ahead.peek().firstOffset() <= offset) {
            var transaction = ahead.poll();
            aborting.computeIfAbsent(transaction.producerId(), id -> new Aborted(transaction));
        }
    }

    /** Takes a data batch; true if its transaction was aborted. */
    boolean isAborted(RecordBatch batch) {
        reach(batch.lastOffset());
        if (!batch.isTransactional()) {
            return false;
        }
        var aborted = aborting.get(batch.producerId());
        if (aborted == null) {
            committing.add(batch.producerId());
            return false;
        }
        aborted.hasData = true;
        return true;
    }

    /** Takes a control batch; true if no data of its transaction was met, so that the marker tells nobody anything. */
    boolean isNeedless(RecordBatch batch) throws IOException {
        reach(batch.lastOffset());
        ControlRecordType type;
        try (var cursor = batch.cursor()) {
            if (!cursor.advance()) {
                return true;
            }
            type = ControlRecordType.of(cursor.key());
        }
        return switch (type) {
            case COMMIT -> !committing.remove(batch.producerId());
            case ABORT -> endAborted(batch.producerId());
            default -> false;
        };
    }

    private boolean endAborted(long producerId) throws IOException {
        var aborted = aborting.remove(producerId);
        if (aborted == null || !aborted.hasData) {
            return true;
        }
        if (kept != null) {
            kept.append(aborted.transaction);
        }
        return false;
    }
}
