package io.barnabas.broker.coordinator.group;

/** A group of either protocol. */
sealed interface Group permits ClassicGroup, ConsumerGroup {
    String id();

    /** As ListGroups names it. */
    String type();

    /** Empty if nothing is known of it. */
    String protocolTypeText();

    /** As responses spell it. */
    String stateText();

    /** Generation or epoch. */
    int generation();

    /** How many members it has. */
    int size();

    /** Without members: it may be deleted. */
    boolean isEmpty();

    boolean isSubscribedTo(String topic);

    /** The group is gone. */
    void cancelTimers();
}
