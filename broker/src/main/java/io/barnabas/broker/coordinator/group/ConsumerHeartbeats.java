package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponse;

/** What a ConsumerGroupHeartbeat leads to (API 68; KIP-848): joining, subscribing, being assigned, leaving. */
final class ConsumerHeartbeats {
    private final ConsumerGroupConfig config;
    private final Groups groups;
    private final Deadlines<Alarm> deadlines;
    private final Supplier<Topics> topics;
    private final MemberUpdate.Rules rules;
    private final Upgrade upgrade;
    private final Departures departures;
    private final ConsumerRebalances rebalances;
    private final Supplier<String> uuids;
    private final Ledger ledger;

    ConsumerHeartbeats(
            ConsumerGroupConfig config,
            Groups groups,
            Deadlines<Alarm> deadlines,
            Supplier<Topics> topics,
            MemberUpdate.Rules rules,
            Upgrade upgrade,
            Departures departures,
            ConsumerRebalances rebalances,
            Supplier<String> uuids,
            Ledger ledger) {
        this.config = config;
        this.groups = groups;
        this.deadlines = deadlines;
        this.topics = topics;
        this.rules = rules;
        this.upgrade = upgrade;
        this.departures = departures;
        this.rebalances = rebalances;
        this.uuids = uuids;
        this.ledger = ledger;
    }

    /** The request passed {@link HeartbeatChecks}. */
    void heartbeat(Caller caller, ConsumerGroupHeartbeatRequest request, Pending pending, Turn turn) {
        boolean leaves = request.memberEpoch() < 0;
        var refusal = leaves ? leave(request, pending, turn) : beat(caller, request, pending, turn);
        if (refusal != null) {
            turn.reply(pending, refused(refusal));
        }
    }

    static ConsumerGroupHeartbeatResponse refused(Refusal refusal) {
        return new ConsumerGroupHeartbeatResponse()
                .errorCode(refusal.error().code())
                .errorMessage(refusal.message());
    }

    // ---- leaving ----

    private Refusal leave(ConsumerGroupHeartbeatRequest request, Pending pending, Turn turn) {
        if (!(groups.find(request.groupId()) instanceof ConsumerGroup group)) {
            return noSuchGroup(request);
        }
        var member = request.instanceId() == null
                ? group.member(request.memberId())
                : group.staticMember(request.instanceId());
        var refusal = member == null ? unknownMember(request) : fencedInstance(member, request);
        if (refusal != null) {
            return refusal;
        }
        if (request.instanceId() != null && request.memberEpoch() == MemberProgress.AWAY) {
            var records = new ConsumerRecords(group.id());
            records.progress(member.id(), member.progress().away());
            ledger.write(records.all(), turn);
            group.timers(member.id()).endRevocation();
            turn.notice(group.notice(Notice.Kind.MEMBER_LEFT, member.text() + ", to be back"));
        } else {
            departures.leave(group, member, turn);
        }
        turn.reply(
                pending,
                new ConsumerGroupHeartbeatResponse().memberId(member.id()).memberEpoch(request.memberEpoch()));
        return null;
    }

    private static Refusal noSuchGroup(ConsumerGroupHeartbeatRequest request) {
        return new Refusal(
                ErrorCode.GROUP_ID_NOT_FOUND, "There is no consumer group '" + request.groupId() + "'; join it anew.");
    }

    private static Refusal unknownMember(ConsumerGroupHeartbeatRequest request) {
        return new Refusal(
                ErrorCode.UNKNOWN_MEMBER_ID,
                (request.instanceId() == null
                                ? "Member " + request.memberId()
                                : "The instance id " + request.instanceId())
                        + " is not in group '" + request.groupId() + "'; join it anew.");
    }

    /** Null if the instance id is this member's own, or there is none. */
    private static Refusal fencedInstance(ConsumerMember known, ConsumerGroupHeartbeatRequest request) {
        return request.instanceId() == null || known.id().equals(request.memberId())
                ? null
                : new Refusal(
                        ErrorCode.FENCED_INSTANCE_ID,
                        "The instance id " + request.instanceId() + " belongs to member " + known.id() + " now, not to "
                                + request.memberId() + ".");
    }

    // ---- joining and staying ----

    private Refusal beat(Caller caller, ConsumerGroupHeartbeatRequest request, Pending pending, Turn turn) {
        boolean joins = request.memberEpoch() == 0;
        var records = new ConsumerRecords(request.groupId());
        var found = groups.find(request.groupId());
        ConsumerGroup group;
        if (found instanceof ConsumerGroup consumers) {
            group = consumers;
        } else if (!joins) {
            return noSuchGroup(request);
        } else if (found instanceof ClassicGroup classic && !classic.isEmpty()) {
            var refused = upgrade.refusal(classic);
            if (refused != null) {
                return refused;
            }
            group = upgrade.convert(classic, topics.get(), records);
        } else {
            group = new ConsumerGroup(request.groupId(), deadlines);
            if (found != null) {
                records.add(GroupRecords.groupGone(request.groupId()));
            }
        }
        String memberId = request.memberId();
        if (group.size() >= config.maxSize() && group.member(memberId) == null) {
            return new Refusal(
                    ErrorCode.GROUP_MAX_SIZE_REACHED,
                    "Group '" + group.id() + "' has " + group.size()
                            + " members, as many as group.consumer.max.size allows.");
        }
        if (memberId.isEmpty()) {
            memberId = uuids.get();
        }
        var former = group.staticMember(request.instanceId());
        boolean replaces = joins && former != null;
        var known = replaces ? former : request.instanceId() == null || joins ? group.member(memberId) : former;
        if (known == null && !joins) {
            return unknownMember(request);
        }
        var refusal = known == null ? null : refusal(known, replaces, request);
        if (refusal != null) {
            return refusal;
        }
        ConsumerMember before;
        if (replaces) {
            before = new ConsumerMember(
                    memberId, former.profile(), former.progress().rejoining());
        } else {
            before = known == null ? ConsumerMember.unknown(memberId) : known;
        }
        var after = before.with(before.profile().after(caller, request));
        refusal = rules.regexes().refusal(group, before.profile(), after.profile());
        if (refusal != null) {
            return refusal;
        }
        if (replaces) {
            records.replacement(group, former, before);
        }
        var upgraded = !group.isEmpty() && found instanceof ClassicGroup classic ? classic : null;
        return update(group, upgraded, before, after, request, records, pending, turn);
    }

    private static Refusal refusal(ConsumerMember known, boolean replaces, ConsumerGroupHeartbeatRequest request) {
        if (replaces) {
            return known.profile().speaksClassic() || known.progress().isAway()
                    ? null
                    : new Refusal(
                            ErrorCode.UNRELEASED_INSTANCE_ID,
                            "The instance id " + request.instanceId() + " is in use by member " + known.id()
                                    + ", which has neither left nor been silent for its session timeout.");
        }
        // A static member was found by its instance id, unless it joins.
        var refusal = request.memberEpoch() == 0 ? null : fencedInstance(known, request);
        return refusal == null ? fenced(known.progress(), request) : refusal;
    }

    /** Null if the member is in an epoch it may be in. */
    private static Refusal fenced(MemberProgress known, ConsumerGroupHeartbeatRequest request) {
        int epoch = request.memberEpoch();
        boolean unknownState = known.state() == MemberState.UNKNOWN
                && (request.topicPartitions() == null
                        || !request.topicPartitions().isEmpty());
        // It may have missed the answer that told it its new epoch.
        boolean missedAnswer = epoch == known.previousEpoch() && isPartOf(request.topicPartitions(), known.assigned());
        boolean inStep = epoch == 0 || epoch == known.epoch() || epoch < known.epoch() && missedAnswer;
        return inStep && !unknownState
                ? null
                : new Refusal(
                        ErrorCode.FENCED_MEMBER_EPOCH,
                        "The member says it is in epoch " + epoch + ", but it is in epoch " + known.epoch()
                                + "; it has to give up its partitions and join anew.");
    }

    private static boolean isPartOf(List<TopicPartitions> reported, Map<Uuid, Map<Integer, Integer>> assigned) {
        if (reported == null) {
            return false;
        }
        for (var topic : reported) {
            var epochs = assigned.get(topic.topicId());
            if (epochs == null || !epochs.keySet().containsAll(topic.partitions())) {
                return false;
            }
        }
        return true;
    }

    /** @param upgraded the group as it was, with members of the classic protocol; null if it was another */
    private Refusal update(
            ConsumerGroup group,
            ClassicGroup upgraded,
            ConsumerMember before,
            ConsumerMember after,
            ConsumerGroupHeartbeatRequest request,
            ConsumerRecords records,
            Pending pending,
            Turn turn) {
        var pace = config.pace().apply(group.id());
        var update = new MemberUpdate(group, before, after, rules, topics.get(), records, turn);
        update.subscribe(upgraded != null && Upgrade.isStale(group, topics.get()));
        update.advance(request.topicPartitions());
        var tooLarge = rules.tooLarge(records);
        if (tooLarge != null) {
            return tooLarge;
        }
        if (upgraded != null) {
            Upgrade.dismissWaiters(upgraded, turn);
        }
        var progress = update.member().progress();
        var groupBefore = ConsumerRebalances.Before.of(group);
        boolean wasMember = group.member(after.id()) != null;
        var former = wasMember ? null : group.staticMember(after.profile().instanceId());
        ledger.write(records.all(), turn);

        var live = groups.consumer(group.id());
        update.settle(live);
        live.timers(after.id()).startSession(pace.sessionTimeoutMs(), turn);
        if (upgraded != null) {
            turn.notice(live.notice(Notice.Kind.CONVERTED, "now a consumer group"));
        }
        if (former != null) {
            turn.notice(live.notice(Notice.Kind.MEMBER_REPLACED, former.id() + " is now " + after.text()));
        }
        if (live.generation() != groupBefore.epoch() || !wasMember && former == null) {
            boolean isNew = !wasMember && former == null;
            rebalances.begun(
                    live,
                    groupBefore,
                    isNew ? Cause.MEMBER_JOINED : update.causeOfChange(),
                    (isNew ? "new member " : "heartbeat of member ") + after.text(),
                    turn);
        }
        var response = new ConsumerGroupHeartbeatResponse()
                .memberId(after.id())
                .memberEpoch(progress.epoch())
                .heartbeatIntervalMs(
                        NextHeartbeat.inMs(live, progress.state(), update.resolvesRegexes(), pace, turn.epochMs()));
        boolean isFull = request.rebalanceTimeoutMs() != -1
                && (request.subscribedTopicNames() != null || request.subscribedTopicRegex() != null)
                && request.topicPartitions() != null;
        if (request.memberEpoch() == 0
                || isFull
                || !progress.assigned().equals(before.progress().assigned())) {
            response.assignment(assignment(progress.assigned()));
        }
        turn.reply(pending, response);
        if (upgraded != null) {
            Upgrade.startSessions(live, turn);
        }
        return null;
    }

    private static ConsumerGroupHeartbeatResponse.Assignment assignment(Map<Uuid, Map<Integer, Integer>> assigned) {
        var assignment = new ConsumerGroupHeartbeatResponse.Assignment();
        assigned.forEach((topic, epochs) -> assignment
                .topicPartitions()
                .add(new ConsumerGroupHeartbeatResponse.TopicPartitions()
                        .topicId(topic)
                        .partitions(new ArrayList<>(epochs.keySet()))));
        return assignment;
    }
}
