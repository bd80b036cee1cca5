package io.barnabas.broker.coordinator.group;

import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.coordinator.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;

/** A consumer group becomes a classic group when the last member that speaks the consumer protocol has gone. */
final class Downgrade {
    private final GroupConfig config;
    private final ConsumerGroupConfig consumerConfig;
    private final Groups groups;
    private final Rebalance rebalance;
    private final Supplier<Topics> topics;
    private final Ledger ledger;

    Downgrade(
            GroupConfig config,
            ConsumerGroupConfig consumerConfig,
            Groups groups,
            Rebalance rebalance,
            Supplier<Topics> topics,
            Ledger ledger) {
        this.config = config;
        this.consumerConfig = consumerConfig;
        this.groups = groups;
        this.rebalance = rebalance;
        this.topics = topics;
        this.ledger = ledger;
    }

    /** Whether the group is to become classic when these members are gone. */
    boolean isDue(ConsumerGroup group, Collection<ConsumerMember> leaving) {
        long leavingClassic = leaving.stream()
                .filter(member -> member.profile().speaksClassic())
                .count();
        int left = group.size() - leaving.size();
        return group.classicMembers() - leavingClassic == left && left > 0 && mayHave(left);
    }

    /** Whether the group is to become classic when a member of the classic protocol takes the place of this one. */
    boolean isDueWhenReplaced(ConsumerGroup group, ConsumerMember replaced) {
        return group.classicMembers() == group.size() - 1
                && !replaced.profile().speaksClassic()
                && mayHave(group.size());
    }

    private boolean mayHave(int members) {
        return consumerConfig.migration().allowsDowngrade() && members <= config.maxSize();
    }

    /**
     * Converts the group at once.
     *
     * @param joining takes the place of the static member it is named after, which is in {@code leaving}; null if nobody does
     * @param records what was decided before, about {@code joining}; are added to and written
     * @param reason of the rebalance that follows; null if none is needed
     */
    void convert(
            ConsumerGroup group,
            Collection<ConsumerMember> leaving,
            ConsumerMember joining,
            ConsumerRecords records,
            String reason,
            Turn turn) {
        var classic = groups.detachedClassic(group.id(), turn.epochMs());
        var ids = group.memberIds();
        classic.restore(group.generation(), ClassicGroup.CONSUMER_PROTOCOL, null, null, turn.epochMs());
        for (var member : group.members()) {
            if (!leaving.contains(member)) {
                classic.restore(member(classic, member));
            }
        }
        ConsumerMember replaced = null;
        if (joining != null) {
            replaced = group.staticMember(joining.profile().instanceId());
            ids.remove(replaced.id());
            ids.add(joining.id());
            classic.restore(member(classic, joining));
        }
        String protocol = classic.members().mostWantedProtocol();
        classic.restore(
                group.generation(),
                ClassicGroup.CONSUMER_PROTOCOL,
                protocol,
                classic.members().leaderId(),
                turn.epochMs());
        for (var member : classic.members()) {
            boolean takesPlace = joining != null && member.id().equals(joining.id());
            var former = takesPlace ? replaced : group.member(member.id());
            // Until the rebalance is over the members use what they have, and what they have counts should the group be
            // converted
            // back before that.
            var partitions = reason == null
                    ? group.target(former.id())
                    : former.progress().heldPartitions();
            member.assignment(EmbeddedProtocol.assignment(partitions, member.metadata(protocol), topics.get()));
        }
        classic.restored();
        classic.settledSize(group.settledSize());
        records.groupGone(group, ids);
        ledger.write(records.all(), turn);
        groups.put(classic);
        turn.record(GroupRecords.group(classic));
        classic.members().forEach(member -> classic.startSession(member, turn));
        turn.notice(classic.notice(Notice.Kind.CONVERTED, "now a classic group"));
        if (reason != null) {
            rebalance.begin(classic, Cause.PROTOCOL_CHANGED, reason, turn);
        }
    }

    private static Member member(ClassicGroup group, ConsumerMember member) {
        var profile = member.profile();
        return new Member(
                member.id(),
                profile.instanceId(),
                profile.clientId(),
                profile.clientHost(),
                ClassicGroup.CONSUMER_PROTOCOL,
                profile.rebalanceTimeoutMs(),
                profile.classic().sessionTimeoutMs(),
                protocols(profile.classic().supportedProtocols()),
                group.newSession(member.id()));
    }

    private static List<JoinGroupRequestProtocol> protocols(List<ClassicProtocol> protocols) {
        return protocols.stream()
                .map(protocol ->
                        new JoinGroupRequestProtocol().name(protocol.name()).metadata(protocol.metadata()))
                .toList();
    }
}
