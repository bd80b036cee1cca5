package io.barnabas.broker.coordinator;

/**
 * Something an operator wants to know about a group.
 *
 * @param cause of {@link Kind#REBALANCE_BEGUN} and {@link Kind#EMPTIED}; else null
 * @param protocol the group's: classic or consumer
 * @param generation the group's generation or epoch when it happened
 * @param membersBefore how many members the group had when it was last stable or empty
 * @param members how many members the group had when it happened
 * @param detail who or why, in words
 */
public record Notice(
        Kind kind,
        Cause cause,
        String groupId,
        String protocol,
        int generation,
        int membersBefore,
        int members,
        String detail) {
    /** What happened. */
    public enum Kind {
        /** Members are being called together. */
        REBALANCE_BEGUN("Preparing to rebalance"),
        /** All that came are known; the leader assigns now. */
        MEMBERS_JOINED("Members joined"),
        /** The leader's assignment is in force; in a consumer group all members have what they are to have. */
        STABILIZED("Stabilized"),
        /** Nobody is left. */
        EMPTIED("Now empty"),
        /** A member did not keep its session, or did not come to a rebalance in time. */
        MEMBER_EXPIRED("Member removed"),
        /** A member left, or was removed by an administrator. */
        MEMBER_LEFT("Member left"),
        /** A static member came back under a new member id. */
        MEMBER_REPLACED("Static member replaced"),
        /** The group speaks another protocol now. */
        CONVERTED("Converted"),
        /** The leader's assignment is too large to be stored. */
        ASSIGNMENT_TOO_LARGE("Assignment too large to be stored"),
        /** Offsets passed their retention or their topic was deleted. */
        OFFSETS_EXPIRED("Offsets removed");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}
