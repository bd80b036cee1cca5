package io.barnabas.storage.recovery;

import java.io.IOException;
import java.util.List;
import java.util.SortedSet;

import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.storage.producer.ProducerLedger;
import io.barnabas.storage.segment.BatchScan;
import io.barnabas.storage.segment.Segment;

/**
 * Brings a producer ledger to the state it has at the end of a log: newest usable snapshot, then the batches after it,
 * then the batches before it by which retries are recognised and which it does not have. The thread that loads or owns the log.
 */
public final class ProducerRebuild {
    /** Snapshots are taken anew at the bases of so many newest segments, so that the next recovery reads little. */
    private static final int SEGMENTS_WITH_SNAPSHOT = 2;
    /** Most batches are passed over by their headers. */
    private static final int HEADERS_BYTES = 4096;

    private ProducerRebuild() {}

    /**
     * @param segments oldest first
     * @param rebuilt base offsets of the segments whose transaction indexes are empty and must be filled again
     */
    public static void rebuild(
            ProducerLedger producers,
            List<Segment> segments,
            long logStartOffset,
            long endOffset,
            SortedSet<Long> rebuilt,
            long nowMs)
            throws IOException {
        long snapshotUpTo =
                rebuilt.isEmpty() ? endOffset : Math.min(endOffset, Math.max(rebuilt.first(), logStartOffset));
        producers.cutSnapshotsAbove(endOffset);
        long from = Math.max(producers.reload(logStartOffset, snapshotUpTo, nowMs), logStartOffset);
        for (int i = 0; i < segments.size(); i++) {
            var segment = segments.get(i);
            long nextBase = i + 1 < segments.size() ? segments.get(i + 1).baseOffset() : Long.MAX_VALUE;
            if (nextBase <= from || segment.sizeBytes() == 0) {
                continue;
            }
            if (segment.baseOffset() > from && i >= segments.size() - SEGMENTS_WITH_SNAPSHOT) {
                producers.takeSnapshot(segment.baseOffset(), false);
            }
            replay(producers, segment, from, endOffset, rebuilt.contains(segment.baseOffset()));
        }
        new EarlierBatchSearch(producers.earlierBatches(), segments, from).run();
    }

    private static void replay(
            ProducerLedger producers, Segment segment, long from, long endOffset, boolean fillTransactionIndex)
            throws IOException {
        var channel = segment.log().acquire();
        try {
            int position =
                    from <= segment.baseOffset() ? 0 : segment.offsetIndex().positionBefore(from);
            var scan = new BatchScan(channel, position, segment.sizeBytes(), HEADERS_BYTES);
            while (scan.nextHeader() && scan.baseOffset() < endOffset) {
                if (!scan.concernsProducers()) {
                    continue;
                }
                scan.load();
                if (scan.batch().lastOffset() < from) {
                    continue;
                }
                var completed = producers.update(scan.batch());
                if (fillTransactionIndex
                        && completed.isPresent()
                        && completed.get().aborted()) {
                    segment.transactionIndex().append(completed.get().toIndexEntry());
                }
            }
        } catch (CorruptRecordsException e) {
            throw new IOException("Segment " + segment + " holds a damaged transaction marker: " + e.getMessage(), e);
        } finally {
            segment.log().release();
        }
    }
}
