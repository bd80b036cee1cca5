package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.metadata.image.DirectoryIds;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AssignReplicasToDirsRequest;
import io.barnabas.protocol.message.AssignReplicasToDirsResponse;
import io.barnabas.protocol.metadata.PartitionChangeRecord;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * In which log directory a broker has its replicas, as it says itself: AssignReplicasToDirs (API 73, v0, KIP-858). A partition without a
 * leader gets one if its replica turns out to be in a directory that works.
 */
final class DirectoriesDecider {
    private final EffectiveConfigs configs;

    DirectoriesDecider(EffectiveConfigs configs) {
        this.configs = configs;
    }

    Decision<AssignReplicasToDirsResponse> assign(MetadataImage image, AssignReplicasToDirsRequest request) {
        var response = new AssignReplicasToDirsResponse();
        var stale = BrokersDecider.staleness(image, request.brokerId(), request.brokerEpoch());
        if (stale != null) {
            response.errorCode(ErrorCode.STALE_BROKER_EPOCH.code());
            return Decision.refused(response, "AssignReplicasToDirs was refused: " + stale);
        }
        var records = new ArrayList<ApiMessage>();
        var elections = Elections.among(image, configs);
        for (var directory : request.directories()) {
            var answered = new AssignReplicasToDirsResponse.DirectoryData().id(directory.id());
            response.directories().add(answered);
            for (var asked : directory.topics()) {
                var topic = image.topics().byId(asked.topicId());
                var topicAnswer = new AssignReplicasToDirsResponse.TopicData().topicId(asked.topicId());
                answered.topics().add(topicAnswer);
                for (var partition : asked.partitions()) {
                    var error = assign(
                            topic, partition.partitionIndex(), request.brokerId(), directory.id(), elections, records);
                    topicAnswer
                            .partitions()
                            .add(new AssignReplicasToDirsResponse.PartitionData()
                                    .partitionIndex(partition.partitionIndex())
                                    .errorCode(error.code()));
                }
            }
        }
        return Decision.of(records, response);
    }

    private static ErrorCode assign(
            TopicImage topic, int index, int broker, Uuid directory, Elections elections, List<ApiMessage> records) {
        if (topic == null) {
            return ErrorCode.UNKNOWN_TOPIC_ID;
        }
        var partition = topic.partition(index);
        if (partition == null) {
            return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
        }
        int at = partition.replicas().indexOf(broker);
        if (at < 0) {
            return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        }
        if (DirectoryIds.isReserved(directory)) {
            return ErrorCode.INVALID_REQUEST;
        }
        if (!partition.directories().get(at).equals(directory)) {
            var directories = new ArrayList<>(partition.directories());
            directories.set(at, directory);
            var change = new PartitionChangeRecord()
                    .topicId(topic.id())
                    .partitionId(index)
                    .directories(directories);
            records.add(change);
            elect(topic, partition.with(change), elections, records);
        }
        return ErrorCode.NONE;
    }

    private static void elect(
            TopicImage topic, PartitionImage partition, Elections elections, List<ApiMessage> records) {
        if (partition.leader() == PartitionImage.NO_LEADER) {
            var change = elections.change(topic, partition, partition.isr(), partition.recovering());
            if (change != null) {
                records.add(change);
            }
        }
    }
}
