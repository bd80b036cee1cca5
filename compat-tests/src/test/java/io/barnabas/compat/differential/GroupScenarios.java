package io.barnabas.compat.differential;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;

/** The classic group protocol (kafka-semantics C.6). */
final class GroupScenarios {
    /** A consumer's subscription, version 0, to nothing. What does not parse lets Kafka's coordinator answer never. */
    private static final byte[] SUBSCRIPTION = {0, 0, 0, 0, 0, 0, -1, -1, -1, -1};

    private GroupScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("find-coordinator-versions", session -> {
                    ready(session);
                    for (int version = 0; version <= 3; version++) {
                        session.call(new FindCoordinatorRequestData().setKey(session.name("g")), version);
                    }
                    for (int version = 4; version <= 6; version++) {
                        session.call(
                                new FindCoordinatorRequestData()
                                        .setCoordinatorKeys(List.of(session.name("g"), session.name("h"))),
                                version);
                    }
                }),
                new Scenario("find-coordinator-bad-type", session -> {
                    ready(session);
                    session.call(
                            new FindCoordinatorRequestData()
                                    .setKeyType((byte) 9)
                                    .setCoordinatorKeys(List.of("g")),
                            4);
                    session.call(
                            new FindCoordinatorRequestData()
                                    .setKeyType((byte) 9)
                                    .setKey("g"),
                            2);
                }),
                new Scenario("join-member-id-required", session -> {
                    ready(session);
                    JoinGroupResponseData first = session.call(join(session, "g", "", null), 5);
                    session.call(join(session, "g", first.memberId(), null), 5);
                    session.call(join(session, "g", "stranger", null), 5);
                }),
                new Scenario("join-old-versions-need-no-id", session -> {
                    ready(session);
                    for (int version = 2; version <= 3; version++) {
                        session.call(join(session, "v" + version, "", null), version);
                    }
                }),
                new Scenario("join-invalid", session -> {
                    ready(session);
                    session.call(join(session, "g", "", null).setGroupId(""), 5);
                    session.call(join(session, "g", "", null).setSessionTimeoutMs(1), 5);
                    session.call(join(session, "g", "", null).setSessionTimeoutMs(10_000_000), 5);
                    session.call(join(session, "g", "", null).setProtocolType(""), 5);
                    var none = join(session, "g", "", null);
                    none.protocols().clear();
                    session.call(none, 5);
                    session.call(join(session, "g", "somebody", null), 9);
                }),
                new Scenario("join-sync-heartbeat-leave", session -> {
                    ready(session);
                    JoinGroupResponseData joined = joined(session, "g", 7);
                    session.call(heartbeat(session, "g", joined), 4);
                    session.call(sync(session, "g", joined, joined.memberId()), 5);
                    session.call(sync(session, "g", joined, joined.memberId()), 5);
                    session.call(heartbeat(session, "g", joined), 4);
                    session.call(heartbeat(session, "g", joined).setGenerationId(9), 4);
                    session.call(heartbeat(session, "g", joined).setMemberId("stranger"), 4);
                    session.call(leave(session, "g", joined.memberId()), 4);
                    session.call(leave(session, "g", joined.memberId()), 4);
                    session.call(heartbeat(session, "g", joined), 4);
                }),
                new Scenario("sync-checks", session -> {
                    ready(session);
                    JoinGroupResponseData joined = joined(session, "g", 7);
                    session.call(sync(session, "g", joined, joined.memberId()).setGenerationId(4), 5);
                    session.call(sync(session, "g", joined, joined.memberId()).setProtocolName("other"), 5);
                    session.call(sync(session, "g", joined, joined.memberId()).setProtocolType("other"), 5);
                    session.call(sync(session, "g", joined, "stranger"), 5);
                    session.call(sync(session, "none", joined, joined.memberId()), 5);
                    session.call(sync(session, "g", joined, joined.memberId()).setGroupId(""), 5);
                    session.call(sync(session, "g", joined, joined.memberId()), 5);
                }),
                new Scenario("join-inconsistent-protocol", session -> {
                    ready(session);
                    joined(session, "g", 7);
                    session.call(join(session, "g", "", null).setProtocolType("connect"), 7);
                    var other = join(session, "g", "", null);
                    other.protocols().clear();
                    other.protocols().add(protocol("other"));
                    session.call(other, 7);
                }),
                new Scenario("heartbeat-versions", session -> {
                    ready(session);
                    JoinGroupResponseData joined = joined(session, "g", 5);
                    session.quietly(sync(session, "g", joined, joined.memberId()), 5);
                    for (int version = 0; version <= 4; version++) {
                        session.call(heartbeat(session, "g", joined), version);
                        session.call(heartbeat(session, "none", joined), version);
                    }
                }),
                new Scenario("second-member-triggers-a-rebalance", session -> {
                    ready(session);
                    JoinGroupResponseData first = joined(session, "g", 7);
                    session.quietly(sync(session, "g", first, first.memberId()), 5);
                    JoinGroupResponseData asked = session.quietly(join(session, "g", "", null), 7);
                    try (Connection other = session.connect()) {
                        int id = other.send(join(session, "g", asked.memberId(), null), (short) 7);
                        Session.await(
                                "rebalance",
                                () -> session.<org.apache.kafka.common.message.HeartbeatResponseData>quietly(
                                                        heartbeat(session, "g", first), 4)
                                                .errorCode()
                                        == 27);
                        JoinGroupResponseData again = session.quietly(join(session, "g", first.memberId(), null), 7);
                        JoinGroupResponseData second = (JoinGroupResponseData) other.receive((short) 11, (short) 7, id);
                        session.transcript()
                                .note("generations " + again.generationId() + " " + second.generationId()
                                        + " leader stays " + again.leader().equals(first.memberId()) + " members "
                                        + again.members().size() + " "
                                        + second.members().size());
                        id = other.send(sync(session, "g", second, second.memberId()), (short) 5);
                        session.transcript().note("follower waits " + other.staysSilent(200));
                        session.call(sync(session, "g", again, first.memberId(), second.memberId()), 5);
                        session.transcript().add("follower", other.receive((short) 14, (short) 5, id), (short) 5);
                    }
                }),
                new Scenario("static-member-replacement", session -> {
                    ready(session);
                    JoinGroupResponseData first = session.call(join(session, "g", "", "instance"), 7);
                    session.call(sync(session, "g", first, first.memberId()).setGroupInstanceId("instance"), 5);
                    JoinGroupResponseData second = session.call(join(session, "g", "", "instance"), 9);
                    session.call(heartbeat(session, "g", first).setGroupInstanceId("instance"), 4);
                    session.call(heartbeat(session, "g", second).setGroupInstanceId("instance"), 4);
                    session.call(join(session, "g", first.memberId(), "instance"), 7);
                    session.call(commit(session, "g", first).setGroupInstanceId("instance"), 8);
                    session.call(sync(session, "g", second, second.memberId()).setGroupInstanceId("instance"), 5);
                    session.call(sync(session, "g", first, first.memberId()).setGroupInstanceId("instance"), 5);
                }),
                new Scenario("leave-group-batches", session -> {
                    ready(session);
                    JoinGroupResponseData first = session.quietly(join(session, "g", "", "one"), 7);
                    session.quietly(sync(session, "g", first, first.memberId()), 5);
                    var request = new LeaveGroupRequestData().setGroupId(session.name("g"));
                    request.members()
                            .add(new LeaveGroupRequestData.MemberIdentity()
                                    .setMemberId("")
                                    .setGroupInstanceId("two"));
                    request.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId("ghost"));
                    request.members()
                            .add(new LeaveGroupRequestData.MemberIdentity()
                                    .setMemberId("wrong")
                                    .setGroupInstanceId("one"));
                    request.members()
                            .add(new LeaveGroupRequestData.MemberIdentity()
                                    .setMemberId("")
                                    .setGroupInstanceId("one"));
                    session.call(request, 5);
                    session.call(
                            new LeaveGroupRequestData()
                                    .setGroupId(session.name("none"))
                                    .setMemberId("x"),
                            2);
                }),
                new Scenario("offset-commit-without-a-group", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    for (int version = 2; version <= 9; version++) {
                        session.call(commit(session, "simple", null), version);
                        session.call(fetchOffsets(session, "simple"), Math.min(7, version));
                    }
                    session.call(commit(session, "simple", null).setGroupId(""), 8);
                    session.call(commit(session, "simple", null).setGenerationIdOrMemberEpoch(3), 8);
                    session.call(commit(session, "simple", null).setMemberId("x"), 8);
                }),
                new Scenario("offset-commit-in-a-group", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    JoinGroupResponseData joined = joined(session, "g", 7);
                    session.call(commit(session, "g", joined), 8);
                    session.quietly(sync(session, "g", joined, joined.memberId()), 5);
                    session.call(commit(session, "g", joined), 8);
                    session.call(commit(session, "g", joined).setGenerationIdOrMemberEpoch(7), 8);
                    session.call(commit(session, "g", joined).setMemberId("ghost"), 8);
                    session.call(commit(session, "g", null), 8);
                    session.call(fetchOffsets(session, "g"), 7);
                }),
                new Scenario("offset-commit-large-metadata", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var request = commit(session, "simple", null);
                    request.topics().get(0).partitions().get(0).setCommittedMetadata("x".repeat(5_000));
                    session.call(request, 8);
                    session.call(fetchOffsets(session, "simple"), 7);
                }),
                new Scenario("offset-commit-unknown-topic", session -> {
                    ready(session);
                    var request = commit(session, "simple", null);
                    session.call(request, 8);
                    session.topic(session.name("t"), 1);
                    session.call(request, 8);
                }),
                new Scenario("offset-commit-by-topic-id", session -> {
                    ready(session);
                    Uuid id = session.topic(session.name("t"), 2);
                    var request = commit(session, "simple", null);
                    request.topics().get(0).setTopicId(id).setName("");
                    session.call(request, 10);
                    var unknown = commit(session, "simple", null);
                    unknown.topics().get(0).setTopicId(new Uuid(8, 9)).setName("");
                    session.call(unknown, 10);
                    session.call(groups(session, "simple", id, session.name("t")), 9);
                    session.call(groups(session, "simple", id, ""), 10);
                }),
                new Scenario("offset-fetch-all-topics", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple", null), 8);
                    for (int version = 2; version <= 7; version++) {
                        session.call(
                                new OffsetFetchRequestData()
                                        .setGroupId(session.name("simple"))
                                        .setTopics(null),
                                version);
                        session.call(
                                new OffsetFetchRequestData()
                                        .setGroupId(session.name("none"))
                                        .setTopics(null),
                                version);
                    }
                    for (int version = 8; version <= 10; version++) {
                        session.call(groups(session, "simple", null, null), version);
                    }
                }),
                new Scenario("offset-fetch-versions", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple", null), 8);
                    for (int version = 1; version <= 7; version++) {
                        session.call(fetchOffsets(session, "simple"), version);
                        session.call(fetchOffsets(session, "none"), version);
                    }
                    session.call(fetchOffsets(session, "simple").setRequireStable(true), 7);
                }),
                new Scenario("describe-groups", session -> {
                    ready(session);
                    JoinGroupResponseData joined = joined(session, "g", 7);
                    describe(session, joined.memberId());
                    session.quietly(sync(session, "g", joined, joined.memberId()), 5);
                    describe(session, joined.memberId());
                    session.quietly(leave(session, "g", joined.memberId()), 4);
                    describe(session, joined.memberId());
                }),
                new Scenario("list-groups", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple", null), 8);
                    JoinGroupResponseData joined = joined(session, "g", 7);
                    session.quietly(sync(session, "g", joined, joined.memberId()), 5);
                    for (int version = 0; version <= 5; version++) {
                        listed(session, new ListGroupsRequestData(), version);
                    }
                    listed(session, new ListGroupsRequestData().setStatesFilter(List.of("Stable")), 4);
                    listed(session, new ListGroupsRequestData().setStatesFilter(List.of("empty", "Dead")), 5);
                    listed(session, new ListGroupsRequestData().setTypesFilter(List.of("classic")), 5);
                    listed(session, new ListGroupsRequestData().setTypesFilter(List.of("Consumer")), 5);
                    listed(session, new ListGroupsRequestData().setStatesFilter(List.of("nonsense")), 5);
                }));
    }

    /** Waits until there is a coordinator: the first asks create the internal topic. */
    private static void ready(Session session) {
        Session.await("coordinator", () -> {
            FindCoordinatorResponseData found =
                    session.quietly(new FindCoordinatorRequestData().setKey(session.name("g")), 3);
            if (found.errorCode() != 0) {
                return false;
            }
            for (String group : new String[] {"g", "none", "simple", "v2", "v3"}) {
                org.apache.kafka.common.message.HeartbeatResponseData answer = session.quietly(
                        new HeartbeatRequestData()
                                .setGroupId(session.name(group))
                                .setMemberId("x"),
                        4);
                if (answer.errorCode() != 25) {
                    return false;
                }
            }
            return true;
        });
    }

    private static JoinGroupRequestData join(Session session, String group, String memberId, String instanceId) {
        var request = new JoinGroupRequestData()
                .setGroupId(session.name(group))
                .setSessionTimeoutMs(30_000)
                .setRebalanceTimeoutMs(30_000)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId)
                .setProtocolType("consumer");
        request.protocols().add(protocol("range"));
        return request;
    }

    private static JoinGroupRequestData.JoinGroupRequestProtocol protocol(String name) {
        return new JoinGroupRequestData.JoinGroupRequestProtocol().setName(name).setMetadata(SUBSCRIPTION);
    }

    /** A member that is alone in its group, and so its leader. */
    private static JoinGroupResponseData joined(Session session, String group, int version) {
        JoinGroupResponseData asked = session.quietly(join(session, group, "", null), version);
        return session.call(join(session, group, asked.memberId(), null), version);
    }

    private static SyncGroupRequestData sync(
            Session session, String group, JoinGroupResponseData joined, String memberId, String... others) {
        var request = new SyncGroupRequestData()
                .setGroupId(session.name(group))
                .setGenerationId(joined.generationId())
                .setMemberId(memberId)
                .setProtocolType("consumer")
                .setProtocolName("range");
        if (joined.leader().equals(joined.memberId())) {
            request.assignments().add(assignment(memberId));
            for (String other : others) {
                request.assignments().add(assignment(other));
            }
        }
        return request;
    }

    private static SyncGroupRequestData.SyncGroupRequestAssignment assignment(String memberId) {
        return new SyncGroupRequestData.SyncGroupRequestAssignment()
                .setMemberId(memberId)
                .setAssignment("assigned".getBytes(StandardCharsets.UTF_8));
    }

    private static HeartbeatRequestData heartbeat(Session session, String group, JoinGroupResponseData joined) {
        return new HeartbeatRequestData()
                .setGroupId(session.name(group))
                .setGenerationId(joined.generationId())
                .setMemberId(joined.memberId());
    }

    private static LeaveGroupRequestData leave(Session session, String group, String memberId) {
        var request = new LeaveGroupRequestData().setGroupId(session.name(group));
        request.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId(memberId));
        return request;
    }

    private static OffsetCommitRequestData commit(Session session, String group, JoinGroupResponseData joined) {
        var request = new OffsetCommitRequestData().setGroupId(session.name(group));
        if (joined != null) {
            request.setMemberId(joined.memberId()).setGenerationIdOrMemberEpoch(joined.generationId());
        }
        request.topics()
                .add(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName(session.name("t"))
                        .setPartitions(List.of(
                                new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                        .setPartitionIndex(0)
                                        .setCommittedOffset(42)
                                        .setCommittedMetadata("note"),
                                new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                        .setPartitionIndex(1)
                                        .setCommittedOffset(7)
                                        .setCommittedMetadata(null))));
        return request;
    }

    private static OffsetFetchRequestData fetchOffsets(Session session, String group) {
        return new OffsetFetchRequestData()
                .setGroupId(session.name(group))
                .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopic()
                        .setName(session.name("t"))
                        .setPartitionIndexes(List.of(0, 1, 5))));
    }

    private static OffsetFetchRequestData groups(Session session, String group, Uuid id, String topic) {
        var asked = new OffsetFetchRequestData.OffsetFetchRequestGroup()
                .setGroupId(session.name(group))
                .setTopics(null);
        if (id != null) {
            asked.setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopics()
                    .setName(topic)
                    .setTopicId(topic.isEmpty() ? id : Uuid.ZERO_UUID)
                    .setPartitionIndexes(List.of(0, 1))));
        }
        return new OffsetFetchRequestData().setGroups(List.of(asked));
    }

    private static void describe(Session session, String memberId) {
        for (int version = 0; version <= 6; version++) {
            session.call(
                    new DescribeGroupsRequestData()
                            .setGroups(List.of(session.name("g"), session.name("none"), ""))
                            .setIncludeAuthorizedOperations(version >= 3),
                    version);
        }
    }

    /** Other scenarios have groups too: only this one's, in order. */
    private static void listed(Session session, ListGroupsRequestData request, int version) {
        ListGroupsResponseData response = session.quietly(request, version);
        session.transcript().note("v" + version + " error " + response.errorCode());
        response.groups().stream()
                .filter(group -> group.groupId().startsWith(session.name("")))
                .map(group -> "  " + group)
                .sorted()
                .forEach(session.transcript()::note);
    }
}
