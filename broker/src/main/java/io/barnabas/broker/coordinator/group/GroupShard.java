package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.broker.coordinator.Deadlines;
import io.barnabas.broker.coordinator.Decision;
import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.broker.coordinator.Shard;
import io.barnabas.broker.coordinator.Turn;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.coordinator.GroupMetadataKey;
import io.barnabas.protocol.coordinator.GroupMetadataValue;
import io.barnabas.protocol.coordinator.LegacyOffsetCommitValue;
import io.barnabas.protocol.coordinator.OffsetCommitKey;
import io.barnabas.protocol.coordinator.OffsetCommitValue;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponse;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponse;
import io.barnabas.protocol.message.DescribeGroupsResponse.DescribedGroup;
import io.barnabas.protocol.message.HeartbeatRequest;
import io.barnabas.protocol.message.JoinGroupRequest;
import io.barnabas.protocol.message.LeaveGroupRequest;
import io.barnabas.protocol.message.ListGroupsResponse.ListedGroup;
import io.barnabas.protocol.message.OffsetCommitRequest;
import io.barnabas.protocol.message.OffsetCommitResponse;
import io.barnabas.protocol.message.OffsetDeleteRequest;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.barnabas.protocol.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import io.barnabas.protocol.message.SyncGroupRequest;
import io.barnabas.protocol.record.RecordBatch;

/**
 * The groups and offsets of one partition of {@code __consumer_offsets}: the classic group protocol and the consumer group protocol
 * (KIP-848) as Apache Kafka 4.3.1 speaks them. Each event is decided at once and the state includes what was decided; a request that must wait (for other members, for the
 * leader's assignment) is kept as a {@link Pending} and answered by a later decision. Who is called together in a rebalance is
 * not recorded: after a fail-over the group is as it was last complete, and its members rejoin.
 */
public final class GroupShard implements Shard {
    private final GroupConfig config;
    private final Deadlines<Alarm> deadlines = new Deadlines<>();
    private final GroupCounts counts = new GroupCounts();
    private final Deadlines.Deadline<Alarm> retentionTimer = deadlines.timer("retention", new Alarm.RetentionCheck());
    private final Groups groups = new Groups(deadlines, counts);
    private final OffsetStore store = new OffsetStore(counts);
    private final ConsumerRebalances consumerRebalances = new ConsumerRebalances(groups, counts);
    private final Rebalance rebalance;
    private final Joins joins;
    private final Syncs syncs;
    private final Presence presence;
    private final Offsets offsets;
    private final Removals removals;
    private final Descriptions descriptions;
    private final ConsumerReplay consumerReplay = new ConsumerReplay(groups);
    private final ConsumerHeartbeats consumerHeartbeats;
    private final ConsumerGroupConfig consumerConfig;
    private final Regexes regexes;
    private final Departures departures;
    private final MixedGroups mixed;

    /**
     * @param topics the newest state of the cluster's topics
     * @param uuids random UUIDs in their usual text form, for member ids
     */
    public GroupShard(
            GroupConfig config,
            ConsumerGroupConfig consumerConfig,
            Supplier<Topics> topics,
            TopicPatterns patterns,
            Supplier<String> uuids) {
        this.config = config;
        this.consumerConfig = consumerConfig;
        this.rebalance = new Rebalance(config, deadlines, counts);
        this.joins = new Joins(config, groups, rebalance, uuids, this::write);
        this.syncs = new Syncs(config, groups, rebalance, deadlines);
        this.presence = new Presence(groups, rebalance);
        this.offsets = new Offsets(config, groups, store);
        this.removals = new Removals(config, groups, store, counts);
        this.descriptions = new Descriptions(groups, consumerConfig, topics);
        var hashes = new TopicHashes();
        this.regexes = new Regexes(
                consumerConfig, groups, topics, patterns, hashes, deadlines, consumerRebalances, this::write);
        var rules = new MemberUpdate.Rules(consumerConfig, hashes, regexes, config.maxRecordBytes());
        var downgrade = new Downgrade(config, consumerConfig, groups, rebalance, topics, this::write);
        this.departures = new Departures(groups, topics, hashes, downgrade, consumerRebalances, this::write);
        this.consumerHeartbeats = new ConsumerHeartbeats(
                consumerConfig,
                groups,
                deadlines,
                topics,
                rules,
                new Upgrade(consumerConfig, deadlines, hashes),
                departures,
                consumerRebalances,
                uuids,
                this::write);
        this.mixed = new MixedGroups(rules, topics, groups, downgrade, consumerRebalances, uuids, this::write);
    }

    @Override
    public void evolve(CoordinatorRecord record, long producerId) {
        if (record.key() instanceof OffsetCommitKey key) {
            evolve(key, record, producerId);
        } else if (record.key() instanceof GroupMetadataKey key) {
            if (record.isTombstone()) {
                groups.remove(key.group());
            } else {
                groups.restore(key.group(), (GroupMetadataValue) record.value());
            }
        } else {
            consumerReplay.evolve(record);
        }
    }

    private void write(List<CoordinatorRecord> records, Turn turn) {
        for (var record : records) {
            turn.record(record);
            evolve(record, RecordBatch.NO_PRODUCER_ID);
        }
    }

    private void evolve(OffsetCommitKey key, CoordinatorRecord record, long producerId) {
        if (record.isTombstone()) {
            store.remove(key.group(), key.topic(), key.partition());
            return;
        }
        var offset = record.value() instanceof LegacyOffsetCommitValue legacy
                ? CommittedOffset.of(legacy)
                : CommittedOffset.of((OffsetCommitValue) record.value());
        groups.createIfMissing(key.group(), offset.commitTimestampMs());
        store.put(key.group(), key.topic(), key.partition(), offset, producerId);
    }

    @Override
    public void endTransaction(long producerId, boolean committed) {
        store.endTransaction(producerId, committed);
    }

    @Override
    public Decision loaded(Moment now) {
        var turn = new Turn(now);
        for (var group : groups.all()) {
            if (group instanceof ClassicGroup classic) {
                loaded(classic, turn);
            } else if (group instanceof ConsumerGroup consumer) {
                loaded(consumer, turn);
            }
        }
        scheduleRetention(turn);
        return turn.decision();
    }

    private void loaded(ClassicGroup group, Turn turn) {
        for (var member : group.members()) {
            group.startSession(member, turn);
        }
        if (group.size() > config.maxSize()) {
            rebalance.begin(
                    group,
                    Cause.TOO_MANY_MEMBERS,
                    "the group has " + group.size() + " members, more than group.max.size allows",
                    turn);
        }
    }

    private void loaded(ConsumerGroup group, Turn turn) {
        var pace = consumerConfig.pace().apply(group.id());
        for (var member : group.members()) {
            group.timers(member.id()).startSession(pace.sessionTimeoutMs(), turn);
            if (member.progress().state() == MemberState.UNREVOKED_PARTITIONS) {
                group.timers(member.id()).startRevocation(member.profile().rebalanceTimeoutMs(), turn);
            }
        }
        consumerRebalances.loaded(group, turn);
    }

    private void scheduleRetention(Turn turn) {
        deadlines.schedule(retentionTimer, turn.steadyMsIn(config.offsetsRetentionCheckIntervalMs()));
    }

    @Override
    public Decision tick(Moment now) {
        var turn = new Turn(now);
        for (var due = deadlines.poll(now.steadyMs()); due != null; due = deadlines.poll(now.steadyMs())) {
            ring(due.task(), turn);
        }
        return turn.decision();
    }

    private void ring(Alarm alarm, Turn turn) {
        if (alarm instanceof Alarm.SessionOver over) {
            rebalance.sessionOver(over.group(), over.memberId(), turn);
        } else if (alarm instanceof Alarm.JoinOver over) {
            rebalance.completeJoin(over.group(), turn);
        } else if (alarm instanceof Alarm.SyncOver over) {
            rebalance.syncOver(over.group(), turn);
        } else if (alarm instanceof Alarm.MemberOverdue overdue) {
            departures.overdue(overdue, turn);
            consumerRebalances.settle(overdue.groupId(), turn);
        } else if (alarm instanceof Alarm.RegexesDue due) {
            regexes.refresh(due.groupId(), turn);
        } else {
            int before = turn.records().size();
            removals.expire(turn);
            applyFrom(before, turn);
            scheduleRetention(turn);
        }
    }

    /** Decisions on offsets leave the state to their records. */
    private void applyFrom(int first, Turn turn) {
        for (var record : turn.records().subList(first, turn.records().size())) {
            evolve(record, RecordBatch.NO_PRODUCER_ID);
        }
    }

    private Decision applied(Turn turn) {
        applyFrom(0, turn);
        return turn.decision();
    }

    @Override
    public long nextDeadlineMs() {
        return deadlines.next();
    }

    /** What is wrong with a JoinGroup whatever the group's state: INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT or NONE. */
    public static ErrorCode check(GroupConfig config, JoinGroupRequest request) {
        if (request.groupId().isEmpty()) {
            return ErrorCode.INVALID_GROUP_ID;
        }
        boolean allowed = request.sessionTimeoutMs() >= config.minSessionTimeoutMs()
                && request.sessionTimeoutMs() <= config.maxSessionTimeoutMs();
        return allowed ? ErrorCode.NONE : ErrorCode.INVALID_SESSION_TIMEOUT;
    }

    /** What is wrong with a heartbeat whatever the group's state; empty if nothing is. */
    public static Optional<ConsumerGroupHeartbeatResponse> check(
            ConsumerGroupConfig config, Caller caller, ConsumerGroupHeartbeatRequest request) {
        return Optional.ofNullable(HeartbeatChecks.refusal(caller, request, config))
                .map(ConsumerHeartbeats::refused);
    }

    /** Of a member of a consumer group. The request passed {@link #check}. */
    public Decision heartbeat(Moment now, Caller caller, ConsumerGroupHeartbeatRequest request, Pending pending) {
        var turn = new Turn(now);
        consumerHeartbeats.heartbeat(caller, request, pending, turn);
        consumerRebalances.settle(request.groupId(), turn);
        return turn.decision();
    }

    /** Answered when the rebalance is complete, or at once. The request passed {@link #check}. */
    public Decision join(Moment now, Caller caller, JoinGroupRequest request, Pending pending) {
        var turn = new Turn(now);
        if (caller.apiVersion() == 0) {
            // The version has no rebalance timeout.
            request.rebalanceTimeoutMs(request.sessionTimeoutMs());
        }
        if (groups.find(request.groupId()) instanceof ConsumerGroup group && !group.isEmpty()) {
            mixed.join(group, caller, request, pending, turn);
            consumerRebalances.settle(request.groupId(), turn);
        } else {
            joins.join(caller, request, pending, turn);
        }
        return turn.decision();
    }

    /** Answered when the leader has assigned, or at once. */
    public Decision sync(Moment now, SyncGroupRequest request, Pending pending) {
        var turn = new Turn(now);
        if (groups.find(request.groupId()) instanceof ConsumerGroup group) {
            mixed.sync(group, request, pending, turn);
        } else {
            syncs.sync(request, pending, turn);
        }
        return turn.decision();
    }

    public Decision heartbeat(Moment now, HeartbeatRequest request, Pending pending) {
        var turn = new Turn(now);
        if (groups.find(request.groupId()) instanceof ConsumerGroup group) {
            mixed.heartbeat(group, request, pending, turn);
        } else {
            presence.heartbeat(request, pending, turn);
        }
        return turn.decision();
    }

    /** @param request in the form of version 3 and later: members, not one member id */
    public Decision leave(Moment now, LeaveGroupRequest request, Pending pending) {
        var turn = new Turn(now);
        if (groups.find(request.groupId()) instanceof ConsumerGroup group) {
            departures.leave(group, request, pending, turn);
            consumerRebalances.settle(request.groupId(), turn);
        } else {
            presence.leave(request, pending, turn);
        }
        return turn.decision();
    }

    /** @param request names its topics; ids too where they are known */
    public Decision commitOffsets(Moment now, Caller caller, OffsetCommitRequest request, Pending pending) {
        var turn = new Turn(now);
        offsets.commit(caller, request, pending, turn);
        counts.add(GroupCounts.Count.OFFSET_COMMITS, turn.records().size());
        return applied(turn);
    }

    /** The same error for all partitions of a commit. */
    public static OffsetCommitResponse refused(OffsetCommitRequest request, ErrorCode error) {
        return Offsets.refused(request, error);
    }

    public Decision deleteGroups(Moment now, List<String> groupIds, Pending pending) {
        var turn = new Turn(now);
        removals.deleteGroups(groupIds, pending, turn);
        return applied(turn);
    }

    public Decision deleteOffsets(Moment now, OffsetDeleteRequest request, Pending pending) {
        var turn = new Turn(now);
        removals.deleteOffsets(request, pending, turn);
        return applied(turn);
    }

    public Decision topicDeleted(Moment now, String topic, Uuid topicId) {
        var turn = new Turn(now);
        removals.topicDeleted(topic, topicId, turn);
        return applied(turn);
    }

    /**
     * Offsets as of the last decision: to be told once that is committed.
     *
     * @param request names its topics; null topics ask for all
     * @param requireStable offsets that a transaction may still replace are UNSTABLE_OFFSET_COMMIT (KIP-447)
     */
    public OffsetFetchResponseGroup fetchOffsets(OffsetFetchRequestGroup request, boolean requireStable) {
        return offsets.fetch(request, requireStable);
    }

    /** A group as of the last decision: to be told once that is committed. */
    public DescribedGroup describe(Caller caller, String groupId) {
        return descriptions.describe(caller, groupId);
    }

    /** A consumer group as of the last decision: to be told once that is committed. */
    public ConsumerGroupDescribeResponse.DescribedGroup describeConsumer(String groupId) {
        return descriptions.describeConsumer(groupId);
    }

    /** May be asked for, and read, on any thread. */
    public GroupCounts counts() {
        return counts;
    }

    /**
     * What is committed, as of the last decision: a page of it, group by group in the order of their ids, so that nobody keeps the
     * shard's thread for long. A group is never on two pages.
     *
     * @param afterGroupId the last group of the page before; null for the first page
     * @param limit at least 1: no further group once there are so many offsets, or groups
     * @param most the page's offsets at most, at least {@code limit}: what a group has beyond is left out
     */
    public OffsetPage committedAfter(String afterGroupId, int limit, int most) {
        var found = new ArrayList<OffsetPage.Position>();
        String last = afterGroupId;
        int seen = 0;
        for (String id : groups.idsAfter(afterGroupId)) {
            if (Math.max(found.size(), seen++) >= limit) {
                return new OffsetPage(found, last);
            }
            last = id;
            store.forEach(id, (partition, offset) -> {
                if (found.size() < most) {
                    found.add(new OffsetPage.Position(id, partition, offset.topicId(), offset.offset()));
                }
            });
        }
        return new OffsetPage(found, null);
    }

    /** Groups as of the last decision: to be told once that is committed. */
    public List<ListedGroup> list(List<String> states, List<String> types) {
        return descriptions.list(states, types);
    }
}
