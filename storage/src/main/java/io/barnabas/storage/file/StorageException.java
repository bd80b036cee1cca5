package io.barnabas.storage.file;

import java.io.IOException;

/**
 * A disk operation failed, so the log directory that holds the file is offline: every log in it answers with this from
 * now on (protocol error KAFKA_STORAGE_ERROR). Never retried silently: after a failed write or fsync nobody knows what is
 * on the disk.
 */
public final class StorageException extends IOException {
    private static final long serialVersionUID = 1L;

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
