package io.barnabas.storage.compaction;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.producer.AbortedTransaction;
import io.barnabas.storage.segment.BatchScan;
import io.barnabas.storage.segment.Segment;

/** Reads the dirty part of a log into an {@link OffsetMap}, as far as that takes it. One thread. */
final class DirtyKeys {
    private final CompactionPlan plan;
    private final CleaningContext context;
    private final OffsetMap map;
    private final CleanedTransactions transactions = new CleanedTransactions();

    DirtyKeys(CompactionPlan plan, CleaningContext context) {
        this.plan = plan;
        this.context = context;
        this.map =
                new OffsetMap(context.settings().maxSlots(), context.settings().maxKeys());
    }

    OffsetMap read() throws IOException, CleaningStoppedException {
        long from = plan.firstDirtyOffset();
        long to = plan.firstUncleanableOffset();
        transactions.expect(aborted(plan, from, to));
        var dirty = CompactionPlan.between(plan.view().segments(), from, to);
        for (int i = 0; i < dirty.size(); i++) {
            long end = i + 1 < dirty.size() ? dirty.get(i + 1).baseOffset() : to;
            if (!take(dirty.get(i))) {
                return map;
            }
            map.seenUpTo(end - 1);
        }
        return map;
    }

    /** The aborted transactions with records from one offset up to another, in the order of their markers. */
    static List<AbortedTransaction> aborted(CompactionPlan plan, long from, long to) throws IOException {
        var found = new ArrayList<AbortedTransaction>();
        for (var segment : CompactionPlan.between(plan.view().segments(), from, Long.MAX_VALUE)) {
            if (segment.transactionIndex().collectAborted(from, to, found)) {
                break;
            }
        }
        return found;
    }

    /** False once the map is full. */
    private boolean take(Segment segment) throws IOException, CleaningStoppedException {
        if (segment.sizeBytes() == 0) {
            return true;
        }
        var channel = segment.log().acquire();
        try {
            int position = segment.offsetIndex().positionBefore(plan.firstDirtyOffset());
            var scan = new BatchScan(
                    channel, position, segment.sizeBytes(), context.settings().bufferBytes());
            while (scan.next()) {
                context.goOn();
                context.pay(scan.batch().sizeBytes());
                if (!take(scan.batch())) {
                    return false;
                }
            }
            if (scan.position() != segment.sizeBytes()) {
                throw new CorruptRecordsException("No whole batch at position " + scan.position() + " of " + segment);
            }
            return true;
        } finally {
            segment.log().release();
        }
    }

    private boolean take(RecordBatch batch) throws IOException {
        if (batch.isControl()) {
            transactions.isNeedless(batch);
        } else if (!transactions.isAborted(batch)) {
            try (var cursor = batch.cursor()) {
                while (cursor.advance()) {
                    if (cursor.hasKey() && cursor.offset() >= plan.firstDirtyOffset()) {
                        if (map.isFull()) {
                            return false;
                        }
                        map.put(cursor.key(), cursor.offset());
                    }
                }
            }
        }
        if (batch.lastOffset() >= plan.firstDirtyOffset()) {
            map.seenUpTo(batch.lastOffset());
        }
        return true;
    }
}
