package io.barnabas.compat.differential;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * A member of a classic group, at a connection of its own, since joins and syncs may wait. Whatever it is answered goes
 * into the transcript, which calls the member by its name.
 */
final class ClassicMember {
    private final Session session;
    private final Connection connection;
    private final String name;
    private final JoinGroupRequestData wish;
    private short version = 9;
    private JoinGroupResponseData joined;
    private int waiting;

    private ClassicMember(Session session, String group, String name) {
        this.session = session;
        this.connection = session.connect();
        this.name = name;
        wish = GroupSteps.join(session, group, "", null);
    }

    /** A member that will join the group; a consumer that subscribes to nothing, unless its wish is changed. */
    static ClassicMember of(Session session, String group, String name) {
        return new ClassicMember(session, group, name);
    }

    /** The version of JoinGroup that it speaks; its other requests are as old. */
    ClassicMember speaking(int joinVersion) {
        version = (short) joinVersion;
        return this;
    }

    ClassicMember instance(String instanceId) {
        wish.setGroupInstanceId(instanceId);
        return this;
    }

    ClassicMember timeouts(int sessionTimeoutMs, int rebalanceTimeoutMs) {
        wish.setSessionTimeoutMs(sessionTimeoutMs).setRebalanceTimeoutMs(rebalanceTimeoutMs);
        return this;
    }

    ClassicMember type(String protocolType) {
        wish.setProtocolType(protocolType);
        return this;
    }

    /** In the order of preference. */
    ClassicMember protocols(String... names) {
        wish.protocols().clear();
        for (String protocol : names) {
            wish.protocols().add(GroupSteps.protocol(protocol));
        }
        return this;
    }

    /** The one protocol "range", with bytes of one's own. */
    ClassicMember metadata(byte[] metadata) {
        wish.protocols().clear();
        wish.protocols().add(GroupSteps.protocol("range").setMetadata(metadata));
        return this;
    }

    /** Another member's id, or one that the broker never drew. */
    ClassicMember pretendingToBe(String memberId) {
        wish.setMemberId(memberId);
        return this;
    }

    String id() {
        return wish.memberId();
    }

    int generation() {
        return joined.generationId();
    }

    /** Asks for its id, and does not join yet. */
    ClassicMember asks() {
        startsJoining();
        joined();
        return this;
    }

    /** Joins, with the id that it is given if it needs one. */
    JoinGroupResponseData joins() {
        startsJoining();
        if (joined().errorCode() == Errors.MEMBER_ID_REQUIRED.code()) {
            startsJoining();
            joined();
        }
        return joined;
    }

    void startsJoining() {
        waiting = connection.send(wish, version);
    }

    /** Asks for an id, and then waits in the group, which has this many members from then on. */
    void waitsIn(int members) {
        if (id().isEmpty() && wish.groupInstanceId() == null && version >= 4) {
            asks();
        }
        startsJoining();
        awaitMembers(members);
    }

    JoinGroupResponseData joined() {
        joined = (JoinGroupResponseData) connection.receive(wish.apiKey(), version, waiting);
        if (joined.errorCode() == 0 || joined.errorCode() == Errors.MEMBER_ID_REQUIRED.code()) {
            session.transcript().name(joined.memberId(), name);
            wish.setMemberId(joined.memberId());
        }
        session.transcript().add(name + " JoinGroup", joined, version);
        return joined;
    }

    /** Syncs; a leader gives these members their assignments. */
    void syncs(ClassicMember... assigned) {
        startsSyncing(assigned);
        synced();
    }

    void startsSyncing(ClassicMember... assigned) {
        var request = syncing();
        for (ClassicMember member : assigned) {
            request.assignments()
                    .add(new SyncGroupRequestData.SyncGroupRequestAssignment()
                            .setMemberId(member.id())
                            .setAssignment(("for " + member.name).getBytes(StandardCharsets.UTF_8)));
        }
        waiting = connection.send(request, syncVersion());
    }

    SyncGroupRequestData syncing() {
        return new SyncGroupRequestData()
                .setGroupId(wish.groupId())
                .setGroupInstanceId(wish.groupInstanceId())
                .setMemberId(id())
                .setGenerationId(joined.generationId())
                .setProtocolType(wish.protocolType())
                .setProtocolName(joined.protocolName());
    }

    void synced() {
        session.transcript()
                .add(
                        name + " SyncGroup",
                        connection.receive(syncing().apiKey(), syncVersion(), waiting),
                        syncVersion());
    }

    private short syncVersion() {
        return (short) Math.min(5, version);
    }

    void beats() {
        call("Heartbeat", beating(), Math.min(4, (int) version));
    }

    HeartbeatRequestData beating() {
        return new HeartbeatRequestData()
                .setGroupId(wish.groupId())
                .setGroupInstanceId(wish.groupInstanceId())
                .setMemberId(id())
                .setGenerationId(joined.generationId());
    }

    void commits() {
        call("OffsetCommit", committing(), 9);
    }

    OffsetCommitRequestData committing() {
        return GroupSteps.commit(session, "g", joined)
                .setGroupId(wish.groupId())
                .setMemberId(id())
                .setGroupInstanceId(wish.groupInstanceId());
    }

    void leaves() {
        var request = GroupSteps.leave(session, "g", id(), version).setGroupId(wish.groupId());
        request.members().forEach(member -> member.setGroupInstanceId(wish.groupInstanceId()));
        call("LeaveGroup", request, Math.min(5, (int) version));
    }

    private void call(String step, ApiMessage request, int requestVersion) {
        session.transcript()
                .add(name + " " + step, connection.exchange(request, (short) requestVersion), (short) requestVersion);
    }

    /** Whether no answer has come within a moment. */
    void stillWaits() {
        session.transcript().note(name + " still waits: " + connection.staysSilent(100));
    }

    /** Waits until the group has as many members, without a word in the transcript. */
    void awaitMembers(int members) {
        Session.await(members + " members", () -> group().members().size() == members);
    }

    void awaitState(String state) {
        Session.await(state, () -> group().groupState().equals(state));
    }

    private DescribeGroupsResponseData.DescribedGroup group() {
        DescribeGroupsResponseData answer =
                session.quietly(new DescribeGroupsRequestData().setGroups(List.of(wish.groupId())), 5);
        return answer.groups().get(0);
    }

    /** The group as it is, in the latest version. */
    void describesGroup() {
        session.call(new DescribeGroupsRequestData().setGroups(List.of(wish.groupId())), 6);
    }

    /** Members that are in a generation together, the first as leader, each with an assignment. */
    static void settle(ClassicMember leader, ClassicMember... followers) {
        leader.joins();
        int members = 1;
        for (ClassicMember follower : followers) {
            follower.waitsIn(++members);
        }
        if (followers.length > 0) {
            leader.joins();
        }
        var all = new ClassicMember[members];
        all[0] = leader;
        for (int i = 0; i < followers.length; i++) {
            followers[i].joined();
            all[i + 1] = followers[i];
        }
        leader.syncs(all);
        for (ClassicMember follower : followers) {
            follower.syncs();
        }
    }
}
