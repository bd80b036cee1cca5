package io.barnabas.storage.log;

/** A log that is to be copied has a batch that cannot be read or does not match its checksum. The disk itself works. */
public final class DamagedSourceException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedSourceException(String message) {
        super(message);
    }
}
