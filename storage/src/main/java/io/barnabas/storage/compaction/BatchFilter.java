package io.barnabas.storage.compaction;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.barnabas.protocol.record.Record;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.protocol.record.RecordBatchBuilder;
import io.barnabas.protocol.record.TimestampType;
import io.barnabas.storage.producer.LastRecord;

/**
 * What stays of each batch, by Kafka's rules: of a key the latest record; a tombstone, and a marker without data, until the
 * delete horizon that its batch gets when it is first met; of aborted transactions nothing. The batch that a producer wrote
 * last, and the last one of the round, stay at least as empty batches. One thread, batches in the order of the log.
 */
final class BatchFilter {
    private final OffsetMap latest;
    private final CleanedTransactions transactions;
    private final Map<Long, LastRecord> producers;
    private final long endOfRound;
    private final long deleteRetentionMs;
    private final long nowMs;
    private long recordsRead;
    private long recordsKept;
    private long keyless;

    /**
     * @param producers by id, where those remembered wrote last
     * @param endOfRound the offset where the last batch of the round ends
     * @param deleteRetentionMs {@code delete.retention.ms}
     */
    BatchFilter(
            OffsetMap latest,
            CleanedTransactions transactions,
            Map<Long, LastRecord> producers,
            long endOfRound,
            long deleteRetentionMs,
            long nowMs) {
        this.latest = latest;
        this.transactions = transactions;
        this.producers = producers;
        this.endOfRound = endOfRound;
        this.deleteRetentionMs = deleteRetentionMs;
        this.nowMs = nowMs;
    }

    long recordsRead() {
        return recordsRead;
    }

    long recordsKept() {
        return recordsKept;
    }

    /** Records without a key that went: they should never have been in a compacted topic. */
    long keyless() {
        return keyless;
    }

    /**
     * The bytes to store in the batch's place; null for none. They may be the batch's own.
     *
     * @throws io.barnabas.protocol.record.CorruptRecordsException if the records are damaged
     */
    ByteBuffer filter(RecordBatch batch) throws IOException {
        boolean needlessMarker = batch.isControl() && transactions.isNeedless(batch);
        boolean discards = batch.isControl() ? needlessMarker && horizonPassed(batch) : transactions.isAborted(batch);
        boolean mustStay = isLastOfProducer(batch) || batch.nextOffset() == endOfRound;
        if (discards) {
            return mustStay ? batch.withoutRecords() : null;
        }
        var kept = keptOf(batch);
        if (kept.isEmpty()) {
            return mustStay ? batch.withoutRecords() : null;
        }
        recordsKept += kept.size();
        boolean startsHorizon = batch.deleteHorizonMs().isEmpty() && (needlessMarker || hasTombstone(kept));
        if (kept.size() == batch.count() && !startsHorizon) {
            return batch.bytes();
        }
        return rebuilt(batch, kept, startsHorizon);
    }

    private boolean horizonPassed(RecordBatch batch) {
        var horizon = batch.deleteHorizonMs();
        return horizon.isPresent() && horizon.getAsLong() <= nowMs;
    }

    private boolean isLastOfProducer(RecordBatch batch) {
        if (!batch.hasProducerId()) {
            return false;
        }
        var last = producers.get(batch.producerId());
        if (last == null) {
            return false;
        }
        return last.lastDataOffset() >= 0
                ? batch.lastOffset() == last.lastDataOffset()
                : batch.isControl() && batch.producerEpoch() == last.epoch();
    }

    private List<Record> keptOf(RecordBatch batch) {
        var kept = new ArrayList<Record>(Math.max(0, Math.min(batch.count(), 1_024)));
        boolean tombstonesGo = horizonPassed(batch);
        try (var cursor = batch.cursor()) {
            while (cursor.advance()) {
                recordsRead++;
                if (batch.isControl() || stays(cursor.record(), tombstonesGo)) {
                    kept.add(cursor.record());
                }
            }
        }
        return kept;
    }

    private boolean stays(Record record, boolean tombstonesGo) {
        if (record.offset() > latest.latestOffset()) {
            return true;
        }
        if (!record.hasKey()) {
            keyless++;
            return false;
        }
        return (record.hasValue() || !tombstonesGo) && record.offset() >= latest.get(record.key());
    }

    private static boolean hasTombstone(List<Record> records) {
        for (var record : records) {
            if (!record.hasValue()) {
                return true;
            }
        }
        return false;
    }

    private ByteBuffer rebuilt(RecordBatch batch, List<Record> kept, boolean startsHorizon) {
        var builder = new RecordBatchBuilder()
                .compression(batch.compression())
                .baseOffset(batch.baseOffset())
                .partitionLeaderEpoch(batch.partitionLeaderEpoch())
                .producer(batch.producerId(), batch.producerEpoch(), batch.baseSequence());
        if (batch.isTransactional()) {
            builder.transactional();
        }
        if (batch.isControl()) {
            builder.control();
        }
        if (batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
            builder.appendTime(batch.maxTimestamp());
        }
        if (startsHorizon) {
            builder.deleteHorizon(nowMs + deleteRetentionMs);
        } else {
            batch.deleteHorizonMs().ifPresent(builder::deleteHorizon);
        }
        kept.forEach(builder::append);
        return builder.lastOffset(batch.lastOffset()).build();
    }
}
