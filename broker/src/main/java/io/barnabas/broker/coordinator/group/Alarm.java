package io.barnabas.broker.coordinator.group;

/** What a timer of the shard is for. */
sealed interface Alarm {
    /** A member, or one that was given an id and has not joined yet, was not heard of for its session timeout. */
    record SessionOver(ClassicGroup group, String memberId) implements Alarm {}

    /** The time to join a rebalance is over, or the delay before a new group's first one. */
    record JoinOver(ClassicGroup group) implements Alarm {}

    /** The time to ask for an assignment is over. */
    record SyncOver(ClassicGroup group) implements Alarm {}

    /** Time to look for offsets past their retention. */
    record RetentionCheck() implements Alarm {}
}
