package io.barnabas.broker.coordinator.group;

import java.util.HashMap;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.SyncGroupRequest;
import io.barnabas.protocol.message.SyncGroupResponse;

/** What a SyncGroup leads to (API 14): followers wait for the leader's assignment, the leader brings it. */
final class Syncs {
    private final GroupConfig config;
    private final Groups groups;
    private final Rebalance rebalance;
    private final Deadlines<Alarm> deadlines;

    Syncs(GroupConfig config, Groups groups, Rebalance rebalance, Deadlines<Alarm> deadlines) {
        this.config = config;
        this.groups = groups;
        this.rebalance = rebalance;
        this.deadlines = deadlines;
    }

    void sync(SyncGroupRequest request, Pending pending, Turn turn) {
        var group = groups.classic(request.groupId());
        var error = check(group, request);
        if (error != ErrorCode.NONE) {
            refuse(pending, error, turn);
            return;
        }
        var member = group.members().get(request.memberId());
        switch (group.state()) {
            case PREPARING_REBALANCE -> refuse(pending, ErrorCode.REBALANCE_IN_PROGRESS, turn);
            case COMPLETING_REBALANCE -> {
                // A SyncGroup that its client gave up and repeats is not left without an answer.
                group.answerSync(
                        member, new SyncGroupResponse().errorCode(ErrorCode.REBALANCE_IN_PROGRESS.code()), turn);
                member.syncWaiter(pending);
                noLongerMissing(group, member);
                if (group.members().isLeader(member.id())) {
                    assign(group, request, turn);
                }
            }
            case STABLE -> {
                noLongerMissing(group, member);
                turn.reply(pending, assigned(group, member));
            }
            case EMPTY -> throw new IllegalStateException("Group " + group.id() + " is empty but has " + member);
        }
    }

    private static ErrorCode check(ClassicGroup group, SyncGroupRequest request) {
        if (group == null || group.isIn(GroupState.EMPTY)) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        var error = group.members().check(request.memberId(), request.groupInstanceId());
        if (error != ErrorCode.NONE) {
            return error;
        }
        if (request.generationId() != group.generation()) {
            return ErrorCode.ILLEGAL_GENERATION;
        }
        boolean consistent = agree(request.protocolType(), group.protocolType())
                && agree(request.protocolName(), group.protocolName());
        return consistent ? ErrorCode.NONE : ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }

    private static boolean agree(String given, String known) {
        return given == null || known == null || given.equals(known);
    }

    private void noLongerMissing(ClassicGroup group, Member member) {
        group.pendingSyncs().remove(member.id());
        if (group.pendingSyncs().isEmpty()) {
            deadlines.cancel(group.syncTimer());
        }
    }

    private void assign(ClassicGroup group, SyncGroupRequest request, Turn turn) {
        var given = new HashMap<String, byte[]>();
        for (var assignment : request.assignments()) {
            given.put(assignment.memberId(), assignment.assignment());
        }
        for (var member : group.members()) {
            member.assignment(given.getOrDefault(member.id(), Member.NO_ASSIGNMENT));
        }
        var record = GroupRecords.group(group);
        if (record.sizeBytes() > config.maxRecordBytes()) {
            turn.notice(group.notice(
                    Notice.Kind.ASSIGNMENT_TOO_LARGE,
                    "the group takes " + record.sizeBytes() + " bytes, the limit is " + config.maxRecordBytes()
                            + "; raise max.message.bytes of __consumer_offsets or have fewer members"));
            rebalance.refuseSyncs(group, ErrorCode.UNKNOWN_SERVER_ERROR, turn);
            rebalance.begin(group, Cause.ASSIGNMENT_NOT_STORED, "the assignment could not be stored", turn);
            return;
        }
        turn.record(record);
        rebalance.stabilize(group, turn);
    }

    static SyncGroupResponse assigned(ClassicGroup group, Member member) {
        return new SyncGroupResponse()
                .protocolType(group.protocolType())
                .protocolName(group.protocolName())
                .assignment(member.assignment());
    }

    private static void refuse(Pending pending, ErrorCode error, Turn turn) {
        turn.reply(pending, new SyncGroupResponse().errorCode(error.code()));
    }
}
