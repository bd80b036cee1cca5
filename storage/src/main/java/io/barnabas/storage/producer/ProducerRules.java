package io.barnabas.storage.producer;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.record.EndTransactionMarker;
import io.barnabas.protocol.record.RecordBatch;

/** The rules a batch of a producer must keep, in Kafka's order. Pure; null means kept. */
final class ProducerRules {
    enum Source {
        CLIENT,
        COORDINATOR,
        REPLICATION
    }

    private static final short STRICT_TRANSACTION_VERSION = 2;
    private static final ProducerState UNKNOWN = new ProducerState(RecordBatch.NO_PRODUCER_ID);

    private final TopicPartition partition;

    ProducerRules(TopicPartition partition) {
        this.partition = partition;
    }

    /** @param known null if the log remembers nothing of the producer */
    ProducerCheck.Reject data(
            RecordBatch batch, ProducerState known, Verifications.Verification verification, Source source) {
        var state = known == null ? UNKNOWN : known;
        if (batch.producerEpoch() < state.epoch() && source != Source.REPLICATION) {
            return reject(
                    ErrorCode.INVALID_PRODUCER_EPOCH,
                    batch,
                    "has epoch " + batch.producerEpoch() + ", older than epoch " + state.epoch()
                            + ", which this partition has seen already");
        }
        if (source == Source.CLIENT) {
            var rejected = sequence(batch, state, verification);
            if (rejected != null) {
                return rejected;
            }
        }
        if (state.inTransaction() && !batch.isTransactional()) {
            return reject(
                    ErrorCode.INVALID_TXN_STATE,
                    batch,
                    "sent a batch outside of its transaction, which is open since offset " + state.transactionStart());
        }
        return null;
    }

    private ProducerCheck.Reject sequence(
            RecordBatch batch, ProducerState state, Verifications.Verification verification) {
        int first = batch.baseSequence();
        if (verification != null) {
            if (verification.supportsEpochBump() && first != 0 && !state.hasBatches()) {
                return outOfOrder(batch, "0, as this partition holds nothing of it");
            }
            if (first > verification.lowestSequence()) {
                return outOfOrder(batch, "at most " + verification.lowestSequence() + ", which it has tried already");
            }
        }
        if (state.epoch() == RecordBatch.NO_PRODUCER_EPOCH) {
            return null;
        }
        if (batch.producerEpoch() != state.epoch()) {
            return first == 0
                    ? null
                    : outOfOrder(
                            batch, "0, as epoch " + batch.producerEpoch() + " is new after epoch " + state.epoch());
        }
        int last = state.lastSequence();
        boolean follows = first == last + 1L || first == 0 && last == Integer.MAX_VALUE;
        return follows
                ? null
                : outOfOrder(batch, RecordBatch.sequenceAfter(last, 1) + ", which follows its last batch");
    }

    private ProducerCheck.Reject outOfOrder(RecordBatch batch, String expected) {
        return reject(
                ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                batch,
                "sent sequence number " + batch.baseSequence() + "; expected " + expected);
    }

    /** @param transactionVersion of the transaction coordinator's feature; 2 and above bump the epoch with every marker */
    ProducerCheck.Reject marker(
            RecordBatch batch,
            EndTransactionMarker marker,
            ProducerState known,
            short transactionVersion,
            Source source) {
        if (source == Source.REPLICATION) {
            return null;
        }
        var state = known == null ? UNKNOWN : known;
        short epoch = batch.producerEpoch();
        boolean strict = transactionVersion >= STRICT_TRANSACTION_VERSION;
        boolean stale = strict ? epoch <= state.epoch() : epoch < state.epoch();
        boolean writtenAlready =
                strict && epoch == state.epoch() && (!state.inTransaction() || epoch == Short.MAX_VALUE);
        if (stale && !writtenAlready) {
            return reject(
                    ErrorCode.INVALID_PRODUCER_EPOCH,
                    batch,
                    "has a marker of epoch " + epoch + "; expected an epoch " + (strict ? "above " : "of at least ")
                            + state.epoch());
        }
        if (state.coordinatorEpoch() > marker.coordinatorEpoch()) {
            return reject(
                    ErrorCode.TRANSACTION_COORDINATOR_FENCED,
                    batch,
                    "has a marker of coordinator epoch " + marker.coordinatorEpoch() + ", but epoch "
                            + state.coordinatorEpoch() + " has taken over");
        }
        return null;
    }

    ProducerCheck.Reject reject(ErrorCode error, RecordBatch batch, String problem) {
        return new ProducerCheck.Reject(
                error,
                "Producer " + batch.producerId() + " " + problem + " (offset " + batch.baseOffset() + " of " + partition
                        + ").");
    }
}
