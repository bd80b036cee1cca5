package io.barnabas.storage.dir;

/** The log directories cannot be used as configured; the message is one sentence for the operator. Fatal at start. */
public final class LogDirectoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LogDirectoryException(String message) {
        super(message);
    }

    public LogDirectoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
