package io.barnabas.storage.producer;

import java.util.Arrays;

import io.barnabas.protocol.record.RecordBatch;

/** What is remembered of one producer: its epoch, its last five batches, its open transaction. */
final class ProducerState {
    static final int BATCHES = 5;
    /** Per batch: last offset, timestamp, last sequence and offset delta. */
    private static final int LONGS_PER_BATCH = 3;

    private final long producerId;
    private short epoch = RecordBatch.NO_PRODUCER_EPOCH;
    private int coordinatorEpoch = -1;
    private long lastTimestampMs = RecordBatch.NO_TIMESTAMP;
    private long transactionStart = -1;
    /** Oldest batch first; grows to five batches only for producers that write on. */
    private long[] batches = {};

    private int batchCount;

    ProducerState(long producerId) {
        this.producerId = producerId;
    }

    ProducerState(long producerId, short epoch, int coordinatorEpoch, long lastTimestampMs, long transactionStart) {
        this.producerId = producerId;
        this.epoch = epoch;
        this.coordinatorEpoch = coordinatorEpoch;
        this.lastTimestampMs = lastTimestampMs;
        this.transactionStart = transactionStart;
    }

    void addBatch(short batchEpoch, int lastSequence, long lastOffset, int offsetDelta, long timestampMs) {
        moveToEpoch(batchEpoch);
        if (batchCount == BATCHES) {
            System.arraycopy(batches, LONGS_PER_BATCH, batches, 0, (BATCHES - 1) * LONGS_PER_BATCH);
            batchCount--;
        } else if (batches.length == batchCount * LONGS_PER_BATCH) {
            batches = Arrays.copyOf(batches, (batchCount == 0 ? 1 : BATCHES) * LONGS_PER_BATCH);
        }
        set(batchCount, lastSequence, lastOffset, offsetDelta, timestampMs);
        batchCount++;
        lastTimestampMs = timestampMs;
    }

    /** Whether fewer batches are known than are remembered, and the oldest of them is not a producer's first. */
    boolean lacksBatches() {
        return hasBatches() && batchCount < BATCHES && (firstSequence(0) != 0 || maySequencesHaveWrapped());
    }

    /** 0 follows 2³¹−1 only where as many records lie before. */
    private boolean maySequencesHaveWrapped() {
        return oldestOffset() > Integer.MAX_VALUE;
    }

    /** First offset of the oldest batch known, of which there is one. */
    long oldestOffset() {
        return batches[0] - offsetDelta(0);
    }

    /** Whether the oldest batch known continues this one. */
    boolean isRightAfter(EarlierBatches.Batch batch) {
        return batch.producerEpoch() == epoch
                && batch.lastSequence() == sequenceBefore(firstSequence(0), 1)
                && batch.lastOffset() < oldestOffset();
    }

    void addEarlier(EarlierBatches.Batch batch) {
        batches = Arrays.copyOf(batches, BATCHES * LONGS_PER_BATCH);
        System.arraycopy(batches, 0, batches, LONGS_PER_BATCH, batchCount * LONGS_PER_BATCH);
        set(0, batch.lastSequence(), batch.lastOffset(), batch.lastOffsetDelta(), batch.maxTimestampMs());
        batchCount++;
    }

    private void set(int index, int lastSequence, long lastOffset, int offsetDelta, long timestampMs) {
        int at = index * LONGS_PER_BATCH;
        batches[at] = lastOffset;
        batches[at + 1] = timestampMs;
        batches[at + 2] = (long) lastSequence << 32 | offsetDelta & 0xffffffffL;
    }

    /** A marker ends the transaction, and may bring a new epoch. */
    void end(short markerEpoch, int newCoordinatorEpoch, long timestampMs) {
        moveToEpoch(markerEpoch);
        coordinatorEpoch = newCoordinatorEpoch;
        transactionStart = -1;
        lastTimestampMs = timestampMs;
    }

    private void moveToEpoch(short newEpoch) {
        if (newEpoch != epoch) {
            batchCount = 0;
            epoch = newEpoch;
        }
    }

    void openTransaction(long firstOffset) {
        transactionStart = firstOffset;
    }

    long producerId() {
        return producerId;
    }

    short epoch() {
        return epoch;
    }

    int coordinatorEpoch() {
        return coordinatorEpoch;
    }

    long lastTimestampMs() {
        return lastTimestampMs;
    }

    boolean inTransaction() {
        return transactionStart >= 0;
    }

    /** First offset of the open transaction, −1 if none. */
    long transactionStart() {
        return transactionStart;
    }

    boolean hasBatches() {
        return batchCount > 0;
    }

    int lastSequence() {
        return hasBatches() ? lastSequence(batchCount - 1) : RecordBatch.NO_SEQUENCE;
    }

    long lastOffset() {
        return hasBatches() ? batches[(batchCount - 1) * LONGS_PER_BATCH] : -1;
    }

    int lastOffsetDelta() {
        return hasBatches() ? offsetDelta(batchCount - 1) : 0;
    }

    private int lastSequence(int index) {
        return (int) (batches[index * LONGS_PER_BATCH + 2] >> 32);
    }

    private int firstSequence(int index) {
        return sequenceBefore(lastSequence(index), offsetDelta(index));
    }

    private int offsetDelta(int index) {
        return (int) batches[index * LONGS_PER_BATCH + 2];
    }

    /** The remembered batch with exactly this epoch and range of sequences; null if there is none. */
    ProducerCheck.Duplicate duplicateOf(RecordBatch batch) {
        if (batch.producerEpoch() != epoch) {
            return null;
        }
        int first = batch.baseSequence();
        int last = batch.lastSequence();
        for (int i = 0; i < batchCount; i++) {
            int delta = offsetDelta(i);
            if (lastSequence(i) == last && firstSequence(i) == first) {
                long lastOffset = batches[i * LONGS_PER_BATCH];
                return new ProducerCheck.Duplicate(lastOffset - delta, lastOffset, batches[i * LONGS_PER_BATCH + 1]);
            }
        }
        return null;
    }

    private static int sequenceBefore(int sequence, int steps) {
        return sequence < steps ? Integer.MAX_VALUE - (steps - sequence) + 1 : sequence - steps;
    }

    boolean expired(long nowMs, long expirationMs) {
        return !inTransaction() && nowMs - lastTimestampMs >= expirationMs;
    }
}
