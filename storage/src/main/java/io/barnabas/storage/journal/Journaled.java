package io.barnabas.storage.journal;

import io.barnabas.storage.file.StorageException;

/** A log whose appends are journalled. */
public interface Journaled {
    /** Makes all that was written to the log durable in its own files. Any thread. */
    void makeDurable() throws StorageException;

    /**
     * The same for what can wait until there is space for the log's small files.
     *
     * @throws StorageException also if there is none: the directory is online then
     */
    default void makeDurableUnlessFull() throws StorageException {
        makeDurable();
    }
}
