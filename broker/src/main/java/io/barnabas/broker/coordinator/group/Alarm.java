package io.barnabas.broker.coordinator.group;

/** What a timer of the shard is for. */
sealed interface Alarm {
    /** A member, or one that was given an id and has not joined yet, was not heard of for its session timeout. */
    record SessionOver(ClassicGroup group, String memberId) implements Alarm {}

    /** The time to join a rebalance is over, or the delay before a new group's first one. */
    record JoinOver(ClassicGroup group) implements Alarm {}

    /** The time to ask for an assignment is over. */
    record SyncOver(ClassicGroup group) implements Alarm {}

    /** A member of a consumer group is late. */
    record MemberOverdue(String groupId, String memberId, What what) implements Alarm {
        /** With what it is late. */
        enum What {
            HEARTBEAT("no heartbeat within the session timeout"),
            REVOCATION("it did not give up its partitions within its rebalance timeout"),
            REJOIN("it did not rejoin within its rebalance timeout"),
            SYNC("it did not ask for its assignment within its rebalance timeout");

            private final String text;

            What(String text) {
                this.text = text;
            }

            String text() {
                return text;
            }
        }
    }

    /** A consumer group's regular expressions are to be compared with the topics there are. */
    record RegexesDue(String groupId) implements Alarm {}

    /** Time to look for offsets past their retention. */
    record RetentionCheck() implements Alarm {}
}
