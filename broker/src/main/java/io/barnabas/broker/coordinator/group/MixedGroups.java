package io.barnabas.broker.coordinator.group;

import java.util.HashSet;
import java.util.List;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerProtocolSubscription;
import io.barnabas.protocol.message.HeartbeatRequest;
import io.barnabas.protocol.message.HeartbeatResponse;
import io.barnabas.protocol.message.JoinGroupRequest;
import io.barnabas.protocol.message.JoinGroupResponse;
import io.barnabas.protocol.message.SyncGroupRequest;
import io.barnabas.protocol.message.SyncGroupResponse;
import io.barnabas.protocol.wire.MalformedMessageException;

/**
 * Members of a consumer group that still speak the classic protocol (JoinGroup, API 11; SyncGroup, API 14; Heartbeat, API 12). The
 * broker assigns them too: a join is answered at once, the generation is the member's own epoch, there is no leader, and a heartbeat
 * tells them to join again for each step of a rebalance.
 */
final class MixedGroups {
    private static final short FIRST_VERSION_THAT_KNOWS_ITS_ID = 4;

    private final MemberUpdate.Rules rules;
    private final Supplier<Topics> topics;
    private final Groups groups;
    private final Downgrade downgrade;
    private final ConsumerRebalances rebalances;
    private final Supplier<String> uuids;
    private final Ledger ledger;

    MixedGroups(
            MemberUpdate.Rules rules,
            Supplier<Topics> topics,
            Groups groups,
            Downgrade downgrade,
            ConsumerRebalances rebalances,
            Supplier<String> uuids,
            Ledger ledger) {
        this.rules = rules;
        this.topics = topics;
        this.groups = groups;
        this.downgrade = downgrade;
        this.rebalances = rebalances;
        this.uuids = uuids;
        this.ledger = ledger;
    }

    // ---- joining ----

    /** The group has members. */
    void join(ConsumerGroup group, Caller caller, JoinGroupRequest request, Pending pending, Turn turn) {
        boolean unknownMember = request.memberId().isEmpty();
        String memberId = unknownMember ? uuids.get() : request.memberId();
        var former = group.staticMember(request.groupInstanceId());
        boolean replaces = former != null && unknownMember;
        var error = check(group, memberId, former, request);
        if (error != ErrorCode.NONE) {
            turn.reply(pending, new JoinGroupResponse().errorCode(error.code()));
            return;
        }
        if (unknownMember
                && request.groupInstanceId() == null
                && caller.apiVersion() >= FIRST_VERSION_THAT_KNOWS_ITS_ID) {
            turn.reply(
                    pending, new JoinGroupResponse().memberId(memberId).errorCode(ErrorCode.MEMBER_ID_REQUIRED.code()));
            return;
        }
        ConsumerProtocolSubscription subscription;
        try {
            subscription =
                    EmbeddedProtocol.subscription(request.protocols().get(0).metadata());
        } catch (MalformedMessageException e) {
            turn.reply(pending, new JoinGroupResponse().errorCode(ErrorCode.UNKNOWN_SERVER_ERROR.code()));
            return;
        }
        var records = new ConsumerRecords(group.id());
        ConsumerMember before;
        if (replaces) {
            before = new ConsumerMember(
                    memberId, former.profile(), former.progress().rejoining());
            records.replacement(group, former, before);
        } else {
            var known = group.member(memberId);
            before = known == null ? ConsumerMember.unknown(memberId) : known;
        }
        var after = before.with(profile(before.profile(), caller, request, subscription));
        var update = new MemberUpdate(group, before, after, rules, topics.get(), records, turn);
        update.subscribe(false);
        var owned = EmbeddedProtocol.owned(subscription, topics.get());
        // A static member that joins again under its id is in the place of nobody but itself.
        if (former != null && downgrade.isDueWhenReplaced(group, former)) {
            boolean stale = group.targetEpoch() < update.epoch() || !isSettledWithout(group, former);
            if (!stale) {
                update.advanceToRecordedTarget(owned);
            }
            downgrade.convert(
                    group,
                    List.of(former),
                    update.member(),
                    records,
                    stale ? "the assignment was made for the consumer group" : null,
                    turn);
        } else {
            var groupBefore = ConsumerRebalances.Before.of(group);
            boolean wasMember = group.member(memberId) != null;
            update.advance(owned);
            var tooLarge = rules.tooLarge(records);
            if (tooLarge != null) {
                turn.reply(
                        pending,
                        new JoinGroupResponse()
                                .memberId(memberId)
                                .errorCode(tooLarge.error().code()));
                return;
            }
            ledger.write(records.all(), turn);
            var live = groups.consumer(group.id());
            update.settle(live);
            var timers = live.timers(memberId);
            timers.endRejoin();
            timers.startSession(request.sessionTimeoutMs(), turn);
            timers.startSync(request.rebalanceTimeoutMs(), turn);
            if (replaces) {
                turn.notice(live.notice(
                        Notice.Kind.MEMBER_REPLACED,
                        former.id() + " is now " + update.member().text()));
            }
            if (live.generation() != groupBefore.epoch()) {
                rebalances.begun(
                        live,
                        groupBefore,
                        wasMember || replaces ? update.causeOfChange() : Cause.MEMBER_JOINED,
                        update.member().text() + " joins with the classic protocol",
                        turn);
            }
        }
        turn.reply(
                pending,
                new JoinGroupResponse()
                        .memberId(memberId)
                        .generationId(update.member().epoch())
                        .protocolType(ClassicGroup.CONSUMER_PROTOCOL)
                        .protocolName(request.protocols().get(0).name()));
    }

    private static boolean isSettledWithout(ConsumerGroup group, ConsumerMember replaced) {
        for (var member : group.members()) {
            if (member != replaced && !member.progress().hasReached(group.targetEpoch())) {
                return false;
            }
        }
        return true;
    }

    private ErrorCode check(ConsumerGroup group, String memberId, ConsumerMember former, JoinGroupRequest request) {
        if (rules.config().migration() == ConsumerGroupConfig.Migration.DISABLED) {
            return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
        }
        if (group.size() >= rules.config().maxSize() && group.member(memberId) == null) {
            return ErrorCode.GROUP_MAX_SIZE_REACHED;
        }
        boolean supported = request.protocolType().equals(ClassicGroup.CONSUMER_PROTOCOL)
                && request.protocols().stream().anyMatch(protocol -> group.classicMembersSupport(protocol.name()));
        if (!supported) {
            return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
        }
        if (request.groupInstanceId() == null || request.memberId().isEmpty()) {
            return ErrorCode.NONE;
        }
        if (former == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        return former.id().equals(memberId) ? ErrorCode.NONE : ErrorCode.FENCED_INSTANCE_ID;
    }

    private static MemberProfile profile(
            MemberProfile before, Caller caller, JoinGroupRequest request, ConsumerProtocolSubscription subscription) {
        String rack = subscription.rackId();
        var next = new MemberProfile(
                request.groupInstanceId() == null ? before.instanceId() : request.groupInstanceId(),
                rack == null || rack.isEmpty() ? before.rackId() : rack,
                request.rebalanceTimeoutMs() == -1 ? before.rebalanceTimeoutMs() : request.rebalanceTimeoutMs(),
                caller.clientId(),
                caller.clientHost(),
                new HashSet<>(subscription.topics()),
                "",
                before.assignor(),
                Upgrade.classic(request.sessionTimeoutMs(), request.protocols()));
        return before.equals(next) ? before : next;
    }

    // ---- assignments ----

    void sync(ConsumerGroup group, SyncGroupRequest request, Pending pending, Turn turn) {
        var member = member(group, request.memberId(), request.groupInstanceId());
        var error = check(member, request.memberId(), request.groupInstanceId(), request.generationId());
        if (error == ErrorCode.NONE) {
            error = check(group, member, request);
        }
        if (error != ErrorCode.NONE) {
            if (error == ErrorCode.REBALANCE_IN_PROGRESS) {
                callBack(group, member, turn);
            }
            turn.reply(pending, new SyncGroupResponse().errorCode(error.code()));
            return;
        }
        var classic = member.profile().classic();
        var timers = group.timers(member.id());
        timers.endSync();
        timers.startSession(classic.sessionTimeoutMs(), turn);
        turn.reply(
                pending,
                new SyncGroupResponse()
                        .protocolType(request.protocolType())
                        .protocolName(request.protocolName())
                        .assignment(EmbeddedProtocol.assignment(
                                member.progress().assignedPartitions(),
                                classic.supportedProtocols().get(0).metadata(),
                                topics.get())));
    }

    private static ErrorCode check(ConsumerGroup group, ConsumerMember member, SyncGroupRequest request) {
        String protocol = member.profile().classic().supportedProtocols().get(0).name();
        boolean agrees = (request.protocolType() == null
                        || request.protocolType().equals(ClassicGroup.CONSUMER_PROTOCOL))
                && (request.protocolName() == null || request.protocolName().equals(protocol));
        if (!agrees) {
            return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
        }
        // One that has still to give up partitions has joined already.
        boolean behind =
                group.targetEpoch() > member.epoch() && member.progress().state() != MemberState.UNREVOKED_PARTITIONS;
        return behind ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
    }

    // ---- staying ----

    void heartbeat(ConsumerGroup group, HeartbeatRequest request, Pending pending, Turn turn) {
        var member = member(group, request.memberId(), request.groupInstanceId());
        var error = check(member, request.memberId(), request.groupInstanceId(), request.generationId());
        if (error == ErrorCode.NONE) {
            group.timers(member.id()).startSession(member.profile().classic().sessionTimeoutMs(), turn);
            if (hasToRejoin(group, member)) {
                error = ErrorCode.REBALANCE_IN_PROGRESS;
                callBack(group, member, turn);
            }
        }
        turn.reply(pending, new HeartbeatResponse().errorCode(error.code()));
    }

    private static boolean hasToRejoin(ConsumerGroup group, ConsumerMember member) {
        return member.epoch() < group.targetEpoch()
                || member.progress().state() == MemberState.UNREVOKED_PARTITIONS
                || member.progress().state() == MemberState.UNRELEASED_PARTITIONS
                        && !isMissingPartitions(group, member);
    }

    /** Whether others have still not given up what it waits for. */
    private static boolean isMissingPartitions(ConsumerGroup group, ConsumerMember member) {
        for (var target : group.target(member.id()).entrySet()) {
            for (int partition : target.getValue()) {
                if (member.progress().epochOf(target.getKey(), partition) == null
                        && group.isOwned(target.getKey(), partition)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void callBack(ConsumerGroup group, ConsumerMember member, Turn turn) {
        group.timers(member.id()).awaitRejoin(member.profile().rebalanceTimeoutMs(), turn);
    }

    private static ConsumerMember member(ConsumerGroup group, String memberId, String instanceId) {
        return instanceId == null ? group.member(memberId) : group.staticMember(instanceId);
    }

    private static ErrorCode check(ConsumerMember member, String memberId, String instanceId, int generation) {
        if (member == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        if (instanceId != null && !member.id().equals(memberId)) {
            return ErrorCode.FENCED_INSTANCE_ID;
        }
        if (!member.profile().speaksClassic()) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        return generation == member.epoch() ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
    }
}
