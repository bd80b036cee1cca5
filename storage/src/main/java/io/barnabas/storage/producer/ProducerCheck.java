package io.barnabas.storage.producer;

import io.barnabas.protocol.ErrorCode;

/** Whether a batch may be appended, as far as its producer is concerned. */
public sealed interface ProducerCheck {
    ProducerCheck ACCEPT = new Accept();

    record Accept() implements ProducerCheck {}

    /**
     * The batch is in the log already; answer with these, write nothing.
     *
     * @param timestampMs largest timestamp of the batch in the log
     */
    record Duplicate(long baseOffset, long lastOffset, long timestampMs) implements ProducerCheck {}

    record Reject(ErrorCode error, String message) implements ProducerCheck {}
}
