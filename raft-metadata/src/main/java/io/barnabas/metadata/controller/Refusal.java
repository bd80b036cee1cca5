package io.barnabas.metadata.controller;

import io.barnabas.protocol.ErrorCode;

/**
 * Why something is not done.
 *
 * @param message for the client; null where Kafka sends none
 */
public record Refusal(ErrorCode error, String message) {
    /** A refusal that carries the error's own text. */
    static Refusal of(ErrorCode error) {
        return new Refusal(error, error.message());
    }

    static Refusal invalidRequest(String message) {
        return new Refusal(ErrorCode.INVALID_REQUEST, message);
    }

    static Refusal invalidConfig(String message) {
        return new Refusal(ErrorCode.INVALID_CONFIG, message);
    }

    static Refusal invalidAssignment(String message) {
        return new Refusal(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message);
    }

    /** A request that would make more records than one batch may hold. */
    static Refusal tooLarge() {
        return new Refusal(ErrorCode.POLICY_VIOLATION, "Unable to perform excessively large batch operation.");
    }
}
