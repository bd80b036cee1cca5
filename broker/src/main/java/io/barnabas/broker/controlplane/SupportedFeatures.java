package io.barnabas.broker.controlplane;

import java.util.List;

/** The feature levels this broker can work with (KIP-584): those of Apache Kafka 4.3.1, since clients choose protocols by them. */
public final class SupportedFeatures {
    public static final List<Range> ALL = List.of(
            new Range("metadata.version", (short) 7, (short) 30),
            new Range("kraft.version", (short) 0, (short) 1),
            new Range("transaction.version", (short) 0, (short) 2),
            new Range("group.version", (short) 0, (short) 1),
            new Range("eligible.leader.replicas.version", (short) 0, (short) 1),
            new Range("share.version", (short) 0, (short) 1),
            new Range("streams.version", (short) 0, (short) 1));

    private SupportedFeatures() {}

    /** A feature and its range, both ends included. */
    public record Range(String name, short lowest, short highest) {}
}
