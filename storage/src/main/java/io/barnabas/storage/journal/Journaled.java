package io.barnabas.storage.journal;

import io.barnabas.storage.file.StorageException;

/** A log whose appends are journalled. */
public interface Journaled {
    /** Makes all that was written to the log durable in its own files. Any thread. */
    void makeDurable() throws StorageException;
}
