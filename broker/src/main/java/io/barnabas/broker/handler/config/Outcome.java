package io.barnabas.broker.handler.config;

import io.barnabas.protocol.ErrorCode;

/** How a change of one resource ended. The message is null where all is well. */
record Outcome(short error, String message) {
    static final Outcome DONE = new Outcome(ErrorCode.NONE.code(), null);

    static Outcome invalidRequest(String message) {
        return new Outcome(ErrorCode.INVALID_REQUEST.code(), message);
    }

    static Outcome invalidConfig(String message) {
        return new Outcome(ErrorCode.INVALID_CONFIG.code(), message);
    }
}
