package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.HeartbeatRequest;
import io.barnabas.protocol.message.JoinGroupRequest;
import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.barnabas.protocol.message.JoinGroupResponse;
import io.barnabas.protocol.message.LeaveGroupRequest;
import io.barnabas.protocol.message.LeaveGroupRequest.MemberIdentity;
import io.barnabas.protocol.message.OffsetCommitRequest;
import io.barnabas.protocol.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.barnabas.protocol.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.barnabas.protocol.message.SyncGroupRequest;
import io.barnabas.protocol.message.SyncGroupRequest.SyncGroupRequestAssignment;

/** A client that behaves like a consumer: joins, syncs, heartbeats, commits, and begins anew when it is told to. */
final class SimulatedMember {
    private static final int VERSION = 9;
    private static final int SESSION_MS = 10_000;
    private static final int REBALANCE_MS = 30_000;
    private static final long UNANSWERED_LIMIT_MS = 2L * GroupConfig.NEW_MEMBER_JOIN_TIMEOUT_MS;

    private final SimulatedWorld world;
    private final String groupId;
    private final String instanceId;
    private String memberId = "";
    private int generation = -1;
    private String protocol;
    private JoinGroupResponse joined;
    private List<Integer> owned = List.of();
    private boolean settled;
    private Call join;
    private Call sync;
    private Call heartbeat;
    private long askedMs;
    private int subscription;

    SimulatedMember(SimulatedWorld world, String groupId, String instanceId) {
        this.world = world;
        this.groupId = groupId;
        this.instanceId = instanceId;
    }

    String groupId() {
        return groupId;
    }

    boolean isSettled() {
        return settled;
    }

    List<Integer> owned() {
        return owned;
    }

    /** Something that a client may do, in good order or not. */
    void act() {
        int what = world.random().nextInt(20);
        if (what == 0 && !isWaiting()) {
            leave();
        } else if (what == 1 && settled) {
            subscription++;
            rejoin();
        } else if (what < 5 && settled) {
            commit();
        } else {
            live();
        }
    }

    /** The next thing a well-behaved client does. */
    void live() {
        if (isWaiting()) {
            takeAnswers();
        } else if (settled) {
            askHeartbeat();
        } else if (joined != null) {
            askSync();
        } else {
            askJoin();
        }
    }

    private boolean isWaiting() {
        return join != null || sync != null || heartbeat != null;
    }

    private void takeAnswers() {
        if (join != null && join.isAnswered()) {
            var response = join.joined();
            join = null;
            joinAnswered(response);
        } else if (sync != null && sync.isAnswered()) {
            var response = sync.synced();
            sync = null;
            if (response.errorCode() == 0) {
                owned = partitions(response.assignment());
                settled = true;
            } else {
                failed(ErrorCode.of(response.errorCode()));
            }
        } else if (heartbeat != null && heartbeat.isAnswered()) {
            var error = heartbeat.error();
            heartbeat = null;
            if (error != ErrorCode.NONE) {
                failed(error);
            }
        } else if (world.now().steadyMs() - askedMs > UNANSWERED_LIMIT_MS) {
            throw new AssertionError("Not answered: " + this);
        }
    }

    private void joinAnswered(JoinGroupResponse response) {
        var error = ErrorCode.of(response.errorCode());
        if (error == ErrorCode.MEMBER_ID_REQUIRED) {
            memberId = response.memberId();
        } else if (error == ErrorCode.NONE) {
            memberId = response.memberId();
            generation = response.generationId();
            protocol = response.protocolName();
            joined = response;
        } else {
            failed(error);
        }
    }

    private void failed(ErrorCode error) {
        forgetGeneration();
        if (error == ErrorCode.UNKNOWN_MEMBER_ID
                || error == ErrorCode.ILLEGAL_GENERATION
                || error == ErrorCode.GROUP_MAX_SIZE_REACHED
                || error == ErrorCode.FENCED_INSTANCE_ID) {
            memberId = "";
        } else if (error != ErrorCode.REBALANCE_IN_PROGRESS) {
            throw new AssertionError("Unexpected " + error + " for " + this);
        }
    }

    private void forgetGeneration() {
        joined = null;
        settled = false;
        owned = List.of();
        generation = -1;
    }

    private void rejoin() {
        forgetGeneration();
        heartbeat = null;
        askJoin();
    }

    private void askJoin() {
        join = asked();
        var request = new JoinGroupRequest()
                .groupId(groupId)
                .memberId(memberId)
                .groupInstanceId(instanceId)
                .protocolType("consumer")
                .sessionTimeoutMs(SESSION_MS)
                .rebalanceTimeoutMs(REBALANCE_MS);
        for (String name : List.of("range", "sticky")) {
            request.protocols()
                    .add(new JoinGroupRequestProtocol().name(name).metadata(new byte[] {(byte) subscription}));
        }
        world.take(world.shard().join(world.now(), new Caller((short) VERSION, "c", "/h"), request, join));
    }

    private Call asked() {
        askedMs = world.now().steadyMs();
        return new Call();
    }

    private void askSync() {
        sync = asked();
        var request = new SyncGroupRequest()
                .groupId(groupId)
                .memberId(memberId)
                .groupInstanceId(instanceId)
                .generationId(generation)
                .protocolType("consumer")
                .protocolName(protocol);
        if (memberId.equals(joined.leader()) && !joined.skipAssignment()) {
            int count = joined.members().size();
            for (int i = 0; i < count; i++) {
                request.assignments()
                        .add(new SyncGroupRequestAssignment()
                                .memberId(joined.members().get(i).memberId())
                                .assignment(share(i, count)));
            }
        }
        world.take(world.shard().sync(world.now(), request, sync));
    }

    private void askHeartbeat() {
        heartbeat = asked();
        var request = new HeartbeatRequest()
                .groupId(groupId)
                .memberId(memberId)
                .groupInstanceId(instanceId)
                .generationId(generation);
        world.take(world.shard().heartbeat(world.now(), request, heartbeat));
    }

    private void commit() {
        var request = new OffsetCommitRequest()
                .groupId(groupId)
                .memberId(memberId)
                .groupInstanceId(instanceId)
                .generationIdOrMemberEpoch(generation);
        var topic = new OffsetCommitRequestTopic().name("t");
        for (int partition : owned) {
            topic.partitions()
                    .add(new OffsetCommitRequestPartition()
                            .partitionIndex(partition)
                            .committedOffset(world.nextOffset())
                            .committedMetadata(""));
        }
        request.topics().add(topic);
        world.take(world.shard().commitOffsets(world.now(), new Caller((short) 10, "c", "/h"), request, new Call()));
    }

    private void leave() {
        var request = new LeaveGroupRequest().groupId(groupId);
        request.members().add(new MemberIdentity().memberId(memberId).groupInstanceId(instanceId));
        world.take(world.shard().leave(world.now(), request, new Call()));
        die();
    }

    /** Gone without a word; the next life knows nothing. */
    void die() {
        forgetGeneration();
        memberId = "";
        join = null;
        sync = null;
        heartbeat = null;
    }

    /** NOT_COORDINATOR to what waits: a client asks again with what it knows. */
    void coordinatorLost() {
        join = null;
        sync = null;
        heartbeat = null;
    }

    static List<Integer> all() {
        return IntStream.range(0, SimulatedWorld.PARTITIONS).boxed().toList();
    }

    private static byte[] share(int index, int count) {
        var bytes = new byte[SimulatedWorld.PARTITIONS];
        int length = 0;
        for (int partition = index; partition < SimulatedWorld.PARTITIONS; partition += count) {
            bytes[length++] = (byte) partition;
        }
        return java.util.Arrays.copyOf(bytes, length);
    }

    static List<Integer> partitions(byte[] assignment) {
        var partitions = new ArrayList<Integer>();
        for (byte partition : assignment) {
            partitions.add((int) partition);
        }
        return partitions;
    }

    @Override
    public String toString() {
        return memberId + " of " + groupId + (instanceId == null ? "" : " (instance " + instanceId + ")")
                + ", generation "
                + generation + ", " + (settled ? "owns " + owned : joined != null ? "joined" : "outside")
                + (join != null ? ", joining" : sync != null ? ", syncing" : "");
    }
}
