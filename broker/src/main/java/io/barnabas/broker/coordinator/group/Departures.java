package io.barnabas.broker.coordinator.group;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Supplier;

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
    private final Ledger ledger;

    Departures(Groups groups, Supplier<Topics> topics, TopicHashes hashes, Downgrade downgrade, Ledger ledger) {
        this.groups = groups;
        this.topics = topics;
        this.hashes = hashes;
        this.downgrade = downgrade;
        this.ledger = ledger;
    }

    /** A member's timer rang. */
    void overdue(Alarm.MemberOverdue alarm, Turn turn) {
        if (!(groups.find(alarm.groupId()) instanceof ConsumerGroup group)) {
            return;
        }
        var member = group.member(alarm.memberId());
        if (member != null) {
            remove(group, List.of(member), turn);
            turn.notice(new Notice(
                    Notice.Kind.MEMBER_EXPIRED,
                    group.id(),
                    group.generation(),
                    group.size(),
                    member.text() + ": " + alarm.what().text()));
        }
    }

    /** LeaveGroup: of members of either protocol, or by an administrator, who may name only instance ids. */
    void leave(ConsumerGroup group, LeaveGroupRequest request, Pending pending, Turn turn) {
        var response = new LeaveGroupResponse();
        var leaving = new LinkedHashSet<ConsumerMember>();
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
            }
            response.members()
                    .add(new MemberResponse()
                            .memberId(identity.memberId())
                            .groupInstanceId(instanceId)
                            .errorCode(error.code()));
        }
        remove(group, leaving, turn);
        for (var member : leaving) {
            turn.notice(
                    new Notice(Notice.Kind.MEMBER_LEFT, group.id(), group.generation(), group.size(), member.text()));
        }
        turn.reply(pending, response);
    }

    /** @param members of the group, each once; if there are none nothing happens */
    void remove(ConsumerGroup group, Collection<ConsumerMember> members, Turn turn) {
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
        if (group.isEmpty()) {
            turn.notice(new Notice(Notice.Kind.EMPTIED, group.id(), group.generation(), 0, "all members are gone"));
        }
    }
}
