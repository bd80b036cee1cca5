package io.barnabas.broker.coordinator.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.coordinator.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import io.barnabas.protocol.coordinator.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.barnabas.protocol.message.JoinGroupResponse;
import io.barnabas.protocol.message.SyncGroupResponse;
import io.barnabas.protocol.wire.MalformedMessageException;

/**
 * A classic group of consumers becomes a consumer group when the first member of the consumer protocol joins it. Its members go on
 * with the classic protocol and with what they have; what they said to each other, the broker understands now.
 */
final class Upgrade {
    private final ConsumerGroupConfig config;
    private final Deadlines<Alarm> deadlines;
    private final TopicHashes hashes;

    Upgrade(ConsumerGroupConfig config, Deadlines<Alarm> deadlines, TopicHashes hashes) {
        this.config = config;
        this.deadlines = deadlines;
        this.hashes = hashes;
    }

    /** Null if a group with members may be converted. */
    Refusal refusal(ClassicGroup group) {
        if (!config.migration().allowsUpgrade()) {
            return refuse(group, "group.consumer.migration.policy does not allow upgrades");
        }
        if (!group.usesConsumerProtocol()) {
            return refuse(group, "its members are no consumers");
        }
        if (group.size() > config.maxSize()) {
            return refuse(group, "it has more members than group.consumer.max.size allows");
        }
        try {
            String protocol = protocolOf(group);
            for (var member : group.members()) {
                EmbeddedProtocol.subscription(member.metadata(protocol));
                if (member.assignment().length > 0) {
                    var userData =
                            EmbeddedProtocol.assignment(member.assignment()).userData();
                    if (userData != null && userData.hasRemaining()) {
                        return refuse(group, "its assignor keeps data of its own in assignments, which would be lost");
                    }
                }
            }
        } catch (MalformedMessageException e) {
            return refuse(group, "what its members say to each other cannot be understood: " + e.getMessage());
        }
        return null;
    }

    private static Refusal refuse(ClassicGroup group, String why) {
        return new Refusal(
                ErrorCode.GROUP_ID_NOT_FOUND,
                "Group '" + group.id() + "' is a classic group with members and cannot become a consumer group: " + why
                        + ".");
    }

    /** One that all have in common, even before the first generation is complete. */
    private static String protocolOf(ClassicGroup group) {
        return group.protocolName() == null ? group.members().mostWantedProtocol() : group.protocolName();
    }

    /**
     * The group as it will be, made of the records that will make it so. It passed {@link #refusal}; it stays as it is.
     *
     * @param records are added to
     */
    ConsumerGroup convert(ClassicGroup group, Topics topics, ConsumerRecords records) {
        int epoch = group.generation();
        String protocol = protocolOf(group);
        var profiles = new HashMap<String, MemberProfile>();
        var targets = new HashMap<String, Map<Uuid, Set<Integer>>>();
        var names = new HashSet<String>();
        for (var member : group.members()) {
            var profile = profile(member, protocol);
            profiles.put(member.id(), profile);
            names.addAll(profile.topics());
            targets.put(
                    member.id(),
                    member.assignment().length == 0
                            ? Map.of()
                            : EmbeddedProtocol.partitions(EmbeddedProtocol.assignment(member.assignment()), topics));
        }
        records.add(GroupRecords.groupGone(group.id()));
        var conversion = new ConsumerRecords(group.id());
        profiles.forEach(conversion::profile);
        conversion.epoch(epoch, hashes.of(names, topics));
        targets.forEach(conversion::target);
        conversion.targetEpoch(epoch, 0);
        targets.forEach((id, target) -> conversion.progress(id, progress(target, epoch)));
        records.addAll(conversion.all());

        var converted = new Groups(deadlines, new GroupCounts());
        var replay = new ConsumerReplay(converted);
        conversion.all().forEach(replay::evolve);
        var made = converted.consumer(group.id());
        made.settledSize(group.settledSize());
        return made;
    }

    private static MemberProfile profile(Member member, String protocol) {
        var subscription = EmbeddedProtocol.subscription(member.metadata(protocol));
        return new MemberProfile(
                member.instanceId(),
                subscription.rackId() == null || subscription.rackId().isEmpty() ? null : subscription.rackId(),
                member.rebalanceTimeoutMs(),
                member.clientId(),
                member.clientHost(),
                new HashSet<>(subscription.topics()),
                "",
                null,
                classic(member.sessionTimeoutMs(), member.protocols()));
    }

    static ClassicMemberMetadata classic(int sessionTimeoutMs, Iterable<JoinGroupRequestProtocol> protocols) {
        var classic = new ClassicMemberMetadata().sessionTimeoutMs(sessionTimeoutMs);
        for (var protocol : protocols) {
            classic.supportedProtocols()
                    .add(new ClassicProtocol().name(protocol.name()).metadata(protocol.metadata()));
        }
        return classic;
    }

    private static MemberProgress progress(Map<Uuid, Set<Integer>> target, int epoch) {
        var assigned = new HashMap<Uuid, Map<Integer, Integer>>();
        target.forEach((topic, partitions) -> {
            var epochs = new HashMap<Integer, Integer>();
            partitions.forEach(partition -> epochs.put(partition, epoch));
            assigned.put(topic, epochs);
        });
        return new MemberProgress(epoch, epoch, MemberState.STABLE, assigned, Map.of());
    }

    /**
     * Whether the assignment that came with a converted group leaves partitions without an owner: topics have grown, perhaps. So does
     * one of a group that was converted before its first generation, whose epoch 0 members would take for "not joined".
     */
    static boolean isStale(ConsumerGroup converted, Topics topics) {
        if (converted.generation() == 0) {
            return true;
        }
        for (String name : converted.interest().topics()) {
            var topic = topics.byName(name);
            for (int partition = 0; topic != null && partition < topic.partitionCount(); partition++) {
                if (!converted.isOwned(topic.id(), partition)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Members that wait for the rebalance of the classic group are called to the one of the consumer group. */
    static void dismissWaiters(ClassicGroup group, Turn turn) {
        short code = ErrorCode.REBALANCE_IN_PROGRESS.code();
        for (var member : group.members()) {
            group.answerJoin(
                    member, new JoinGroupResponse().memberId(member.id()).errorCode(code), turn);
            group.answerSync(member, new SyncGroupResponse().errorCode(code), turn);
        }
    }

    /** Starts the sessions of members that came with the group. */
    static void startSessions(ConsumerGroup group, Turn turn) {
        for (var member : group.members()) {
            if (member.profile().speaksClassic()) {
                group.timers(member.id())
                        .startSession(member.profile().classic().sessionTimeoutMs(), turn);
            }
        }
    }
}
