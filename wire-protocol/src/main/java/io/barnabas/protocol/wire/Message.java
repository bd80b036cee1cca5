package io.barnabas.protocol.wire;

/** A generated message. Mutable, and owned by whoever holds it: not thread-safe. */
public interface Message {
    short lowestVersion();

    short highestVersion();

    /** Throws IllegalStateException if a field is set that this version cannot carry and that may not be left out. */
    void write(WireWriter writer, short version);
}
