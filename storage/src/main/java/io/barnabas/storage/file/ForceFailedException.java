package io.barnabas.storage.file;

import java.io.IOException;

/** A force (fsync) failed: nobody knows what of the file is on the disk, whatever the reason was. */
public final class ForceFailedException extends IOException {
    private static final long serialVersionUID = 1;

    public ForceFailedException(String message, IOException cause) {
        super(message, cause);
    }
}
