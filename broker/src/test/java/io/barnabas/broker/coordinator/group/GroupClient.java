package io.barnabas.broker.coordinator.group;

import java.util.Set;

/** A member of a {@link ConsumerWorld}. */
interface GroupClient {
    String groupId();

    /** What it believes it may use. */
    Set<ConsumerClient.Partition> owned();

    boolean subscribesTo(String topic);

    /** Whether the group still counts it: one that was removed has lost its partitions, even if it does not know yet. */
    boolean isAlive(GroupShard shard);

    /** Something that a client may do. */
    void act();

    /** The next thing a well-behaved client does. */
    void live();

    /** Gone without a word. */
    void die();

    /** Calls for a rebalance, if that is the client's business: not every classic member looks after the topics. */
    default void refresh() {}

    /** What waits will not be answered. */
    void coordinatorLost();
}
