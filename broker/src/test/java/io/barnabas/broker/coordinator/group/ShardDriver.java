package io.barnabas.broker.coordinator.group;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.broker.coordinator.CoordinatorRecord;
import io.barnabas.broker.coordinator.Decision;
import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.group.assignor.Assignors;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.HeartbeatRequest;
import io.barnabas.protocol.message.JoinGroupRequest;
import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.barnabas.protocol.message.LeaveGroupRequest;
import io.barnabas.protocol.message.LeaveGroupRequest.MemberIdentity;
import io.barnabas.protocol.message.OffsetCommitRequest;
import io.barnabas.protocol.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.barnabas.protocol.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import io.barnabas.protocol.message.OffsetFetchResponse.OffsetFetchResponsePartitions;
import io.barnabas.protocol.message.SyncGroupRequest;
import io.barnabas.protocol.message.SyncGroupRequest.SyncGroupRequestAssignment;
import io.barnabas.protocol.record.RecordBatch;

/** A shard with a clock and a log: requests go in, answers come back at once, time passes when told to. */
final class ShardDriver {
    static final int INITIAL_DELAY_MS = 3_000;
    static final int SESSION_MS = 10_000;
    static final int REBALANCE_MS = 60_000;
    static final int ASSIGNMENT_INTERVAL_MS = 1_000;
    static final long RETENTION_MS = 7L * 24 * 60 * 60 * 1000;
    static final String GROUP = "g";
    private static final String HOST = "/127.0.0.1";

    final List<CoordinatorRecord> log = new ArrayList<>();
    final List<Notice> notices = new ArrayList<>();
    private final GroupConfig config;
    private final ConsumerGroupConfig consumerConfig;
    FakeTopics topics = FakeTopics.NONE;
    private GroupShard shard;
    private long epochMs = 1_700_000_000_000L;
    private long steadyMs = 50;
    private int uuids;

    ShardDriver() {
        this(config(Integer.MAX_VALUE));
    }

    ShardDriver(GroupConfig config) {
        this(config, consumerConfig(Integer.MAX_VALUE, ConsumerGroupConfig.Migration.BIDIRECTIONAL));
    }

    ShardDriver(GroupConfig config, ConsumerGroupConfig consumerConfig) {
        this.config = config;
        this.consumerConfig = consumerConfig;
        shard = newShard();
        take(shard.loaded(now()));
    }

    static GroupConfig config(int maxSize) {
        return new GroupConfig(6_000, 1_800_000, INITIAL_DELAY_MS, maxSize, 4_096, RETENTION_MS, 600_000, 1_000_000);
    }

    static ConsumerGroupConfig consumerConfig(int maxSize, ConsumerGroupConfig.Migration migration) {
        var pace = new ConsumerGroupConfig.Pace(SESSION_MS, 5_000, ASSIGNMENT_INTERVAL_MS);
        return new ConsumerGroupConfig(
                maxSize, Assignors.named(List.of("uniform", "range")), migration, 600_000, group -> pace);
    }

    private GroupShard newShard() {
        return new GroupShard(config, consumerConfig, () -> topics, FakeTopics.PATTERNS, () -> "u" + uuids++);
    }

    GroupShard shard() {
        return shard;
    }

    Moment now() {
        return new Moment(epochMs, steadyMs);
    }

    /** A new shard, as another broker rebuilds it from the log. */
    ShardDriver failOver() {
        shard = rebuilt(log.size());
        take(shard.loaded(now()));
        return this;
    }

    /** A shard rebuilt from the beginning of the log; every record goes through its bytes. */
    GroupShard rebuilt(int records) {
        var rebuilt = newShard();
        for (var record : log.subList(0, records)) {
            rebuilt.evolve(LoggedRecords.read(record.encodedKey(), record.encodedValue()), RecordBatch.NO_PRODUCER_ID);
        }
        return rebuilt;
    }

    /** Lets time pass, stopping at every deadline on the way. */
    ShardDriver pass(long ms) {
        long untilMs = steadyMs + ms;
        while (shard.nextDeadlineMs() <= untilMs) {
            long stepMs = Math.max(0, shard.nextDeadlineMs() - steadyMs);
            advance(stepMs);
            take(shard.tick(now()));
        }
        advance(untilMs - steadyMs);
        return this;
    }

    private void advance(long ms) {
        steadyMs += ms;
        epochMs += ms;
    }

    void take(Decision decision) {
        log.addAll(decision.records());
        notices.addAll(decision.notices());
        decision.replies().forEach(reply -> ((Call) reply.to()).answer(reply.response()));
    }

    static JoinGroupRequest joinRequest(String memberId, String... protocols) {
        var request = new JoinGroupRequest()
                .groupId(GROUP)
                .memberId(memberId)
                .protocolType("consumer")
                .sessionTimeoutMs(SESSION_MS)
                .rebalanceTimeoutMs(REBALANCE_MS);
        for (String protocol : protocols) {
            request.protocols()
                    .add(new JoinGroupRequestProtocol().name(protocol).metadata(bytes(protocol)));
        }
        return request;
    }

    Call join(JoinGroupRequest request, int version) {
        var call = new Call();
        take(shard.join(now(), new Caller((short) version, "client", HOST), request, call));
        return call;
    }

    Call join(JoinGroupRequest request) {
        return join(request, 9);
    }

    /** Both steps of a new dynamic member. */
    Call joinNew(String... protocols) {
        var id = join(joinRequest("", protocols)).joined().memberId();
        return join(joinRequest(id, protocols));
    }

    Call sync(String memberId, int generation, String... assignments) {
        return sync(syncRequest(memberId, generation, assignments));
    }

    /** @param assignments member ids and what they get, in turn */
    static SyncGroupRequest syncRequest(String memberId, int generation, String... assignments) {
        var request = new SyncGroupRequest().groupId(GROUP).memberId(memberId).generationId(generation);
        for (int i = 0; i < assignments.length; i += 2) {
            request.assignments()
                    .add(new SyncGroupRequestAssignment()
                            .memberId(assignments[i])
                            .assignment(bytes(assignments[i + 1])));
        }
        return request;
    }

    Call sync(SyncGroupRequest request) {
        var call = new Call();
        take(shard.sync(now(), request, call));
        return call;
    }

    Call heartbeat(String memberId, int generation) {
        return heartbeat(memberId, null, generation);
    }

    Call heartbeat(String memberId, String instanceId, int generation) {
        var call = new Call();
        var request = new HeartbeatRequest()
                .groupId(GROUP)
                .memberId(memberId)
                .groupInstanceId(instanceId)
                .generationId(generation);
        take(shard.heartbeat(now(), request, call));
        return call;
    }

    Call heartbeat(ConsumerGroupHeartbeatRequest request) {
        var call = new Call();
        take(shard.heartbeat(now(), new Caller((short) 1, "client", HOST), request, call));
        return call;
    }

    Call leave(MemberIdentity... members) {
        var call = new Call();
        take(shard.leave(now(), new LeaveGroupRequest().groupId(GROUP).members(List.of(members)), call));
        return call;
    }

    Call leave(String memberId) {
        return leave(new MemberIdentity().memberId(memberId));
    }

    static OffsetCommitRequest commitRequest(
            String memberId, int generation, String topic, int partition, long offset) {
        var request =
                new OffsetCommitRequest().groupId(GROUP).memberId(memberId).generationIdOrMemberEpoch(generation);
        var asked = new OffsetCommitRequestTopic().name(topic);
        asked.partitions()
                .add(new OffsetCommitRequestPartition()
                        .partitionIndex(partition)
                        .committedOffset(offset)
                        .committedMetadata("note"));
        request.topics().add(asked);
        return request;
    }

    Call commit(OffsetCommitRequest request, int version) {
        var call = new Call();
        take(shard.commitOffsets(now(), new Caller((short) version, "client", HOST), request, call));
        return call;
    }

    Call commit(String memberId, int generation, String topic, int partition, long offset) {
        return commit(commitRequest(memberId, generation, topic, partition, offset), 10);
    }

    /** The committed offset, or -1. */
    long committed(String topic, int partition) {
        return fetch(topic, partition, Uuid.ZERO, false).committedOffset();
    }

    OffsetFetchResponsePartitions fetch(String topic, int partition, Uuid topicId, boolean requireStable) {
        var request = new OffsetFetchRequestGroup().groupId(GROUP);
        request.topics()
                .add(new OffsetFetchRequestTopics().name(topic).topicId(topicId).partitionIndexes(List.of(partition)));
        return shard.fetchOffsets(request, requireStable)
                .topics()
                .get(0)
                .partitions()
                .get(0);
    }

    String state() {
        return shard.describe(new Caller((short) 6, "client", HOST), GROUP).groupState();
    }

    /** A stable group of one, whose leader this is. */
    String stableGroupOfOne() {
        var join = joinNew("range");
        pass(INITIAL_DELAY_MS);
        var joined = join.joined();
        sync(joined.memberId(), joined.generationId(), joined.memberId(), "all");
        return joined.memberId();
    }

    /** A stable group with this many members; their ids, the leader first. */
    List<String> stableGroup(int size) {
        var joins = new ArrayList<Call>();
        for (int i = 0; i < size; i++) {
            joins.add(joinNew("range"));
        }
        // The delay is extended once because members came during it.
        pass(2 * INITIAL_DELAY_MS);
        var ids = joins.stream().map(join -> join.joined().memberId()).toList();
        var assignments = new ArrayList<String>();
        ids.forEach(id -> assignments.addAll(List.of(id, "part of " + id)));
        int generation = joins.get(0).joined().generationId();
        sync(ids.get(0), generation, assignments.toArray(new String[0]));
        ids.stream().skip(1).forEach(id -> sync(id, generation));
        return ids;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
