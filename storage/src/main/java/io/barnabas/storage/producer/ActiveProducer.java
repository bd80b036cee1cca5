package io.barnabas.storage.producer;

/**
 * One producer a log remembers (API 61, DescribeProducers).
 *
 * @param lastSequence −1 if none
 * @param coordinatorEpoch −1 if no transaction ended yet
 * @param currentTransactionStartOffset −1 if no transaction is open
 */
public record ActiveProducer(
        long producerId,
        short producerEpoch,
        int lastSequence,
        long lastTimestampMs,
        int coordinatorEpoch,
        long currentTransactionStartOffset) {}
