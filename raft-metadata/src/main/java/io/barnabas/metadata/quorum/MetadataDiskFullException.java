package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.nio.file.Path;

/** Nothing of the metadata can be written, because the disk is full and what was kept for that is used up. */
final class MetadataDiskFullException extends IOException {
    private static final long serialVersionUID = 1;

    MetadataDiskFullException(Path directory, IOException cause) {
        super(
                "The disk of the metadata directory " + directory
                        + " is full, and so is the space that was kept for the metadata: free some there (1 MiB will do)."
                        + " Nothing is damaged.",
                cause);
    }
}
