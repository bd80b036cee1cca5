package io.barnabas.protocol.wire;

/** Bytes from outside are not the message they should be. The only exception that decoding throws. */
public final class MalformedMessageException extends RuntimeException {
    public MalformedMessageException(String message) {
        super(message);
    }

    public MalformedMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
