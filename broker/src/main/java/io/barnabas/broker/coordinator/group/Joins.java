package io.barnabas.broker.coordinator.group;

import java.util.function.Supplier;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.JoinGroupRequest;
import io.barnabas.protocol.message.JoinGroupResponse;

/** What a JoinGroup leads to (API 11; KIP-62, 345, 394, 814). */
final class Joins {
    private static final String UNKNOWN_MEMBER = "";
    private static final int LONGEST_ID_BEGINNING = 1_000;
    private static final short FIRST_VERSION_THAT_KNOWS_ITS_ID = 4;
    private static final short FIRST_VERSION_THAT_SKIPS_ASSIGNMENT = 9;

    private final GroupConfig config;
    private final Groups groups;
    private final Rebalance rebalance;
    private final Supplier<String> uuids;
    private final Ledger ledger;

    Joins(GroupConfig config, Groups groups, Rebalance rebalance, Supplier<String> uuids, Ledger ledger) {
        this.config = config;
        this.groups = groups;
        this.rebalance = rebalance;
        this.uuids = uuids;
        this.ledger = ledger;
    }

    /** Of a group that is classic, empty, or not there yet. */
    void join(Caller caller, JoinGroupRequest request, Pending pending, Turn turn) {
        boolean unknownMember = request.memberId().equals(UNKNOWN_MEMBER);
        var group = groups.classic(request.groupId());
        if (group == null && !unknownMember) {
            refuse(pending, request.memberId(), ErrorCode.UNKNOWN_MEMBER_ID, turn);
            return;
        }
        if (groups.find(request.groupId()) instanceof ConsumerGroup former) {
            var records = new ConsumerRecords(former.id());
            records.groupGone(former, former.memberIds());
            ledger.write(records.all(), turn);
        }
        int before = turn.records().size();
        boolean created = group == null;
        if (created) {
            group = groups.create(request.groupId(), turn.epochMs());
        }
        if (!hasRoomFor(group, request.memberId())) {
            group.remove(request.memberId(), turn);
            refuse(pending, UNKNOWN_MEMBER, ErrorCode.GROUP_MAX_SIZE_REACHED, turn);
        } else if (!group.supports(request.protocolType(), request.protocols())) {
            refuse(pending, request.memberId(), ErrorCode.INCONSISTENT_GROUP_PROTOCOL, turn);
        } else if (unknownMember) {
            joinNew(group, caller, request, pending, turn);
        } else {
            rejoin(group, caller, request, pending, turn);
        }
        if (created && turn.records().size() == before) {
            turn.record(GroupRecords.newGroup(group));
        }
    }

    private boolean hasRoomFor(ClassicGroup group, String memberId) {
        switch (group.state()) {
            case EMPTY:
                return true;
            case PREPARING_REBALANCE:
                // Counting those who wait turns away the last to rejoin if the limit was lowered.
                var member = group.members().get(memberId);
                return member != null && member.awaitsJoin() || group.joinWaiters() < config.maxSize();
            default:
                return group.members().has(memberId) || group.size() < config.maxSize();
        }
    }

    private static void refuse(Pending pending, String memberId, ErrorCode error, Turn turn) {
        turn.reply(pending, new JoinGroupResponse().memberId(memberId).errorCode(error.code()));
    }

    private void joinNew(ClassicGroup group, Caller caller, JoinGroupRequest request, Pending pending, Turn turn) {
        String instanceId = request.groupInstanceId();
        String newId = beginning(instanceId == null ? caller.clientId() : instanceId) + "-" + uuids.get();
        String oldId = instanceId == null ? null : group.members().idOfStatic(instanceId);
        if (oldId != null) {
            replaceStatic(group, group.members().get(oldId), newId, caller, request, pending, turn);
        } else if (instanceId == null && caller.apiVersion() >= FIRST_VERSION_THAT_KNOWS_ITS_ID) {
            group.addPending(newId, request.sessionTimeoutMs(), turn);
            refuse(pending, newId, ErrorCode.MEMBER_ID_REQUIRED, turn);
        } else {
            add(group, newId, caller, request, pending, turn);
        }
    }

    /** Both a string in a request and the member id made of it have to fit into 32,767 bytes. */
    private static String beginning(String text) {
        return text.length() <= LONGEST_ID_BEGINNING ? text : text.substring(0, LONGEST_ID_BEGINNING);
    }

    private void add(
            ClassicGroup group, String memberId, Caller caller, JoinGroupRequest request, Pending pending, Turn turn) {
        var member = new Member(
                memberId,
                request.groupInstanceId(),
                caller.clientId(),
                caller.clientHost(),
                request.protocolType(),
                request.rebalanceTimeoutMs(),
                request.sessionTimeoutMs(),
                request.protocols(),
                group.newSession(memberId));
        member.isNew(true);
        group.add(member, pending);
        // It sends no heartbeats before it has its answer. If its client gave up and asks again under another id, this
        // one
        // must not stay for ever.
        group.startSession(member, GroupConfig.NEW_MEMBER_JOIN_TIMEOUT_MS, turn);
        rebalance.delayFor(group, turn);
        rebalance.beginOrComplete(group, Cause.MEMBER_JOINED, "new member " + member + because(request), turn);
    }

    private void rejoin(ClassicGroup group, Caller caller, JoinGroupRequest request, Pending pending, Turn turn) {
        String memberId = request.memberId();
        if (group.isPending(memberId) && request.groupInstanceId() == null) {
            add(group, memberId, caller, request, pending, turn);
            return;
        }
        var error = group.members().check(memberId, request.groupInstanceId());
        if (error != ErrorCode.NONE) {
            refuse(pending, memberId, error, turn);
            return;
        }
        var member = group.members().get(memberId);
        boolean changed = !member.protocols().equals(request.protocols());
        switch (group.state()) {
            case PREPARING_REBALANCE ->
                update(group, member, caller, request, pending, turn, Cause.MEMBER_JOINED, "joins");
            case COMPLETING_REBALANCE -> {
                if (changed) {
                    update(
                            group,
                            member,
                            caller,
                            request,
                            pending,
                            turn,
                            Cause.SUBSCRIPTION_CHANGED,
                            "changed its metadata");
                } else {
                    // It missed its answer.
                    turn.reply(pending, Rebalance.joined(group, member));
                }
            }
            case STABLE -> {
                if (changed) {
                    update(
                            group,
                            member,
                            caller,
                            request,
                            pending,
                            turn,
                            Cause.SUBSCRIPTION_CHANGED,
                            "changed its metadata");
                } else if (group.members().isLeader(memberId)) {
                    // So the leader asks for a rebalance when something else changed, such as a topic's partitions.
                    update(group, member, caller, request, pending, turn, Cause.LEADER_REJOINED, "(leader) rejoins");
                } else {
                    turn.reply(pending, Rebalance.generation(group).memberId(memberId));
                }
            }
            case EMPTY -> refuse(pending, memberId, ErrorCode.UNKNOWN_MEMBER_ID, turn);
        }
    }

    private void update(
            ClassicGroup group,
            Member member,
            Caller caller,
            JoinGroupRequest request,
            Pending pending,
            Turn turn,
            Cause cause,
            String what) {
        giveWayTo(member, group, turn);
        group.update(member, request.protocols(), request.rebalanceTimeoutMs(), request.sessionTimeoutMs(), pending);
        rebalance.beginOrComplete(group, cause, "member " + member + " " + what + because(request), turn);
    }

    /** A JoinGroup of the same member that still waits was given up by its client: it is not left without an answer. */
    private static void giveWayTo(Member member, ClassicGroup group, Turn turn) {
        group.answerJoin(
                member,
                new JoinGroupResponse().memberId(member.id()).errorCode(ErrorCode.REBALANCE_IN_PROGRESS.code()),
                turn);
    }

    private void replaceStatic(
            ClassicGroup group,
            Member old,
            String newId,
            Caller caller,
            JoinGroupRequest request,
            Pending pending,
            Turn turn) {
        String leaderBefore = group.members().leaderId();
        var member = group.replaceStatic(old, newId, turn);
        group.update(member, request.protocols(), request.rebalanceTimeoutMs(), request.sessionTimeoutMs(), pending);
        group.startSession(member, old.sessionTimeoutMs(), turn);
        turn.notice(group.notice(Notice.Kind.MEMBER_REPLACED, old.id() + " is now " + member + because(request)));
        switch (group.state()) {
            case STABLE -> {
                if (group.members().mostWantedProtocol().equals(group.protocolName())) {
                    takePlace(group, member, leaderBefore, caller, turn);
                } else {
                    rebalance.begin(
                            group,
                            Cause.MEMBER_REPLACED,
                            "static member " + member + " prefers another protocol" + because(request),
                            turn);
                }
            }
            // The leader may be assigning to the old id, so the new one would get nothing.
            case COMPLETING_REBALANCE ->
                rebalance.begin(
                        group,
                        Cause.MEMBER_REPLACED,
                        "static member " + member + " came back" + because(request),
                        turn);
            default -> rebalance.completeIfAllJoined(group, turn);
        }
    }

    /** It goes on with the assignment of its former self; nobody else notices. */
    private static void takePlace(ClassicGroup group, Member member, String leaderBefore, Caller caller, Turn turn) {
        turn.record(GroupRecords.group(group));
        JoinGroupResponse response;
        if (caller.apiVersion() >= FIRST_VERSION_THAT_SKIPS_ASSIGNMENT) {
            response = Rebalance.joined(group, member)
                    .skipAssignment(group.members().isLeader(member.id()));
        } else {
            // Naming the old leader keeps the member, even if it leads, from assigning anew.
            response = Rebalance.generation(group).memberId(member.id()).leader(leaderBefore);
        }
        group.answerJoin(member, response, turn);
    }

    private static String because(JoinGroupRequest request) {
        return request.reason() == null || request.reason().isEmpty() ? "" : " (" + request.reason() + ")";
    }
}
