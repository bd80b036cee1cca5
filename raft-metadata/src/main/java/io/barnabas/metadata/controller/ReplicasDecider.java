package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AlterPartitionRequest;
import io.barnabas.protocol.message.AlterPartitionRequest.BrokerState;
import io.barnabas.protocol.message.AlterPartitionResponse;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * In-sync sets as their leaders want them: AlterPartition (API 56, v2–3). A reassignment in progress is not completed here.
 */
final class ReplicasDecider {
    private static final byte RECOVERING = 1;
    private static final long ANY_EPOCH = -1;

    private final EffectiveConfigs configs;

    ReplicasDecider(EffectiveConfigs configs) {
        this.configs = configs;
    }

    Decision<AlterPartitionResponse> alter(MetadataImage image, AlterPartitionRequest request) {
        var response = new AlterPartitionResponse();
        var stale = BrokersDecider.staleness(image, request.brokerId(), request.brokerEpoch());
        if (stale != null) {
            response.errorCode(ErrorCode.STALE_BROKER_EPOCH.code());
            return Decision.refused(response, "AlterPartition was refused: " + stale);
        }
        var records = new ArrayList<ApiMessage>();
        var elections = Elections.among(image, configs);
        for (var asked : request.topics()) {
            var answered = new AlterPartitionResponse.TopicData().topicId(asked.topicId());
            response.topics().add(answered);
            var topic = image.topics().byId(asked.topicId());
            for (var partition : asked.partitions()) {
                answered.partitions().add(alter(image, request.brokerId(), elections, topic, partition, records));
            }
        }
        return Decision.of(records, response);
    }

    private static AlterPartitionResponse.PartitionData alter(
            MetadataImage image,
            int broker,
            Elections elections,
            TopicImage topic,
            AlterPartitionRequest.PartitionData asked,
            List<ApiMessage> records) {
        var answer = new AlterPartitionResponse.PartitionData().partitionIndex(asked.partitionIndex());
        if (topic == null) {
            return answer.errorCode(ErrorCode.UNKNOWN_TOPIC_ID.code());
        }
        var partition = topic.partition(asked.partitionIndex());
        var members = members(asked);
        var error = error(image, broker, partition, asked, members);
        if (error != ErrorCode.NONE) {
            return answer.errorCode(error.code());
        }
        var isr = new ArrayList<Integer>(members.size());
        members.forEach(member -> isr.add(member.brokerId()));
        var change = elections.change(topic, partition, isr, asked.leaderRecoveryState() == RECOVERING);
        if (change != null) {
            records.add(change);
            partition = partition.with(change);
            if (change.leader() != PartitionImage.NO_LEADER_CHANGE && change.leader() != broker) {
                return answer.errorCode(ErrorCode.NEW_LEADER_ELECTED.code());
            }
        }
        return answer.leaderId(partition.leader())
                .leaderEpoch(partition.leaderEpoch())
                .isr(partition.isr())
                .leaderRecoveryState(partition.recovering() ? RECOVERING : 0)
                .partitionEpoch(partition.partitionEpoch());
    }

    private static List<BrokerState> members(AlterPartitionRequest.PartitionData asked) {
        if (!asked.newIsrWithEpochs().isEmpty()) {
            return asked.newIsrWithEpochs();
        }
        var members = new ArrayList<BrokerState>();
        for (int id : asked.newIsr()) {
            members.add(new BrokerState().brokerId(id).brokerEpoch(ANY_EPOCH));
        }
        return members;
    }

    private static ErrorCode error(
            MetadataImage image,
            int broker,
            PartitionImage partition,
            AlterPartitionRequest.PartitionData asked,
            List<BrokerState> members) {
        if (partition == null) {
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (asked.leaderEpoch() > partition.leaderEpoch() || asked.partitionEpoch() > partition.partitionEpoch()) {
            // The leader knows more than this controller, so there must be a newer one.
            return ErrorCode.NOT_CONTROLLER;
        }
        if (asked.leaderEpoch() < partition.leaderEpoch()) {
            return ErrorCode.FENCED_LEADER_EPOCH;
        }
        if (broker != partition.leader()) {
            return ErrorCode.INVALID_REQUEST;
        }
        if (asked.partitionEpoch() < partition.partitionEpoch()) {
            return ErrorCode.INVALID_UPDATE_VERSION;
        }
        boolean willRecover = asked.leaderRecoveryState() == RECOVERING;
        if (!areReplicas(members, partition) || willRecover && (members.size() > 1 || !partition.recovering())) {
            return ErrorCode.INVALID_REQUEST;
        }
        for (var member : members) {
            var registration = image.cluster().broker(member.brokerId());
            if (registration == null
                    || !registration.isActive()
                    || member.brokerEpoch() != ANY_EPOCH && member.brokerEpoch() != registration.epoch()) {
                return ErrorCode.INELIGIBLE_REPLICA;
            }
        }
        return ErrorCode.NONE;
    }

    /** Whether these are different replicas of the partition, its leader among them. */
    private static boolean areReplicas(List<BrokerState> members, PartitionImage partition) {
        var seen = new HashSet<Integer>();
        for (var member : members) {
            if (!partition.replicas().contains(member.brokerId()) || !seen.add(member.brokerId())) {
                return false;
            }
        }
        return seen.contains(partition.leader());
    }
}
