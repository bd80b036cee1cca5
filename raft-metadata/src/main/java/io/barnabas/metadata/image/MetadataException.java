package io.barnabas.metadata.image;

/**
 * A metadata record contradicts what came before it, or is of a kind this version cannot keep. Applying a committed record must never
 * fail, so the node that sees this has to stop.
 */
public final class MetadataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MetadataException(String message) {
        super(message);
    }
}
