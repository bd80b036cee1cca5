package io.barnabas.broker.coordinator.group;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.LeaveGroupRequest;
import io.barnabas.protocol.message.LeaveGroupResponse;
import io.barnabas.protocol.message.LeaveGroupResponse.MemberResponse;

/** Members leave a consumer group: they go, they are late, or an administrator removes them. */
final class Departures {
    private final Groups groups;
    private final Supplier<Topics> topics;
    private final TopicHashes hashes;
    private final Downgrade downgrade;
    private final ConsumerRebalances rebalances;
    private final Ledger ledger;

    Departures(
            Groups groups,
            Supplier<Topics> topics,
            TopicHashes hashes,
            Downgrade downgrade,
            ConsumerRebalances rebalances,
            Ledger ledger) {
        this.groups = groups;
        this.topics = topics;
        this.hashes = hashes;
        this.downgrade = downgrade;
        this.rebalances = rebalances;
        this.ledger = ledger;
    }

    /** A member's timer rang. */
    void overdue(Alarm.MemberOverdue alarm, Turn turn) {
        if (!(groups.find(alarm.groupId()) instanceof ConsumerGroup group)) {
            return;
        }
        var member = group.member(alarm.memberId());
        if (member != null) {
            var before = ConsumerRebalances.Before.of(group);
            remove(group, List.of(member), turn);
            String text = member.text() + ": " + alarm.what().text();
            turn.notice(group.notice(Notice.Kind.MEMBER_EXPIRED, text));
            rebalances.departed(group.id(), before, Cause.MEMBER_TIMED_OUT, "member " + text, turn);
        }
    }

    /** A member of the consumer protocol says that it goes for good. */
    void leave(ConsumerGroup group, ConsumerMember member, Turn turn) {
        var before = ConsumerRebalances.Before.of(group);
        remove(group, List.of(member), turn);
        turn.notice(group.notice(Notice.Kind.MEMBER_LEFT, member.text()));
        rebalances.departed(group.id(), before, Cause.MEMBER_LEFT, "member " + member.text() + " left", turn);
    }

    /** LeaveGroup: of members of either protocol, or by an administrator, who may name only instance ids. */
    void leave(ConsumerGroup group, LeaveGroupRequest request, Pending pending, Turn turn) {
        var response = new LeaveGroupResponse();
        var leaving = new LinkedHashSet<ConsumerMember>();
        var cause = Cause.MEMBER_LEFT;
        for (var identity : request.members()) {
            String instanceId = identity.groupInstanceId();
            var member = instanceId == null ? group.member(identity.memberId()) : group.staticMember(instanceId);
            var error = ErrorCode.NONE;
            if (member == null) {
                error = ErrorCode.UNKNOWN_MEMBER_ID;
            } else if (instanceId != null
                    && !identity.memberId().isEmpty()
                    && !identity.memberId().equals(member.id())) {
                error = ErrorCode.FENCED_INSTANCE_ID;
            } else {
                leaving.add(member);
                cause = Presence.isRemoval(identity) ? Cause.MEMBER_REMOVED : Cause.MEMBER_LEFT;
            }
            response.members()
                    .add(new MemberResponse()
                            .memberId(identity.memberId())
                            .groupInstanceId(instanceId)
                            .errorCode(error.code()));
        }
        var before = ConsumerRebalances.Before.of(group);
        remove(group, leaving, turn);
        for (var member : leaving) {
            turn.notice(group.notice(Notice.Kind.MEMBER_LEFT, member.text()));
        }
        if (!leaving.isEmpty()) {
            rebalances.departed(group.id(), before, cause, leaving.size() + " members left", turn);
        }
        turn.reply(pending, response);
    }

    /** @param members of the group, each once; if there are none nothing happens */
    private void remove(ConsumerGroup group, Collection<ConsumerMember> members, Turn turn) {
        if (members.isEmpty()) {
            return;
        }
        if (downgrade.isDue(group, members)) {
            downgrade.convert(
                    group,
                    members,
                    null,
                    new ConsumerRecords(group.id()),
                    "the last consumer-protocol member left",
                    turn);
            return;
        }
        var records = new ConsumerRecords(group.id());
        var interest = group.interest().copy();
        var regexes = new HashMap<String, Integer>();
        for (var member : members) {
            records.memberGone(member.id());
            interest.replace(member.profile(), null);
            if (member.profile().hasRegex()) {
                regexes.merge(member.profile().regex(), 1, Integer::sum);
            }
        }
        for (String regex : regexes.keySet()) {
            if (!interest.regexes().containsKey(regex)) {
                records.regexGone(regex);
                interest.resolve(regex, null);
            }
        }
        records.epoch(group.generation() + 1, hashes.of(interest.topics(), topics.get()));
        ledger.write(records.all(), turn);
    }
}
