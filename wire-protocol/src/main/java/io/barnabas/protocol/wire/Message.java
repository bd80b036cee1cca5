package io.barnabas.protocol.wire;

import java.util.function.IntConsumer;

/** A generated message. Mutable, and owned by whoever holds it: not thread-safe. */
public interface Message {
    short lowestVersion();

    short highestVersion();

    /** Throws IllegalStateException if a field is set that this version cannot carry and that may not be left out. */
    void write(WireWriter writer, short version);

    /** Tells every error code in a response, 0 for no error too; nothing for other messages. */
    default void errorCodes(IntConsumer codes) {}
}
