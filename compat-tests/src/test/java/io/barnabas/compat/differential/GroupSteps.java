package io.barnabas.compat.differential;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.Errors;

/** Steps of the scenarios about classic groups and offsets; a scenario has a topic "t" and groups with the names below. */
final class GroupSteps {
    /** A consumer's subscription, version 0, to nothing. What does not parse lets Kafka's coordinator answer never. */
    private static final byte[] SUBSCRIPTION = {0, 0, 0, 0, 0, 0, -1, -1, -1, -1};

    private static final List<String> GROUPS =
            List.of("g", "h", "c", "none", "simple", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9");

    private GroupSteps() {}

    /** Waits until there is a coordinator for every group: the first asks create the internal topic. */
    static void ready(Session session) {
        Session.await("coordinator", () -> {
            FindCoordinatorResponseData found =
                    session.quietly(new FindCoordinatorRequestData().setKey(session.name("g")), 3);
            return found.errorCode() == 0
                    && GROUPS.stream().allMatch(group -> {
                        HeartbeatResponseData answer = session.quietly(
                                new HeartbeatRequestData()
                                        .setGroupId(session.name(group))
                                        .setMemberId("x"),
                                4);
                        return answer.errorCode() == Errors.UNKNOWN_MEMBER_ID.code();
                    });
        });
    }

    static JoinGroupRequestData join(Session session, String group, String memberId, String instanceId) {
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

    static JoinGroupRequestData.JoinGroupRequestProtocol protocol(String name) {
        return new JoinGroupRequestData.JoinGroupRequestProtocol().setName(name).setMetadata(SUBSCRIPTION);
    }

    /** A member that is alone in its group, and so its leader. */
    static JoinGroupResponseData joined(Session session, String group, int version) {
        JoinGroupResponseData asked = session.quietly(join(session, group, "", null), version);
        return session.call(join(session, group, asked.memberId(), null), version);
    }

    static SyncGroupRequestData sync(
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

    static SyncGroupRequestData.SyncGroupRequestAssignment assignment(String memberId) {
        return new SyncGroupRequestData.SyncGroupRequestAssignment()
                .setMemberId(memberId)
                .setAssignment("assigned".getBytes(StandardCharsets.UTF_8));
    }

    static HeartbeatRequestData heartbeat(Session session, String group, JoinGroupResponseData joined) {
        return new HeartbeatRequestData()
                .setGroupId(session.name(group))
                .setGenerationId(joined.generationId())
                .setMemberId(joined.memberId());
    }

    static LeaveGroupRequestData leave(Session session, String group, String memberId) {
        return leave(session, group, memberId, 5);
    }

    /** One member, as a version says it. */
    static LeaveGroupRequestData leave(Session session, String group, String memberId, int version) {
        var request = new LeaveGroupRequestData().setGroupId(session.name(group));
        if (version < 3) {
            return request.setMemberId(memberId);
        }
        request.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId(memberId));
        return request;
    }

    static OffsetCommitRequestData commit(Session session, String group, JoinGroupResponseData joined) {
        return commit(session, group)
                .setMemberId(joined.memberId())
                .setGenerationIdOrMemberEpoch(joined.generationId());
    }

    /** By nobody in particular. */
    static OffsetCommitRequestData commit(Session session, String group) {
        var request = new OffsetCommitRequestData().setGroupId(session.name(group));
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

    static OffsetFetchRequestData fetchOffsets(Session session, String group) {
        return new OffsetFetchRequestData()
                .setGroupId(session.name(group))
                .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopic()
                        .setName(session.name("t"))
                        .setPartitionIndexes(List.of(0, 1, 5))));
    }

    static OffsetFetchRequestData groups(Session session, String group, Uuid id, String topic) {
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

    /** The group "g", one that is not there, and the empty name, in every version. */
    static void describe(Session session) {
        for (int version = 0; version <= 6; version++) {
            session.call(
                    new DescribeGroupsRequestData()
                            .setGroups(List.of(session.name("g"), session.name("none"), ""))
                            .setIncludeAuthorizedOperations(version >= 3),
                    version);
        }
    }
}
