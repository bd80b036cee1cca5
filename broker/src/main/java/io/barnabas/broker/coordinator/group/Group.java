package io.barnabas.broker.coordinator.group;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Notice;

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

    /** How many members it had when it was last stable or empty. */
    int settledSize();

    /** Where it stands among the shard's groups. */
    Standing standing();

    /** Without members: it may be deleted. */
    boolean isEmpty();

    default Notice notice(Notice.Kind kind, String detail) {
        return notice(kind, null, settledSize(), detail);
    }

    default Notice notice(Notice.Kind kind, Cause cause, int membersBefore, String detail) {
        return new Notice(kind, cause, id(), type(), generation(), membersBefore, size(), detail);
    }

    boolean isSubscribedTo(String topic);

    /** The group is gone. */
    void cancelTimers();
}
