package io.barnabas.broker.coordinator.group;

import java.util.HashSet;
import java.util.Set;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Turn;

/**
 * Tells when rebalances of consumer groups begin and when they are over: nobody declares that, members get there one by one. Decides
 * nothing.
 */
final class ConsumerRebalances {
    private final Groups groups;
    private final GroupCounts counts;
    /** Groups of which a beginning was told, but no end yet. */
    private final Set<String> underWay = new HashSet<>();

    ConsumerRebalances(Groups groups, GroupCounts counts) {
        this.groups = groups;
        this.counts = counts;
    }

    /** A group before something happens to it. */
    record Before(int epoch, int members) {
        static Before of(ConsumerGroup group) {
            return new Before(group.generation(), group.settledSize());
        }
    }

    /** @param group as it is now */
    void begun(ConsumerGroup group, Before before, Cause cause, String detail, Turn turn) {
        boolean departure =
                cause == Cause.MEMBER_LEFT || cause == Cause.MEMBER_TIMED_OUT || cause == Cause.MEMBER_REMOVED;
        if (!departure && group.generation() != before.epoch()) {
            counts.add(GroupCounts.Count.CONSUMER_REBALANCES, 1);
        }
        turn.notice(group.notice(Notice.Kind.REBALANCE_BEGUN, cause, before.members(), detail));
        underWay.add(group.id());
    }

    /** The group is as its records tell; nothing was told of it here yet. */
    void loaded(ConsumerGroup group, Turn turn) {
        boolean moving = group.state() == ConsumerState.ASSIGNING || group.state() == ConsumerState.RECONCILING;
        group.settledSize(group.size());
        if (moving) {
            begun(
                    group,
                    Before.of(group),
                    Cause.COORDINATOR_LOADED,
                    "members were on their way to their assignment when the coordinator was loaded",
                    turn);
        }
    }

    /** Members are gone. @param before them going */
    void departed(String groupId, Before before, Cause cause, String detail, Turn turn) {
        var group = groups.consumer(groupId);
        if (group == null) {
            // Converted, and told as what it is now.
            return;
        }
        if (group.isEmpty()) {
            turn.notice(group.notice(Notice.Kind.EMPTIED, cause, before.members(), "all members are gone"));
            group.settledSize(0);
        } else {
            begun(group, before, cause, detail, turn);
        }
    }

    /** To be called when something happened to a group. */
    void settle(String groupId, Turn turn) {
        if (underWay.isEmpty() || !underWay.contains(groupId)) {
            return;
        }
        var group = groups.consumer(groupId);
        if (group == null) {
            underWay.remove(groupId);
        } else if (group.isEmpty()) {
            underWay.remove(groupId);
            group.settledSize(0);
        } else if (group.state() == ConsumerState.STABLE) {
            underWay.remove(groupId);
            group.settledSize(group.size());
            turn.notice(group.notice(Notice.Kind.STABILIZED, "all members have their assignment"));
        }
    }
}
