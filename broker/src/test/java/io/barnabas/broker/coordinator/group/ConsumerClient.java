package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponse;

/** A client that behaves like a consumer of KIP-848: joins, heartbeats, gives up what it must, and begins anew when it is fenced. */
final class ConsumerClient implements GroupClient {
    private final ConsumerWorld world;
    private final String groupId;
    private final String instanceId;
    private String memberId;
    private int epoch;
    private Set<String> names = Set.of();
    private String regex = "";
    private Set<Partition> owned = new HashSet<>();
    private boolean full;
    private boolean reports;
    private Call call;
    private boolean joined;

    /** One partition of a topic. */
    record Partition(Uuid topic, int partition) {}

    ConsumerClient(ConsumerWorld world, String groupId, String instanceId) {
        this.world = world;
        this.groupId = groupId;
        this.instanceId = instanceId;
        this.memberId = world.newMemberId();
        subscribe();
    }

    private void subscribe() {
        var random = world.random();
        var chosen = new HashSet<String>();
        for (int i = random.nextInt(4); i > 0; i--) {
            chosen.add(world.someTopic());
        }
        names = chosen;
        regex = random.nextInt(4) == 0 ? "t[" + random.nextInt(3) + "-3]" : "";
    }

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public Set<Partition> owned() {
        return owned;
    }

    @Override
    public boolean subscribesTo(String topic) {
        return names.contains(topic) || topic.matches(regex);
    }

    @Override
    public boolean isAlive(GroupShard shard) {
        return joined
                && shard.describeConsumer(groupId).members().stream()
                        .anyMatch(member -> member.memberId().equals(memberId) && member.memberEpoch() >= 0);
    }

    @Override
    public void act() {
        int what = world.random().nextInt(24);
        if (what == 0 && joined && call == null) {
            leave(MemberProgress.GONE);
        } else if (what == 1 && joined && call == null && instanceId != null) {
            leave(MemberProgress.AWAY);
        } else if (what == 2) {
            subscribe();
            full = true;
            live();
        } else {
            live();
        }
    }

    @Override
    public void live() {
        if (call != null) {
            if (call.isAnswered()) {
                var response = call.heard();
                call = null;
                take(response);
            }
            return;
        }
        beat();
    }

    private void beat() {
        var request = new ConsumerGroupHeartbeatRequest()
                .groupId(groupId)
                .memberId(memberId)
                .memberEpoch(epoch)
                .instanceId(instanceId);
        if (epoch == 0 || full) {
            request.rebalanceTimeoutMs(20_000)
                    .subscribedTopicNames(new ArrayList<>(names))
                    .subscribedTopicRegex(regex)
                    .topicPartitions(reported());
        } else {
            request.rebalanceTimeoutMs(-1)
                    .subscribedTopicNames(null)
                    .subscribedTopicRegex(null)
                    .topicPartitions(reports ? reported() : null);
        }
        full = false;
        reports = false;
        call = new Call();
        world.take(world.shard().heartbeat(world.now(), new Caller((short) 1, "c", "/h"), request, call));
    }

    private List<TopicPartitions> reported() {
        Map<Uuid, List<Integer>> byTopic = new HashMap<>();
        owned.forEach(partition -> byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(partition.partition()));
        var topics = new ArrayList<TopicPartitions>();
        byTopic.forEach((topic, partitions) ->
                topics.add(new TopicPartitions().topicId(topic).partitions(partitions)));
        return topics;
    }

    private void take(ConsumerGroupHeartbeatResponse response) {
        var error = ErrorCode.of(response.errorCode());
        switch (error) {
            case NONE -> {
                if (response.memberEpoch() < 0) {
                    return;
                }
                joined = true;
                epoch = response.memberEpoch();
                if (response.assignment() != null) {
                    owned = new HashSet<>();
                    response.assignment().topicPartitions().forEach(topic -> topic.partitions()
                            .forEach(partition -> owned.add(new Partition(topic.topicId(), partition))));
                    reports = true;
                }
            }
            case FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND -> forget();
            // Somebody else is it now, or was until a moment ago.
            case FENCED_INSTANCE_ID, UNRELEASED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED -> forget();
            default -> throw new AssertionError(error + " for " + this);
        }
    }

    private void forget() {
        epoch = 0;
        joined = false;
        owned = new HashSet<>();
    }

    private void leave(int leaveEpoch) {
        var request = new ConsumerGroupHeartbeatRequest()
                .groupId(groupId)
                .memberId(memberId)
                .instanceId(instanceId)
                .memberEpoch(leaveEpoch)
                .rebalanceTimeoutMs(-1)
                .subscribedTopicNames(null)
                .topicPartitions(null);
        world.take(world.shard().heartbeat(world.now(), new Caller((short) 1, "c", "/h"), request, new Call()));
        die();
    }

    /** Gone without a word; the next life has another id. */
    @Override
    public void die() {
        forget();
        memberId = world.newMemberId();
        call = null;
    }

    /** A client asks again, and says all it knows, for it cannot know what arrived. */
    @Override
    public void coordinatorLost() {
        if (call != null) {
            call = null;
            full = true;
        }
    }

    @Override
    public String toString() {
        return memberId + " of " + groupId + (instanceId == null ? "" : " (instance " + instanceId + ")") + " in epoch "
                + epoch + ", owns " + owned;
    }
}
