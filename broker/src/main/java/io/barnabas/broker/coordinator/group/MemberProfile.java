package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;

import io.barnabas.protocol.coordinator.ConsumerGroupMemberMetadataValue;
import io.barnabas.protocol.coordinator.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;

/**
 * What a member of a consumer group says of itself. Immutable.
 *
 * @param instanceId null for a dynamic member
 * @param rackId null if unknown
 * @param rebalanceTimeoutMs -1 if unknown
 * @param topics subscribed by name
 * @param regex subscribed by a regular expression; null or empty for none
 * @param assignor the server-side assignor it wants; null if it does not care
 * @param classic what a member that speaks the classic protocol said besides; null for others
 */
record MemberProfile(
        String instanceId,
        String rackId,
        int rebalanceTimeoutMs,
        String clientId,
        String clientHost,
        Set<String> topics,
        String regex,
        String assignor,
        ClassicMemberMetadata classic) {
    static final MemberProfile UNKNOWN = new MemberProfile(null, null, -1, "", "", Set.of(), "", null, null);

    static MemberProfile of(ConsumerGroupMemberMetadataValue value) {
        return new MemberProfile(
                value.instanceId(),
                value.rackId(),
                value.rebalanceTimeoutMs(),
                value.clientId(),
                value.clientHost(),
                new HashSet<>(value.subscribedTopicNames()),
                value.subscribedTopicRegex(),
                value.serverAssignor(),
                value.classicMemberMetadata());
    }

    ConsumerGroupMemberMetadataValue toRecord() {
        var names = new ArrayList<>(topics);
        names.sort(null);
        return new ConsumerGroupMemberMetadataValue()
                .instanceId(instanceId)
                .rackId(rackId)
                .rebalanceTimeoutMs(rebalanceTimeoutMs)
                .clientId(clientId)
                .clientHost(clientHost)
                .subscribedTopicNames(names)
                .subscribedTopicRegex(regex)
                .serverAssignor(assignor)
                .classicMemberMetadata(classic);
    }

    /** After a heartbeat: what it does not mention stays. The same object if nothing changed. */
    MemberProfile after(Caller caller, ConsumerGroupHeartbeatRequest request) {
        boolean silent = request.instanceId() == null
                && request.rackId() == null
                && request.rebalanceTimeoutMs() == -1
                && request.subscribedTopicNames() == null
                && request.subscribedTopicRegex() == null
                && request.serverAssignor() == null;
        if (silent && classic == null && clientId.equals(caller.clientId()) && clientHost.equals(caller.clientHost())) {
            return this;
        }
        var next = new MemberProfile(
                request.instanceId() == null ? instanceId : request.instanceId(),
                request.rackId() == null ? rackId : request.rackId(),
                request.rebalanceTimeoutMs() == -1 ? rebalanceTimeoutMs : request.rebalanceTimeoutMs(),
                caller.clientId(),
                caller.clientHost(),
                request.subscribedTopicNames() == null ? topics : new HashSet<>(request.subscribedTopicNames()),
                request.subscribedTopicRegex() == null ? regex : request.subscribedTopicRegex(),
                request.serverAssignor() == null ? assignor : request.serverAssignor(),
                null);
        return equals(next) ? this : next;
    }

    boolean isStatic() {
        return instanceId != null;
    }

    boolean speaksClassic() {
        return classic != null;
    }

    boolean hasRegex() {
        return isRegex(regex);
    }

    static boolean isRegex(String regex) {
        return regex != null && !regex.isEmpty();
    }
}
