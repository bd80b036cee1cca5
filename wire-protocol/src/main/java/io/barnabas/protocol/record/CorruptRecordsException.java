package io.barnabas.protocol.record;

/** Bytes are not the record batch they claim to be. The only exception that reading records throws. */
public final class CorruptRecordsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CorruptRecordsException(String message) {
        super(message);
    }

    public CorruptRecordsException(String message, Throwable cause) {
        super(message, cause);
    }
}
