package io.barnabas.broker.coordinator.group;

import java.util.Collection;

import io.barnabas.protocol.Uuid;

/** The cluster's topics as coordinators need them: one state of the metadata, immutable. Any thread. */
public interface Topics {
    /** Which state this is; grows. */
    long version();

    /** The version with which a topic came into being last. */
    long creationVersion();

    /** The version with which a topic, a partition or the place of a replica changed last. */
    long changeVersion();

    /** Null if there is no such topic. */
    TopicFacts byName(String name);

    /** Null if there is no such topic. */
    TopicFacts byId(Uuid id);

    Collection<String> names();
}
