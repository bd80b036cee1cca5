package io.barnabas.broker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.barnabas.broker.testing.RawClient;
import io.barnabas.broker.testing.TestBroker;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsResponse;
import io.barnabas.protocol.message.DeleteGroupsRequest;
import io.barnabas.protocol.message.DeleteGroupsResponse;
import io.barnabas.protocol.message.DescribeGroupsRequest;
import io.barnabas.protocol.message.DescribeGroupsResponse;
import io.barnabas.protocol.message.FindCoordinatorRequest;
import io.barnabas.protocol.message.FindCoordinatorResponse;
import io.barnabas.protocol.message.HeartbeatRequest;
import io.barnabas.protocol.message.HeartbeatResponse;
import io.barnabas.protocol.message.JoinGroupRequest;
import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.barnabas.protocol.message.JoinGroupResponse;
import io.barnabas.protocol.message.LeaveGroupRequest;
import io.barnabas.protocol.message.LeaveGroupRequest.MemberIdentity;
import io.barnabas.protocol.message.LeaveGroupResponse;
import io.barnabas.protocol.message.ListGroupsRequest;
import io.barnabas.protocol.message.ListGroupsResponse;
import io.barnabas.protocol.message.OffsetCommitRequest;
import io.barnabas.protocol.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.barnabas.protocol.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.barnabas.protocol.message.OffsetCommitResponse;
import io.barnabas.protocol.message.OffsetDeleteRequest;
import io.barnabas.protocol.message.OffsetDeleteRequest.OffsetDeleteRequestPartition;
import io.barnabas.protocol.message.OffsetDeleteRequest.OffsetDeleteRequestTopic;
import io.barnabas.protocol.message.OffsetDeleteResponse;
import io.barnabas.protocol.message.OffsetFetchRequest;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopic;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import io.barnabas.protocol.message.OffsetFetchResponse;
import io.barnabas.protocol.message.SyncGroupRequest;
import io.barnabas.protocol.message.SyncGroupRequest.SyncGroupRequestAssignment;
import io.barnabas.protocol.message.SyncGroupResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Each group API at each version it advertises, by hand-made requests. */
class EveryGroupVersionIT {
    private static final String TOPIC = "t";
    private static final byte[] ASSIGNMENT = {1, 2, 3};

    @TempDir
    static Path logDir;

    private static TestBroker broker;
    private static RawClient client;
    private static Uuid topicId;

    @BeforeAll
    static void start() throws Exception {
        broker = TestBroker.start(logDir);
        client = new RawClient(broker.port());
        var request = new CreateTopicsRequest().timeoutMs(20_000);
        request.topics()
                .add(new CreateTopicsRequest.CreatableTopic()
                        .name(TOPIC)
                        .numPartitions(2)
                        .replicationFactor((short) 1));
        topicId = client.call(request, 7, CreateTopicsResponse.class)
                .topics()
                .get(0)
                .topicId();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (findGroup("any", 6).coordinators().get(0).errorCode() != 0 || !isLoaded()) {
            assertTrue(System.nanoTime() < deadline, "No coordinator");
        }
    }

    private static boolean isLoaded() throws Exception {
        return client.call(new ListGroupsRequest(), 5, ListGroupsResponse.class).errorCode() == 0
                && heartbeat("any", "m", 1, 4) == ErrorCode.UNKNOWN_MEMBER_ID;
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        broker.close();
    }

    private static FindCoordinatorResponse findGroup(String group, int version) throws Exception {
        var request = new FindCoordinatorRequest();
        if (version >= 4) {
            request.coordinatorKeys().add(group);
        } else {
            request.key(group);
        }
        return client.call(request, version, FindCoordinatorResponse.class);
    }

    @Test
    void findCoordinator() throws Exception {
        for (int version = 0; version <= 6; version++) {
            var found = findGroup("g", version);
            if (version >= 4) {
                var one = found.coordinators().get(0);
                assertEquals("g", one.key());
                assertEquals(1, one.nodeId());
                assertEquals(broker.port(), one.port());
                assertEquals("", one.errorMessage());
            } else {
                assertEquals(0, found.errorCode());
                assertEquals(1, found.nodeId());
                assertEquals(broker.port(), found.port());
                assertEquals(version >= 1 ? "NONE" : "", found.errorMessage());
            }
        }
        for (int version = 1; version <= 6; version++) {
            var request = new FindCoordinatorRequest().keyType((byte) 1);
            if (version >= 4) {
                request.coordinatorKeys().addAll(List.of("t1", "t2"));
            } else {
                request.key("t1");
            }
            var found = client.call(request, version, FindCoordinatorResponse.class);
            short code = version >= 4 ? found.coordinators().get(1).errorCode() : found.errorCode();
            assertEquals(ErrorCode.UNSUPPORTED_VERSION.code(), code);
            var text = version >= 4 ? found.coordinators().get(1).errorMessage() : found.errorMessage();
            assertTrue(text.contains("does not serve transactions"), text);
        }
        for (int version = 4; version <= 6; version++) {
            var request = new FindCoordinatorRequest().keyType((byte) 2);
            request.coordinatorKeys().add("g:" + topicId + ":0");
            var found = client.call(request, version, FindCoordinatorResponse.class);
            assertEquals(
                    (version < 6 ? ErrorCode.INVALID_REQUEST : ErrorCode.UNSUPPORTED_VERSION).code(),
                    found.coordinators().get(0).errorCode());
        }
        var unknown = new FindCoordinatorRequest().keyType((byte) 9);
        unknown.coordinatorKeys().add("x");
        assertEquals(
                ErrorCode.INVALID_REQUEST.code(),
                client.call(unknown, 6, FindCoordinatorResponse.class)
                        .coordinators()
                        .get(0)
                        .errorCode());
    }

    private static JoinGroupRequest joinRequest(String group, String memberId, int version) {
        var request = new JoinGroupRequest()
                .groupId(group)
                .memberId(memberId)
                .protocolType("connect")
                .sessionTimeoutMs(30_000);
        request.protocols().add(new JoinGroupRequestProtocol().name("p").metadata(new byte[] {9}));
        return version >= 1 ? request.rebalanceTimeoutMs(60_000) : request;
    }

    private static JoinGroupResponse join(String group, int version) throws Exception {
        var joined = client.call(joinRequest(group, "", version), version, JoinGroupResponse.class);
        if (version >= 4) {
            assertEquals(ErrorCode.MEMBER_ID_REQUIRED.code(), joined.errorCode());
            assertEquals(version >= 7 ? null : "", joined.protocolName());
            joined = client.call(joinRequest(group, joined.memberId(), version), version, JoinGroupResponse.class);
        }
        assertEquals(0, joined.errorCode(), "v" + version);
        return joined;
    }

    private static SyncGroupResponse sync(String group, JoinGroupResponse joined, int version) throws Exception {
        var request = new SyncGroupRequest()
                .groupId(group)
                .memberId(joined.memberId())
                .generationId(joined.generationId());
        if (version >= 5) {
            request.protocolType("connect").protocolName("p");
        }
        request.assignments()
                .add(new SyncGroupRequestAssignment()
                        .memberId(joined.memberId())
                        .assignment(ASSIGNMENT));
        return client.call(request, version, SyncGroupResponse.class);
    }

    private static ErrorCode heartbeat(String group, String memberId, int generation, int version) throws Exception {
        var request = new HeartbeatRequest().groupId(group).memberId(memberId).generationId(generation);
        return ErrorCode.of(
                client.call(request, version, HeartbeatResponse.class).errorCode());
    }

    private static ErrorCode leave(String group, String memberId, int version) throws Exception {
        var request = new LeaveGroupRequest().groupId(group);
        if (version >= 3) {
            request.members().add(new MemberIdentity().memberId(memberId));
        } else {
            request.memberId(memberId);
        }
        var left = client.call(request, version, LeaveGroupResponse.class);
        return ErrorCode.of(
                version >= 3 && left.errorCode() == 0 ? left.members().get(0).errorCode() : left.errorCode());
    }

    @Test
    void membership() throws Exception {
        for (int version = 0; version <= 9; version++) {
            String group = "members-" + version;
            var joined = join(group, version);
            assertEquals(1, joined.generationId());
            assertEquals("p", joined.protocolName());
            assertEquals(version >= 7 ? "connect" : null, joined.protocolType());
            assertEquals(joined.memberId(), joined.leader());
            assertArrayEquals(new byte[] {9}, joined.members().get(0).metadata());

            int syncVersion = Math.min(version, 5);
            var synced = sync(group, joined, syncVersion);
            assertEquals(0, synced.errorCode());
            assertArrayEquals(ASSIGNMENT, synced.assignment());
            assertEquals(syncVersion >= 5 ? "p" : null, synced.protocolName());

            int beatVersion = Math.min(version, 4);
            assertEquals(ErrorCode.NONE, heartbeat(group, joined.memberId(), 1, beatVersion));
            assertEquals(ErrorCode.ILLEGAL_GENERATION, heartbeat(group, joined.memberId(), 2, beatVersion));

            int leaveVersion = Math.min(version, 5);
            assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, leave(group, "nobody", leaveVersion));
            assertEquals(ErrorCode.NONE, leave(group, joined.memberId(), leaveVersion));
            assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, leave("no-group", "nobody", leaveVersion));
        }
    }

    @Test
    void anEmptyGroupIdIsInvalidForMembers() throws Exception {
        var join = client.call(joinRequest("", "", 9), 9, JoinGroupResponse.class);
        assertEquals(ErrorCode.INVALID_GROUP_ID.code(), join.errorCode());
        assertEquals(ErrorCode.INVALID_GROUP_ID, heartbeat("", "m", 1, 4));
        assertEquals(ErrorCode.INVALID_GROUP_ID, leave("", "m", 5));
        var sync = new SyncGroupRequest().protocolType("connect").protocolName("p");
        assertEquals(
                ErrorCode.INVALID_GROUP_ID.code(),
                client.call(sync, 5, SyncGroupResponse.class).errorCode());
        assertEquals(
                ErrorCode.INCONSISTENT_GROUP_PROTOCOL.code(),
                client.call(new SyncGroupRequest().groupId("g"), 5, SyncGroupResponse.class)
                        .errorCode());
        var session = client.call(joinRequest("g", "", 9).sessionTimeoutMs(5), 9, JoinGroupResponse.class);
        assertEquals(ErrorCode.INVALID_SESSION_TIMEOUT.code(), session.errorCode());
    }

    private static OffsetCommitRequestTopic commitTopic(int version, String name, Uuid id, int... partitions) {
        var topic = new OffsetCommitRequestTopic();
        if (version >= 10) {
            topic.topicId(id);
        } else {
            topic.name(name);
        }
        for (int partition : partitions) {
            var one = new OffsetCommitRequestPartition()
                    .partitionIndex(partition)
                    .committedOffset(100L + version)
                    .committedMetadata("m" + version);
            topic.partitions().add(version >= 6 ? one.committedLeaderEpoch(4) : one);
        }
        return topic;
    }

    @Test
    void offsetsAreCommittedAndFetched() throws Exception {
        for (int version = 2; version <= 10; version++) {
            var request = new OffsetCommitRequest().groupId("offsets");
            request.topics().add(commitTopic(version, TOPIC, topicId, 0, 7));
            request.topics().add(commitTopic(version, "nowhere", new Uuid(5, 5), 0));
            var response = client.call(request, version, OffsetCommitResponse.class);
            var codes = new ArrayList<Short>();
            response.topics().stream().sorted((a, b) -> version(a, b)).forEach(topic -> topic.partitions().stream()
                    .sorted((a, b) -> a.partitionIndex() - b.partitionIndex())
                    .forEach(partition -> codes.add(partition.errorCode())));
            short missing = (version >= 10 ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION).code();
            assertEquals(
                    List.of(missing, (short) 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code()), codes, "v" + version);
            for (int fetchVersion = 1; fetchVersion <= 10; fetchVersion++) {
                checkFetch(fetchVersion, version);
            }
        }
    }

    /** The unknown topic first. */
    private static int version(
            OffsetCommitResponse.OffsetCommitResponseTopic a, OffsetCommitResponse.OffsetCommitResponseTopic b) {
        return Boolean.compare(isKnown(a), isKnown(b));
    }

    private static boolean isKnown(OffsetCommitResponse.OffsetCommitResponseTopic topic) {
        return topic.name().equals(TOPIC) || topic.topicId().equals(topicId);
    }

    private static void checkFetch(int version, int committedBy) throws Exception {
        long offset = 100L + committedBy;
        int epoch = committedBy >= 6 ? 4 : -1;
        if (version < 8) {
            var request = new OffsetFetchRequest().groupId("offsets");
            request.topics().add(new OffsetFetchRequestTopic().name(TOPIC).partitionIndexes(List.of(0, 1)));
            var topic = client.call(request, version, OffsetFetchResponse.class)
                    .topics()
                    .get(0);
            assertEquals(offset, topic.partitions().get(0).committedOffset());
            assertEquals("m" + committedBy, topic.partitions().get(0).metadata());
            assertEquals(version >= 5 ? epoch : -1, topic.partitions().get(0).committedLeaderEpoch());
            assertEquals(-1, topic.partitions().get(1).committedOffset());
            assertEquals("", topic.partitions().get(1).metadata());
            if (version >= 2) {
                var all = client.call(
                        new OffsetFetchRequest().groupId("offsets").topics(null), version, OffsetFetchResponse.class);
                assertEquals(offset, all.topics().get(0).partitions().get(0).committedOffset());
            }
            return;
        }
        var topics = new OffsetFetchRequestTopics().partitionIndexes(List.of(0, 1));
        var unknown = new OffsetFetchRequestTopics().partitionIndexes(List.of(0));
        if (version >= 10) {
            topics.topicId(topicId);
            unknown.topicId(new Uuid(5, 5));
        } else {
            topics.name(TOPIC);
            unknown.name("nowhere");
        }
        var request = new OffsetFetchRequest().requireStable(true);
        request.groups().add(new OffsetFetchRequestGroup().groupId("offsets").topics(List.of(topics, unknown)));
        request.groups().add(new OffsetFetchRequestGroup().groupId("offsets").topics(null));
        var groups = client.call(request, version, OffsetFetchResponse.class).groups();
        var named = groups.get(0).topics();
        assertEquals(offset, named.get(0).partitions().get(0).committedOffset());
        assertEquals(epoch, named.get(0).partitions().get(0).committedLeaderEpoch());
        assertEquals(-1, named.get(0).partitions().get(1).committedOffset());
        assertEquals(
                (version >= 10 ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.NONE).code(),
                named.get(1).partitions().get(0).errorCode());
        var all = groups.get(1).topics();
        assertEquals(1, all.size());
        assertEquals(offset, all.get(0).partitions().get(0).committedOffset());
        if (version >= 10) {
            assertEquals(topicId, all.get(0).topicId());
        } else {
            assertEquals(TOPIC, all.get(0).name());
        }
    }

    @Test
    void groupsAreDescribedListedAndDeleted() throws Exception {
        var joined = join("described", 9);
        sync("described", joined, 5);
        for (int version = 0; version <= 6; version++) {
            var request = new DescribeGroupsRequest().groups(List.of("described", "missing"));
            if (version >= 3) {
                request.includeAuthorizedOperations(true);
            }
            var groups =
                    client.call(request, version, DescribeGroupsResponse.class).groups();
            var found = groups.get(0);
            assertEquals("Stable", found.groupState());
            assertEquals("connect", found.protocolType());
            assertEquals("p", found.protocolData());
            assertEquals("raw-client", found.members().get(0).clientId());
            assertArrayEquals(ASSIGNMENT, found.members().get(0).memberAssignment());
            assertEquals(version >= 3, found.authorizedOperations() != Integer.MIN_VALUE);
            var missing = groups.get(1);
            assertEquals("Dead", missing.groupState());
            assertEquals((version >= 6 ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE).code(), missing.errorCode());
            assertEquals(version >= 6 ? "Group missing not found." : null, missing.errorMessage());
        }
        for (int version = 0; version <= 5; version++) {
            var listed = listed(new ListGroupsRequest(), version);
            assertEquals("connect", listed.protocolType());
            assertEquals(version >= 4 ? "Stable" : "", listed.groupState());
            assertEquals(version >= 5 ? "classic" : "", listed.groupType());
        }
        assertNull(listed(new ListGroupsRequest().statesFilter(List.of("Empty")), 4));
        assertNull(listed(new ListGroupsRequest().typesFilter(List.of("consumer")), 5));
        for (int version = 0; version <= 2; version++) {
            var request = new DeleteGroupsRequest().groupsNames(List.of("described", "missing"));
            var results =
                    client.call(request, version, DeleteGroupsResponse.class).results();
            for (var result : results) {
                assertEquals(
                        (result.groupId().equals("described")
                                        ? ErrorCode.NON_EMPTY_GROUP
                                        : ErrorCode.GROUP_ID_NOT_FOUND)
                                .code(),
                        result.errorCode());
            }
            assertEquals(2, results.size());
        }
        leave("described", joined.memberId(), 5);
        var deleted =
                client.call(new DeleteGroupsRequest().groupsNames(List.of("described")), 2, DeleteGroupsResponse.class);
        assertEquals(0, deleted.results().get(0).errorCode());
        assertNull(listed(new ListGroupsRequest(), 5));
    }

    private static ListGroupsResponse.ListedGroup listed(ListGroupsRequest request, int version) throws Exception {
        return client.call(request, version, ListGroupsResponse.class).groups().stream()
                .filter(group -> group.groupId().equals("described"))
                .findFirst()
                .orElse(null);
    }

    @Test
    void offsetDelete() throws Exception {
        var commit = new OffsetCommitRequest().groupId("forgets");
        commit.topics().add(commitTopic(9, TOPIC, topicId, 0));
        client.call(commit, 9, OffsetCommitResponse.class);
        var topic = new OffsetDeleteRequestTopic().name(TOPIC);
        topic.partitions().add(new OffsetDeleteRequestPartition().partitionIndex(0));
        topic.partitions().add(new OffsetDeleteRequestPartition().partitionIndex(9));
        var request = new OffsetDeleteRequest().groupId("forgets").topics(List.of(topic));
        var response = client.call(request, 0, OffsetDeleteResponse.class);
        assertEquals(0, response.errorCode());
        assertEquals(1, response.topics().size());
        for (var partition : response.topics().get(0).partitions()) {
            assertEquals(
                    (partition.partitionIndex() == 0 ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION).code(),
                    partition.errorCode());
        }
        assertEquals(
                ErrorCode.GROUP_ID_NOT_FOUND.code(),
                client.call(request.groupId("missing"), 0, OffsetDeleteResponse.class)
                        .errorCode());
        assertNotEquals(
                0,
                client.call(request.groupId(""), 0, OffsetDeleteResponse.class).errorCode());
    }
}
