package io.barnabas.metadata.quorum;

import java.io.IOException;

/** What the quorum wrote to this disk is damaged where it was once complete: going on would forget what was acknowledged. */
public final class RaftLogCorruptException extends IOException {
    private static final long serialVersionUID = 1;

    public RaftLogCorruptException(String message) {
        super(message);
    }
}
