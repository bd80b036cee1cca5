package io.barnabas.broker.coordinator.group;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;

/** What is wrong with a ConsumerGroupHeartbeat whatever the group's state. Stateless. */
final class HeartbeatChecks {
    private static final short FIRST_VERSION_WITH_CLIENT_IDS = 1;

    private HeartbeatChecks() {}

    /** Null if nothing is. */
    static Refusal refusal(Caller caller, ConsumerGroupHeartbeatRequest request, ConsumerGroupConfig config) {
        int epoch = request.memberEpoch();
        boolean idNeeded =
                caller.apiVersion() >= FIRST_VERSION_WITH_CLIENT_IDS || epoch > 0 || epoch == MemberProgress.GONE;
        if (idNeeded && isBlank(request.memberId())) {
            return invalid("A member id has to be given: choose a random one and keep it.");
        }
        if (isBlank(request.groupId())) {
            return invalid("The group id must not be empty.");
        }
        if (isBlank(request.instanceId())) {
            return invalid("The instance id must not be empty; leave it out for a dynamic member.");
        }
        if (isBlank(request.rackId())) {
            return invalid("The rack id must not be empty; leave it out if there is none.");
        }
        var refusal = epoch == 0 ? joinRefusal(request) : epochRefusal(request);
        if (refusal != null) {
            return refusal;
        }
        boolean supported =
                request.serverAssignor() == null || config.assignors().containsKey(request.serverAssignor());
        return supported
                ? null
                : new Refusal(
                        ErrorCode.UNSUPPORTED_ASSIGNOR,
                        "There is no assignor '" + request.serverAssignor() + "' here; there are "
                                + String.join(", ", config.assignors().keySet()) + ".");
    }

    private static Refusal joinRefusal(ConsumerGroupHeartbeatRequest request) {
        if (request.rebalanceTimeoutMs() == -1) {
            return invalid("A member that joins has to give its rebalance timeout.");
        }
        if (request.topicPartitions() == null || !request.topicPartitions().isEmpty()) {
            return invalid("A member that joins has to say that it owns no partitions.");
        }
        boolean subscribes = request.subscribedTopicNames() != null || request.subscribedTopicRegex() != null;
        return subscribes ? null : invalid("A member that joins has to give its subscription, even if to nothing.");
    }

    private static Refusal epochRefusal(ConsumerGroupHeartbeatRequest request) {
        if (request.memberEpoch() < MemberProgress.AWAY) {
            return invalid("There is no member epoch " + request.memberEpoch() + ".");
        }
        return request.memberEpoch() == MemberProgress.AWAY && request.instanceId() == null
                ? invalid("Only a member with an instance id can leave for a while.")
                : null;
    }

    /** Null is left out, which is fine. */
    private static boolean isBlank(String text) {
        return text != null && text.trim().isEmpty();
    }

    private static Refusal invalid(String message) {
        return new Refusal(ErrorCode.INVALID_REQUEST, message);
    }
}
