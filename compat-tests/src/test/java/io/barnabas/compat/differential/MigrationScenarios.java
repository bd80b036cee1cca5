package io.barnabas.compat.differential;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

import static io.barnabas.compat.differential.ConsumerGroupSteps.commit;
import static io.barnabas.compat.differential.ConsumerGroupSteps.describe;
import static io.barnabas.compat.differential.ConsumerGroupSteps.hear;
import static io.barnabas.compat.differential.ConsumerGroupSteps.join;
import static io.barnabas.compat.differential.ConsumerGroupSteps.log;
import static io.barnabas.compat.differential.ConsumerGroupSteps.ready;
import static io.barnabas.compat.differential.ConsumerGroupSteps.stay;
import static io.barnabas.compat.differential.ConsumerGroupSteps.untilEpoch;

/** Groups that go from the classic to the consumer protocol and back while they have members (KIP-848). */
final class MigrationScenarios {
    private MigrationScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("migration-up", session -> {
                    ready(session, 4);
                    var classic = stable(session, null);
                    hear(session, join(session, "b"), 1);
                    describe(session, "g");
                    beat(session, classic, 1);
                    untilEpoch(session, "b", 2, 2);
                    JoinGroupResponseData rejoined = session.call(classicJoin(session, classic, null, 0, 1, 2, 3), 9);
                    beat(session, classic, rejoined.generationId());
                    sync(session, classic, rejoined.generationId());
                    JoinGroupResponseData again = session.call(classicJoin(session, classic, null, 0, 1), 9);
                    sync(session, classic, again.generationId());
                    beat(session, classic, again.generationId());
                    hear(session, stay(session, "b", 2), 1);
                    describe(session, "g");
                }),
                new Scenario("migration-down-when-the-last-leaves", session -> {
                    ready(session, 2);
                    var classic = stable(session, null);
                    hear(session, join(session, "b"), 1);
                    hear(session, stay(session, "b", -1), 1);
                    state(session);
                    beat(session, classic, 2);
                    session.call(classicJoin(session, classic, null), 9);
                    state(session);
                }),
                new Scenario("migration-classic-joins", session -> {
                    ready(session, 4);
                    hear(session, join(session, "a"), 1);
                    JoinGroupResponseData asked = session.call(classicJoin(session, "", null), 9);
                    JoinGroupResponseData joined = session.call(classicJoin(session, asked.memberId(), null), 9);
                    sync(session, asked.memberId(), joined.generationId());
                    sync(session, asked.memberId(), joined.generationId() + 1);
                    sync(session, "stranger", joined.generationId());
                    beat(session, asked.memberId(), joined.generationId());
                    beat(session, asked.memberId(), joined.generationId() + 1);
                    beat(session, "a", 2);
                    describe(session, "g");
                    session.call(commit(session, asked.memberId(), joined.generationId()), 8);
                    session.call(commit(session, asked.memberId(), joined.generationId() + 1), 8);
                    var leaving = new LeaveGroupRequestData().setGroupId(session.name("g"));
                    leaving.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId(asked.memberId()));
                    session.call(leaving, 5);
                    describe(session, "g");
                }),
                new Scenario("migration-classic-does-not-fit", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    session.call(classicJoin(session, "", null).setProtocolType("connect"), 9);
                    var none = classicJoin(session, "", null);
                    none.protocols().clear();
                    session.call(none, 9);
                    session.call(classicJoin(session, "unheard-of", "i"), 9);
                    JoinGroupResponseData old = session.call(classicJoin(session, "", null), 3);
                    var other = classicJoin(session, "", null);
                    other.protocols().clear();
                    other.protocols()
                            .add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                                    .setName("another")
                                    .setMetadata(subscription(session)));
                    session.call(other, 3);
                    sync(session, old.memberId(), old.generationId());
                }),
                new Scenario("migration-static-down", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a").setInstanceId("i"), 1);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                    JoinGroupResponseData joined = session.call(classicJoin(session, "", "i"), 9);
                    describe(session, "g");
                    describeClassic(session);
                    session.call(
                            new SyncGroupRequestData()
                                    .setGroupId(session.name("g"))
                                    .setMemberId(joined.memberId())
                                    .setGroupInstanceId("i")
                                    .setGenerationId(joined.generationId())
                                    .setProtocolType("consumer")
                                    .setProtocolName("range"),
                            5);
                    log(session, "g");
                }),
                new Scenario("migration-static-up", session -> {
                    ready(session, 2);
                    var classic = stable(session, "i");
                    hear(session, join(session, "b").setInstanceId("i"), 1);
                    describe(session, "g");
                    session.call(classicJoin(session, classic, "i"), 9);
                    hear(session, stay(session, "b", 2).setInstanceId("i"), 1);
                }),
                new Scenario("migration-up-refused", session -> {
                    ready(session, 2);
                    var request = classicJoin(session, "", null).setProtocolType("connect");
                    JoinGroupResponseData asked = session.quietly(request, 9);
                    session.call(request.setMemberId(asked.memberId()), 9);
                    hear(session, join(session, "b"), 1);
                    describeClassic(session);
                }),
                new Scenario("migration-up-while-rebalancing", session -> {
                    ready(session, 2);
                    JoinGroupResponseData asked = session.quietly(classicJoin(session, "", null), 9);
                    JoinGroupResponseData joined = session.call(classicJoin(session, asked.memberId(), null), 9);
                    // Who gets which partition depends on the id that the broker drew.
                    ConsumerGroupHeartbeatResponseData heard = session.quietly(join(session, "b"), 1);
                    session.transcript().note("epoch " + heard.memberEpoch() + " error " + heard.errorCode());
                    sync(session, asked.memberId(), joined.generationId());
                    JoinGroupResponseData again = session.call(classicJoin(session, asked.memberId(), null), 9);
                    beat(session, asked.memberId(), again.generationId());
                    hear(session, stay(session, "b", heard.memberEpoch()), 1);
                }));
    }

    static JoinGroupRequestData classicJoin(Session session, String memberId, String instanceId, int... partitions) {
        var request = new JoinGroupRequestData()
                .setGroupId(session.name("g"))
                .setSessionTimeoutMs(30_000)
                .setRebalanceTimeoutMs(30_000)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId)
                .setProtocolType("consumer");
        request.protocols()
                .add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                        .setName("range")
                        .setMetadata(subscription(session, partitions)));
        return request;
    }

    /** To the topic "t", owning some of its partitions. */
    static byte[] subscription(Session session, int... partitions) {
        var topic = session.name("t");
        var owned = IntStream.of(partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        return bytes(ConsumerProtocol.serializeSubscription(
                new Subscription(List.of(topic), null, owned, -1, Optional.empty())));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** A classic member alone in a stable group, with all partitions; its id. */
    static String stable(Session session, String instanceId) {
        return stable(session, instanceId, subscription(session));
    }

    static String stable(Session session, String instanceId, byte[] subscription) {
        JoinGroupResponseData joined = joined(session, instanceId, subscription);
        var partitions = List.of(new TopicPartition(session.name("t"), 0), new TopicPartition(session.name("t"), 1));
        var assignment = bytes(ConsumerProtocol.serializeAssignment(new Assignment(partitions)));
        var request = new SyncGroupRequestData()
                .setGroupId(session.name("g"))
                .setMemberId(joined.memberId())
                .setGroupInstanceId(instanceId)
                .setGenerationId(joined.generationId())
                .setProtocolType("consumer")
                .setProtocolName("range");
        request.assignments()
                .add(new SyncGroupRequestData.SyncGroupRequestAssignment()
                        .setMemberId(joined.memberId())
                        .setAssignment(assignment));
        session.quietly(request, 5);
        session.transcript().name(joined.memberId(), "classic");
        return joined.memberId();
    }

    /** A group that has nothing but an id given out is empty to Kafka, and may have expired before that id comes back. */
    private static JoinGroupResponseData joined(Session session, String instanceId, byte[] subscription) {
        JoinGroupResponseData joined;
        do {
            var wish = classicJoin(session, "", instanceId);
            wish.protocols().iterator().next().setMetadata(subscription);
            joined = session.quietly(wish, 9);
            if (joined.errorCode() == Errors.MEMBER_ID_REQUIRED.code()) {
                joined = session.quietly(wish.setMemberId(joined.memberId()), 9);
            }
        } while (joined.errorCode() == Errors.UNKNOWN_MEMBER_ID.code());
        return joined;
    }

    static void beat(Session session, String memberId, int generation) {
        HeartbeatResponseData answer = session.quietly(
                new HeartbeatRequestData()
                        .setGroupId(session.name("g"))
                        .setMemberId(memberId)
                        .setGenerationId(generation),
                4);
        session.transcript().note("heartbeat in " + generation + ": " + answer.errorCode());
    }

    /** The assignment is written out: which of a topic's partitions come first is chance. */
    static void sync(Session session, String memberId, int generation) {
        SyncGroupResponseData answer = session.quietly(
                new SyncGroupRequestData()
                        .setGroupId(session.name("g"))
                        .setMemberId(memberId)
                        .setGenerationId(generation)
                        .setProtocolType("consumer")
                        .setProtocolName("range"),
                5);
        session.transcript()
                .note("sync in " + generation + ": " + answer.errorCode() + " " + answer.protocolType() + " "
                        + answer.protocolName() + " "
                        + (answer.errorCode() == 0
                                ? ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(answer.assignment()))
                                        .partitions()
                                : ""));
    }

    /** Without assignments: during the rebalance that follows, ours are what members have, Kafka's what they were to have. */
    static void state(Session session) {
        DescribeGroupsResponseData response =
                session.quietly(new DescribeGroupsRequestData().setGroups(List.of(session.name("g"))), 6);
        var group = response.groups().get(0);
        session.transcript()
                .note(group.errorCode() + " " + group.groupState() + " " + group.protocolType() + " "
                        + group.protocolData() + " " + group.members().size());
    }

    static void describeClassic(Session session) {
        DescribeGroupsResponseData response =
                session.quietly(new DescribeGroupsRequestData().setGroups(List.of(session.name("g"))), 6);
        session.transcript().add("DescribeGroups", response, (short) 6);
    }
}
