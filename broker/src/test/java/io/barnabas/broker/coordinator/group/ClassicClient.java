package io.barnabas.broker.coordinator.group;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerProtocolSubscription;
import io.barnabas.protocol.message.HeartbeatRequest;
import io.barnabas.protocol.message.JoinGroupRequest;
import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.barnabas.protocol.message.JoinGroupResponse;
import io.barnabas.protocol.message.LeaveGroupRequest;
import io.barnabas.protocol.message.LeaveGroupRequest.MemberIdentity;
import io.barnabas.protocol.message.SyncGroupRequest;
import io.barnabas.protocol.message.SyncGroupRequest.SyncGroupRequestAssignment;
import io.barnabas.protocol.wire.WireWriter;

/**
 * A consumer of the classic protocol with an eager assignor: it gives up everything before it joins again. Lives in groups of either
 * protocol without knowing which.
 */
final class ClassicClient implements GroupClient {
    private static final Caller CALLER = new Caller((short) 9, "c", "/h");
    private static final int REBALANCE_MS = 20_000;

    private final ConsumerWorld world;
    private final String groupId;
    private final String instanceId;
    private Set<String> names = Set.of();
    private String memberId = "";
    private JoinGroupResponse joined;
    private boolean settled;
    private Set<ConsumerClient.Partition> owned = Set.of();
    private Map<String, Integer> assignedCounts = Map.of();
    private byte[] note = new byte[0];
    private boolean refreshes;
    private Call join;
    private Call sync;
    private Call heartbeat;

    ClassicClient(ConsumerWorld world, String groupId, String instanceId) {
        this.world = world;
        this.groupId = groupId;
        this.instanceId = instanceId;
        subscribe();
    }

    private void subscribe() {
        names = new TreeSet<>();
        for (int i = world.random().nextInt(4); i > 0; i--) {
            names.add(world.someTopic());
        }
    }

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public Set<ConsumerClient.Partition> owned() {
        return owned;
    }

    @Override
    public boolean subscribesTo(String topic) {
        return names.contains(topic);
    }

    @Override
    public boolean isAlive(GroupShard shard) {
        return settled
                && (shard.describeConsumer(groupId).members().stream()
                                .anyMatch(member -> member.memberId().equals(memberId))
                        || shard.describe(new Caller((short) 6, "a", "/h"), groupId).members().stream()
                                .anyMatch(member -> member.memberId().equals(memberId)));
    }

    @Override
    public void act() {
        int what = world.random().nextInt(24);
        if (what == 0 && settled && heartbeat == null) {
            leave();
        } else if (what == 1 && settled && heartbeat == null) {
            subscribe();
            rejoin();
        } else {
            live();
        }
    }

    @Override
    public void live() {
        if (join != null) {
            if (join.isAnswered()) {
                var response = join.joined();
                join = null;
                take(response);
            }
        } else if (sync != null) {
            if (sync.isAnswered()) {
                var response = sync.synced();
                sync = null;
                if (response.errorCode() == 0) {
                    settle(response.assignment());
                } else {
                    failed(ErrorCode.of(response.errorCode()));
                }
            }
        } else if (heartbeat != null) {
            if (heartbeat.isAnswered()) {
                var error = heartbeat.error();
                heartbeat = null;
                if (error != ErrorCode.NONE) {
                    failed(error);
                }
            }
        } else if (joined == null) {
            askJoin();
        } else if (!settled) {
            askSync();
        } else if (refreshes) {
            refreshes = false;
            note = new byte[] {1};
            rejoin();
        } else if (leads() && !assignedCounts.equals(counts(allTopics()))) {
            rejoin();
        } else {
            askHeartbeat();
        }
    }

    private boolean leads() {
        return memberId.equals(joined.leader());
    }

    private void take(JoinGroupResponse response) {
        var error = ErrorCode.of(response.errorCode());
        if (error == ErrorCode.MEMBER_ID_REQUIRED) {
            memberId = response.memberId();
        } else if (error == ErrorCode.NONE) {
            memberId = response.memberId();
            joined = response;
        } else {
            failed(error);
        }
    }

    private void settle(byte[] assignment) {
        settled = true;
        owned = new HashSet<>();
        if (assignment.length > 0) {
            EmbeddedProtocol.partitions(EmbeddedProtocol.assignment(assignment), world.topics())
                    .forEach((topic, partitions) ->
                            partitions.forEach(partition -> owned.add(new ConsumerClient.Partition(topic, partition))));
        }
    }

    private void failed(ErrorCode error) {
        forget();
        switch (error) {
            case REBALANCE_IN_PROGRESS -> {}
            case UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, GROUP_MAX_SIZE_REACHED, FENCED_INSTANCE_ID -> memberId = "";
            default -> throw new AssertionError(error + " for " + this);
        }
    }

    private void forget() {
        joined = null;
        settled = false;
        owned = Set.of();
    }

    private void rejoin() {
        forget();
        askJoin();
    }

    private void askJoin() {
        join = new Call();
        var request = new JoinGroupRequest()
                .groupId(groupId)
                .memberId(memberId)
                .groupInstanceId(instanceId)
                .protocolType("consumer")
                .sessionTimeoutMs(ConsumerWorld.SESSION_MS)
                .rebalanceTimeoutMs(REBALANCE_MS);
        request.protocols().add(new JoinGroupRequestProtocol().name("range").metadata(subscription()));
        world.take(world.shard().join(world.now(), CALLER, request, join));
    }

    private byte[] subscription() {
        var writer = new WireWriter();
        writer.int16((short) 1);
        new ConsumerProtocolSubscription()
                .topics(new ArrayList<>(names))
                .userData(ByteBuffer.wrap(note))
                .write(writer, (short) 1);
        return writer.toByteArray();
    }

    private void askSync() {
        sync = new Call();
        var request = new SyncGroupRequest()
                .groupId(groupId)
                .memberId(memberId)
                .groupInstanceId(instanceId)
                .generationId(joined.generationId())
                .protocolType("consumer")
                .protocolName("range");
        if (leads() && !joined.skipAssignment()) {
            shares().forEach((member, share) -> request.assignments()
                    .add(new SyncGroupRequestAssignment().memberId(member).assignment(share)));
        }
        world.take(world.shard().sync(world.now(), request, sync));
    }

    /** Every topic's partitions in turn to those that subscribe to it. */
    private Map<String, byte[]> shares() {
        var partitions = new TreeMap<String, Map<Uuid, List<Integer>>>();
        var subscribers = new TreeMap<String, List<String>>();
        for (var member : joined.members()) {
            partitions.put(member.memberId(), new HashMap<>());
            for (var topic : EmbeddedProtocol.subscription(member.metadata()).topics()) {
                subscribers.computeIfAbsent(topic, name -> new ArrayList<>()).add(member.memberId());
            }
        }
        assignedCounts = counts(allTopics());
        subscribers.forEach((name, members) -> {
            var topic = world.topics().byName(name);
            for (int p = 0; topic != null && p < topic.partitionCount(); p++) {
                partitions
                        .get(members.get(p % members.size()))
                        .computeIfAbsent(topic.id(), id -> new ArrayList<>())
                        .add(p);
            }
        });
        var shares = new HashMap<String, byte[]>();
        partitions.forEach((member, share) ->
                shares.put(member, EmbeddedProtocol.assignment(share, subscription(), world.topics())));
        return shares;
    }

    private Set<String> allTopics() {
        return new TreeSet<>(world.topics().names());
    }

    /** A topic that was deleted and made anew counts as another. */
    private Map<String, Integer> counts(Set<String> topics) {
        var counts = new HashMap<String, Integer>();
        topics.forEach(name -> {
            var topic = world.topics().byName(name);
            counts.put(name + topic.id(), topic.partitionCount());
        });
        return counts;
    }

    private void askHeartbeat() {
        heartbeat = new Call();
        var request = new HeartbeatRequest()
                .groupId(groupId)
                .memberId(memberId)
                .groupInstanceId(instanceId)
                .generationId(joined.generationId());
        world.take(world.shard().heartbeat(world.now(), request, heartbeat));
    }

    private void leave() {
        var request = new LeaveGroupRequest().groupId(groupId);
        request.members().add(new MemberIdentity().memberId(memberId).groupInstanceId(instanceId));
        world.take(world.shard().leave(world.now(), request, new Call()));
        die();
    }

    @Override
    public void refresh() {
        // Only a member that is there can: one that comes back in its own place is given what it had, whatever it says.
        refreshes = true;
    }

    @Override
    public void die() {
        forget();
        memberId = "";
        coordinatorLost();
    }

    @Override
    public void coordinatorLost() {
        join = null;
        sync = null;
        heartbeat = null;
    }

    @Override
    public String toString() {
        return "classic " + memberId + " of " + groupId + (instanceId == null ? "" : " (instance " + instanceId + ")")
                + (settled ? " owns " + owned : joined != null ? " joined" : " outside");
    }
}
