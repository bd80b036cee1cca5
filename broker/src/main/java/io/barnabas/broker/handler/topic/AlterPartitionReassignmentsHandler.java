package io.barnabas.broker.handler.topic;

import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.ControllerLink;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequest;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse.ReassignablePartitionResponse;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse.ReassignableTopicResponse;

/**
 * API 45 · AlterPartitionReassignments · v0–1. Which brokers have the replicas (KIP-455); of one broker, all are there already.
 * kafka-reassign-partitions asks this before it moves replicas between log directories.
 */
public final class AlterPartitionReassignmentsHandler implements Handler<AlterPartitionReassignmentsRequest> {
    private final ControllerLink controller;

    public AlterPartitionReassignmentsHandler(ControllerLink controller) {
        this.controller = controller;
    }

    @Override
    public ApiKey api() {
        return ApiKey.ALTER_PARTITION_REASSIGNMENTS;
    }

    @Override
    public CompletionStage<AlterPartitionReassignmentsResponse> handle(
            RequestContext context, AlterPartitionReassignmentsRequest request) {
        return controller.alterPartitionReassignments(request);
    }

    @Override
    public AlterPartitionReassignmentsResponse failure(
            RequestContext context, AlterPartitionReassignmentsRequest request, ErrorCode error) {
        var response = new AlterPartitionReassignmentsResponse().errorMessage(null);
        for (var topic : request.topics()) {
            var failed = new ReassignableTopicResponse().name(topic.name());
            response.responses().add(failed);
            for (var partition : topic.partitions()) {
                failed.partitions()
                        .add(new ReassignablePartitionResponse()
                                .partitionIndex(partition.partitionIndex())
                                .errorCode(error.code())
                                .errorMessage(error.message()));
            }
        }
        return response;
    }
}
