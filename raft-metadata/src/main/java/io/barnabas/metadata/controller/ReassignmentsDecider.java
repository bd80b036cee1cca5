package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequest;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequest.ReassignablePartition;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse.ReassignablePartitionResponse;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse.ReassignableTopicResponse;
import io.barnabas.protocol.metadata.PartitionChangeRecord;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * Replicas as administrators want them: AlterPartitionReassignments (API 45, v0–1). With one broker there is one place for a replica, so
 * that nothing ever moves; a reassignment that adopted metadata brought along can be cancelled.
 */
final class ReassignmentsDecider {
    private static final Refusal DONE = new Refusal(ErrorCode.NONE, null);

    private final EffectiveConfigs configs;

    ReassignmentsDecider(EffectiveConfigs configs) {
        this.configs = configs;
    }

    Decision<AlterPartitionReassignmentsResponse> alter(
            MetadataImage image, AlterPartitionReassignmentsRequest request) {
        if (request.topics().isEmpty()) {
            return Decision.nothing(new AlterPartitionReassignmentsResponse());
        }
        var response = new AlterPartitionReassignmentsResponse()
                .errorMessage(null)
                .allowReplicationFactorChange(request.allowReplicationFactorChange());
        var records = new ArrayList<ApiMessage>();
        for (var asked : request.topics()) {
            var answered = new ReassignableTopicResponse().name(asked.name());
            response.responses().add(answered);
            for (var partition : asked.partitions()) {
                var outcome = alter(image, asked.name(), partition, request.allowReplicationFactorChange(), records);
                answered.partitions()
                        .add(new ReassignablePartitionResponse()
                                .partitionIndex(partition.partitionIndex())
                                .errorCode(outcome.error().code())
                                .errorMessage(outcome.message()));
            }
        }
        return Decision.of(records, response);
    }

    private Refusal alter(
            MetadataImage image,
            String name,
            ReassignablePartition asked,
            boolean otherFactor,
            List<ApiMessage> records) {
        var topic = image.topics().byName(name);
        if (topic == null) {
            return unknown("Unable to find a topic named " + name + ".");
        }
        var partition = topic.partition(asked.partitionIndex());
        if (partition == null) {
            return unknown("Unable to find partition " + name + ":" + asked.partitionIndex() + ".");
        }
        if (asked.replicas() == null) {
            return cancel(image, topic, partition, records);
        }
        var invalid = Assignments.refusal(image.cluster(), asked.replicas(), -1);
        if (invalid != null) {
            return Refusal.invalidAssignment(invalid);
        }
        if (!otherFactor && asked.replicas().size() != partition.replicas().size()) {
            return new Refusal(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "The replication factor is changed from "
                            + partition.replicas().size() + " to "
                            + asked.replicas().size());
        }
        return asked.replicas().equals(partition.replicas()) && !partition.isReassigning()
                ? DONE
                : Refusal.invalidAssignment("This version does not move replicas from one broker to another.");
    }

    private static Refusal unknown(String message) {
        return new Refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message);
    }

    private Refusal cancel(MetadataImage image, TopicImage topic, PartitionImage partition, List<ApiMessage> records) {
        if (!partition.isReassigning()) {
            return new Refusal(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, null);
        }
        var replicas = new ArrayList<>(partition.replicas());
        replicas.removeAll(partition.addingReplicas());
        var isr = new ArrayList<>(partition.isr());
        isr.removeAll(partition.addingReplicas());
        if (replicas.isEmpty() || isr.isEmpty()) {
            return Refusal.invalidAssignment(
                    "The reassignment cannot be cancelled: no replica from before it is in sync.");
        }
        var directories = new ArrayList<Uuid>();
        replicas.forEach(replica -> directories.add(partition.directoryOf(replica)));
        var change = new PartitionChangeRecord()
                .topicId(topic.id())
                .partitionId(partition.partition())
                .replicas(replicas)
                .directories(directories)
                .isr(isr)
                .addingReplicas(List.of())
                .removingReplicas(List.of());
        records.add(change);
        var elected =
                Elections.among(image, configs).change(topic, partition.with(change), isr, partition.recovering());
        if (elected != null) {
            records.add(elected);
        }
        return DONE;
    }
}
