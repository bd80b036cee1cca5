package io.barnabas.broker.coordinator.group;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.barnabas.broker.coordinator.Deadlines.Deadline;
import io.barnabas.broker.coordinator.Pending;
import io.barnabas.protocol.message.DescribeGroupsResponse.DescribedGroupMember;
import io.barnabas.protocol.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.barnabas.protocol.message.JoinGroupResponse.JoinGroupResponseMember;

/** One member of a classic group. */
final class Member {
    static final byte[] NO_ASSIGNMENT = new byte[0];

    private final String id;
    private final String instanceId;
    private final String clientId;
    private final String clientHost;
    private final String protocolType;
    private final Deadline<Alarm> session;
    private int rebalanceTimeoutMs;
    private int sessionTimeoutMs;
    private List<JoinGroupRequestProtocol> protocols;
    private byte[] assignment = NO_ASSIGNMENT;
    private Pending join;
    private Pending sync;
    private boolean isNew;

    /** @param instanceId null for a dynamic member */
    Member(
            String id,
            String instanceId,
            String clientId,
            String clientHost,
            String protocolType,
            int rebalanceTimeoutMs,
            int sessionTimeoutMs,
            List<JoinGroupRequestProtocol> protocols,
            Deadline<Alarm> session) {
        this.id = id;
        this.instanceId = instanceId;
        this.clientId = clientId;
        this.clientHost = clientHost;
        this.protocolType = protocolType;
        this.rebalanceTimeoutMs = rebalanceTimeoutMs;
        this.sessionTimeoutMs = sessionTimeoutMs;
        this.protocols = protocols;
        this.session = session;
    }

    /** The same member under a new id, waiting for nothing. */
    Member renamed(String newId, Deadline<Alarm> newSession) {
        var renamed = new Member(
                newId,
                instanceId,
                clientId,
                clientHost,
                protocolType,
                rebalanceTimeoutMs,
                sessionTimeoutMs,
                protocols,
                newSession);
        renamed.assignment = assignment;
        return renamed;
    }

    String id() {
        return id;
    }

    /** Null for a dynamic member. */
    String instanceId() {
        return instanceId;
    }

    boolean isStatic() {
        return instanceId != null;
    }

    String clientId() {
        return clientId;
    }

    String clientHost() {
        return clientHost;
    }

    String protocolType() {
        return protocolType;
    }

    int rebalanceTimeoutMs() {
        return rebalanceTimeoutMs;
    }

    int sessionTimeoutMs() {
        return sessionTimeoutMs;
    }

    Deadline<Alarm> session() {
        return session;
    }

    List<JoinGroupRequestProtocol> protocols() {
        return protocols;
    }

    Set<String> protocolNames() {
        return names(protocols);
    }

    static Set<String> names(List<JoinGroupRequestProtocol> protocols) {
        var names = new LinkedHashSet<String>();
        for (var protocol : protocols) {
            names.add(protocol.name());
        }
        return names;
    }

    void describeItself(List<JoinGroupRequestProtocol> protocols, int rebalanceTimeoutMs, int sessionTimeoutMs) {
        this.protocols = protocols;
        this.rebalanceTimeoutMs = rebalanceTimeoutMs;
        this.sessionTimeoutMs = sessionTimeoutMs;
    }

    /** What the member said along with a protocol it supports. */
    byte[] metadata(String protocolName) {
        for (var protocol : protocols) {
            if (protocol.name().equals(protocolName)) {
                return protocol.metadata();
            }
        }
        throw new IllegalStateException("Member " + id + " does not support protocol " + protocolName);
    }

    /** The protocol it likes best of these. */
    String vote(Set<String> candidates) {
        for (var protocol : protocols) {
            if (candidates.contains(protocol.name())) {
                return protocol.name();
            }
        }
        throw new IllegalStateException("Member " + id + " supports none of " + candidates);
    }

    byte[] assignment() {
        return assignment;
    }

    void assignment(byte[] assignment) {
        this.assignment = assignment;
    }

    boolean awaitsJoin() {
        return join != null;
    }

    boolean awaitsSync() {
        return sync != null;
    }

    /** Null if none waits. */
    Pending joinWaiter() {
        return join;
    }

    /** Only through the group, which counts who waits. */
    void joinWaiter(Pending waiter) {
        join = waiter;
    }

    Pending syncWaiter() {
        return sync;
    }

    void syncWaiter(Pending waiter) {
        sync = waiter;
    }

    /** It has not learned its id yet, so it cannot send heartbeats. */
    void isNew(boolean isNew) {
        this.isNew = isNew;
    }

    /** A member whose request waits here is alive without heartbeats, unless it is new and may be gone for good. */
    boolean isExcusedFromHeartbeats() {
        return !isNew && (awaitsJoin() || awaitsSync());
    }

    JoinGroupResponseMember forLeader(String protocolName) {
        return new JoinGroupResponseMember()
                .memberId(id)
                .groupInstanceId(instanceId)
                .metadata(metadata(protocolName));
    }

    DescribedGroupMember described() {
        return new DescribedGroupMember()
                .memberId(id)
                .groupInstanceId(instanceId)
                .clientId(clientId)
                .clientHost(clientHost)
                .memberAssignment(assignment);
    }

    @Override
    public String toString() {
        if (instanceId == null) {
            return id;
        }
        // The id that a broker gives to a static member begins with its instance.
        return id.startsWith(instanceId + "-") ? id + " (static)" : id + " (instance " + instanceId + ")";
    }
}
