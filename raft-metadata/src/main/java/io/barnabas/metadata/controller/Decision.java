package io.barnabas.metadata.controller;

import java.util.List;

import io.barnabas.protocol.wire.ApiMessage;

/**
 * What a decider makes of a request: facts to commit, and the response that may leave once they are.
 *
 * @param records empty if nothing changes
 * @param note for the log; null if there is nothing to tell
 */
public record Decision<R>(List<? extends ApiMessage> records, R response, String note) {
    /** No decision makes more records than this. */
    static final int MAX_RECORDS = 10_000;

    static <R> Decision<R> nothing(R response) {
        return new Decision<>(List.of(), response, null);
    }

    static <R> Decision<R> refused(R response, String note) {
        return new Decision<>(List.of(), response, note);
    }

    static <R> Decision<R> of(List<? extends ApiMessage> records, R response) {
        return new Decision<>(records, response, null);
    }
}
