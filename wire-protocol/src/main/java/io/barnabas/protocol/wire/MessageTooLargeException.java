package io.barnabas.protocol.wire;

/** A message has more bytes than its {@link WireWriter} takes. */
public final class MessageTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MessageTooLargeException(String message) {
        super(message);
    }
}
