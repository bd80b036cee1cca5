package io.barnabas.broker.coordinator;

/** Why a group rebalances. */
public enum Cause {
    MEMBER_JOINED("member joined"),
    /** By itself. */
    MEMBER_LEFT("member left"),
    /** It was not heard of, or did not do in time what the rebalance asked of it. */
    MEMBER_TIMED_OUT("member timed out"),
    /** A static member came back under a new member id. */
    MEMBER_REPLACED("static member replaced"),
    MEMBER_REMOVED("member removed by an administrator"),
    /** A member wants other topics or another protocol than before. */
    SUBSCRIPTION_CHANGED("subscription changed"),
    /** Topics that members subscribe to were created, deleted or given partitions. */
    TOPICS_CHANGED("topics changed"),
    REGEX_CHANGED("regular expression stands for other topics"),
    /** The leader of a classic group asks for a rebalance, usually because topics changed. */
    LEADER_REJOINED("leader rejoined"),
    /** From one group protocol to the other. */
    PROTOCOL_CHANGED("group protocol changed"),
    /** The group has more members than it may have. */
    TOO_MANY_MEMBERS("too many members"),
    ASSIGNMENT_NOT_STORED("assignment not stored"),
    /** The coordinator was loaded while members were still reconciling. */
    COORDINATOR_LOADED("coordinator loaded");

    private final String text;

    Cause(String text) {
        this.text = text;
    }

    /** In words. */
    public String text() {
        return text;
    }
}
