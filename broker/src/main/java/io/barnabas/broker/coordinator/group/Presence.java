package io.barnabas.broker.coordinator.group;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.HeartbeatRequest;
import io.barnabas.protocol.message.HeartbeatResponse;
import io.barnabas.protocol.message.LeaveGroupRequest;
import io.barnabas.protocol.message.LeaveGroupRequest.MemberIdentity;
import io.barnabas.protocol.message.LeaveGroupResponse;
import io.barnabas.protocol.message.LeaveGroupResponse.MemberResponse;

/** Members say that they are still there (Heartbeat, API 12) or that they go (LeaveGroup, API 13). */
final class Presence {
    private static final String REASON_OF_ADMINISTRATORS = "member was removed by an admin";

    private final Groups groups;
    private final Rebalance rebalance;

    Presence(Groups groups, Rebalance rebalance) {
        this.groups = groups;
        this.rebalance = rebalance;
    }

    void heartbeat(HeartbeatRequest request, Pending pending, Turn turn) {
        turn.reply(
                pending, new HeartbeatResponse().errorCode(heard(request, turn).code()));
    }

    private ErrorCode heard(HeartbeatRequest request, Turn turn) {
        var group = groups.classic(request.groupId());
        if (group == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        var error = group.members().check(request.memberId(), request.groupInstanceId());
        if (error != ErrorCode.NONE) {
            return error;
        }
        if (request.generationId() != group.generation()) {
            return ErrorCode.ILLEGAL_GENERATION;
        }
        group.startSession(group.members().get(request.memberId()), turn);
        return group.isIn(GroupState.PREPARING_REBALANCE) ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
    }

    /** Whether an administrator removes the member: by its instance id only, or with the words of Kafka's Admin client. */
    static boolean isRemoval(MemberIdentity leaving) {
        return leaving.memberId().isEmpty()
                || leaving.reason() != null && leaving.reason().startsWith(REASON_OF_ADMINISTRATORS);
    }

    /** The request in the form of version 3 and later: one entry for each member. */
    void leave(LeaveGroupRequest request, Pending pending, Turn turn) {
        var group = groups.classic(request.groupId());
        var response = new LeaveGroupResponse();
        MemberIdentity left = null;
        for (var leaving : request.members()) {
            var error = group == null ? ErrorCode.UNKNOWN_MEMBER_ID : leave(group, leaving, turn);
            left = error == ErrorCode.NONE ? leaving : left;
            response.members()
                    .add(new MemberResponse()
                            .memberId(leaving.memberId())
                            .groupInstanceId(leaving.groupInstanceId())
                            .errorCode(error.code()));
        }
        turn.reply(pending, response);
        if (left != null) {
            var cause = isRemoval(left) ? Cause.MEMBER_REMOVED : Cause.MEMBER_LEFT;
            switch (group.state()) {
                case STABLE, COMPLETING_REBALANCE -> rebalance.begin(group, cause, "members left", turn);
                case PREPARING_REBALANCE -> rebalance.completeIfAllJoined(group, turn);
                case EMPTY -> {}
            }
        }
    }

    private static ErrorCode leave(ClassicGroup group, MemberIdentity leaving, Turn turn) {
        String memberId = leaving.memberId();
        if (memberId.isEmpty()) {
            // An administrator removes a static member by its instance id.
            memberId =
                    leaving.groupInstanceId() == null ? null : group.members().idOfStatic(leaving.groupInstanceId());
            if (memberId == null) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
        } else if (!group.removePending(memberId)) {
            var error = group.members().check(memberId, leaving.groupInstanceId());
            if (error != ErrorCode.NONE) {
                return error;
            }
        }
        var member = group.members().get(memberId);
        group.remove(memberId, turn);
        turn.notice(group.notice(
                Notice.Kind.MEMBER_LEFT,
                (member == null ? memberId : member.toString())
                        + (leaving.reason() == null ? "" : " (" + leaving.reason() + ")")));
        return ErrorCode.NONE;
    }
}
