package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.JoinGroupResponse;
import io.barnabas.protocol.message.SyncGroupResponse;

/** Moves a group through its cycle: members are called together, all that came are told, the leader's assignment is spread. */
final class Rebalance {
    private final GroupConfig config;
    private final Deadlines<Alarm> deadlines;
    private final GroupCounts counts;

    Rebalance(GroupConfig config, Deadlines<Alarm> deadlines, GroupCounts counts) {
        this.config = config;
        this.deadlines = deadlines;
        this.counts = counts;
    }

    /** Begins a rebalance, or completes the one under way if nobody is missed any more. */
    void beginOrComplete(ClassicGroup group, Cause cause, String reason, Turn turn) {
        if (group.isIn(GroupState.PREPARING_REBALANCE)) {
            completeIfAllJoined(group, turn);
        } else {
            begin(group, cause, reason, turn);
        }
    }

    void begin(ClassicGroup group, Cause cause, String reason, Turn turn) {
        if (group.isIn(GroupState.COMPLETING_REBALANCE)) {
            refuseSyncs(group, ErrorCode.REBALANCE_IN_PROGRESS, turn);
        }
        group.pendingSyncs().clear();
        deadlines.cancel(group.syncTimer());
        boolean initial = group.isIn(GroupState.EMPTY);
        if (initial) {
            int delayMs = config.initialRebalanceDelayMs();
            group.initialDelayLimitMs(turn.steadyMsIn(Math.max(group.members().rebalanceTimeoutMs(), delayMs)));
            deadlines.schedule(group.joinTimer(), turn.steadyMsIn(delayMs));
        }
        group.moveTo(GroupState.PREPARING_REBALANCE, turn);
        turn.notice(group.notice(Notice.Kind.REBALANCE_BEGUN, cause, group.settledSize(), reason));
        if (!initial) {
            if (group.allJoined()) {
                completeJoin(group, turn);
            } else {
                deadlines.schedule(
                        group.joinTimer(), turn.steadyMsIn(group.members().rebalanceTimeoutMs()));
            }
        }
    }

    /** The first rebalance of a new group waits for its delay even if all known members are there. */
    void completeIfAllJoined(ClassicGroup group, Turn turn) {
        if (group.isIn(GroupState.PREPARING_REBALANCE) && !group.isInInitialRebalance() && group.allJoined()) {
            completeJoin(group, turn);
        }
    }

    /**
     * A new member came: if the first rebalance of its group is being put off, more may be on their way. The delay counts from the last
     * one that came; Kafka has a whole delay begin after the one in which it came (decisions/0003).
     */
    void delayFor(ClassicGroup group, Turn turn) {
        if (group.initialDelayLimitMs() != Deadlines.NEVER) {
            long dueMs = turn.steadyMsIn(config.initialRebalanceDelayMs());
            deadlines.schedule(group.joinTimer(), Math.min(dueMs, group.initialDelayLimitMs()));
        }
    }

    void completeJoin(ClassicGroup group, Turn turn) {
        deadlines.cancel(group.joinTimer());
        group.initialDelayLimitMs(Deadlines.NEVER);
        for (var member : group.members().copy()) {
            if (!member.awaitsJoin() && !member.isStatic()) {
                group.remove(member.id(), turn);
                expired(group, member, "it did not rejoin in time", turn);
            }
        }
        if (!group.members().electJoinedLeader() && group.size() > 0) {
            // Only static members that are away are left: wait on, until they are back or their sessions end.
            deadlines.schedule(
                    group.joinTimer(), turn.steadyMsIn(group.members().rebalanceTimeoutMs()));
            return;
        }
        int membersBefore = group.settledSize();
        group.beginNextGeneration(turn);
        if (group.size() == 0) {
            turn.notice(group.notice(Notice.Kind.EMPTIED, Cause.MEMBER_LEFT, membersBefore, "all members are gone"));
            turn.record(GroupRecords.group(group));
            return;
        }
        turn.notice(group.notice(
                Notice.Kind.MEMBERS_JOINED,
                "leader " + group.members().leaderId() + ", protocol " + group.protocolName()));
        for (var member : group.members()) {
            group.answerJoin(member, joined(group, member), turn);
            group.startSession(member, turn);
            member.isNew(false);
            group.pendingSyncs().add(member.id());
        }
        deadlines.schedule(group.syncTimer(), turn.steadyMsIn(group.members().rebalanceTimeoutMs()));
    }

    /** The current generation, for one member; the leader also learns who else is in it. */
    static JoinGroupResponse joined(ClassicGroup group, Member member) {
        var response = generation(group).memberId(member.id());
        if (group.members().isLeader(member.id())) {
            for (var other : group.members()) {
                response.members().add(other.forLeader(group.protocolName()));
            }
        }
        return response;
    }

    static JoinGroupResponse generation(ClassicGroup group) {
        return new JoinGroupResponse()
                .generationId(group.generation())
                .protocolType(group.protocolType())
                .protocolName(group.protocolName())
                .leader(group.members().leaderId());
    }

    /** The assignments that members have are in force. */
    void stabilize(ClassicGroup group, Turn turn) {
        for (var member : group.members()) {
            answerSync(group, member, Syncs.assigned(group, member), turn);
        }
        group.moveTo(GroupState.STABLE, turn);
        counts.add(GroupCounts.Count.CLASSIC_REBALANCES, 1);
        turn.notice(group.notice(Notice.Kind.STABILIZED, "protocol " + group.protocolName()));
    }

    void refuseSyncs(ClassicGroup group, ErrorCode error, Turn turn) {
        for (var member : group.members()) {
            member.assignment(Member.NO_ASSIGNMENT);
            answerSync(group, member, new SyncGroupResponse().errorCode(error.code()), turn);
        }
    }

    private static void answerSync(ClassicGroup group, Member member, SyncGroupResponse response, Turn turn) {
        // While it waited its session may have run out unnoticed.
        if (group.answerSync(member, response, turn)) {
            group.startSession(member, turn);
        }
    }

    void syncOver(ClassicGroup group, Turn turn) {
        boolean assigning = group.isIn(GroupState.COMPLETING_REBALANCE) || group.isIn(GroupState.STABLE);
        if (!assigning || group.pendingSyncs().isEmpty()) {
            return;
        }
        for (String memberId : new ArrayList<>(group.pendingSyncs())) {
            var member = group.members().get(memberId);
            group.remove(memberId, turn);
            expired(group, member, "it did not ask for its assignment in time", turn);
        }
        begin(group, Cause.MEMBER_TIMED_OUT, "members did not ask for their assignment in time", turn);
    }

    void sessionOver(ClassicGroup group, String memberId, Turn turn) {
        if (group.removePending(memberId)) {
            completeIfNobodyIsMissed(group, turn);
            return;
        }
        var member = group.members().get(memberId);
        if (member == null || member.isExcusedFromHeartbeats()) {
            return;
        }
        group.remove(memberId, turn);
        expired(group, member, "no heartbeat within " + member.sessionTimeoutMs() + " ms", turn);
        if (group.isIn(GroupState.STABLE) || group.isIn(GroupState.COMPLETING_REBALANCE)) {
            begin(group, Cause.MEMBER_TIMED_OUT, "member " + member + " is gone", turn);
        } else {
            completeIfNobodyIsMissed(group, turn);
        }
    }

    private void completeIfNobodyIsMissed(ClassicGroup group, Turn turn) {
        if (group.isIn(GroupState.PREPARING_REBALANCE) && group.allJoined()) {
            completeJoin(group, turn);
        }
    }

    private static void expired(ClassicGroup group, Member member, String why, Turn turn) {
        turn.notice(group.notice(Notice.Kind.MEMBER_EXPIRED, member + ": " + why));
    }
}
