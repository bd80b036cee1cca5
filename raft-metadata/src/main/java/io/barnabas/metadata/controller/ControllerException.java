package io.barnabas.metadata.controller;

import io.barnabas.protocol.ErrorCode;

/**
 * Why a controller call has no response. NOT_CONTROLLER: this node is not, or no longer, the active controller, and whether the change
 * happened is not known. REQUEST_TIMED_OUT: too many calls are waiting; nothing was done. UNKNOWN_SERVER_ERROR: a bug; nothing was done.
 */
public final class ControllerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode error;

    ControllerException(ErrorCode error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    public ErrorCode error() {
        return error;
    }
}
