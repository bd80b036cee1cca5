package io.barnabas.broker.handler.topic;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ListPartitionReassignmentsRequest;
import io.barnabas.protocol.message.ListPartitionReassignmentsResponse;
import io.barnabas.protocol.message.ListPartitionReassignmentsResponse.OngoingPartitionReassignment;
import io.barnabas.protocol.message.ListPartitionReassignmentsResponse.OngoingTopicReassignment;

/** API 46 · ListPartitionReassignments · v0. Partitions whose replicas are about to change; those that do not exist are passed over. */
public final class ListPartitionReassignmentsHandler implements Handler<ListPartitionReassignmentsRequest> {
    private final Cluster cluster;

    public ListPartitionReassignmentsHandler(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.LIST_PARTITION_REASSIGNMENTS;
    }

    @Override
    public CompletionStage<ListPartitionReassignmentsResponse> handle(
            RequestContext context, ListPartitionReassignmentsRequest request) {
        var topics = cluster.image().topics();
        var response = new ListPartitionReassignmentsResponse().errorMessage(null);
        if (request.topics() == null) {
            for (TopicImage topic : topics.all()) {
                add(response, topic, topic.partitions().stream());
            }
        } else {
            for (var asked : request.topics()) {
                var topic = topics.byName(asked.name());
                if (topic != null) {
                    add(response, topic, asked.partitionIndexes().stream().map(topic::partition));
                }
            }
        }
        return CompletableFuture.completedFuture(response);
    }

    private static void add(
            ListPartitionReassignmentsResponse response, TopicImage topic, Stream<PartitionImage> partitions) {
        List<OngoingPartitionReassignment> ongoing = partitions
                .filter(Objects::nonNull)
                .filter(PartitionImage::isReassigning)
                .map(partition -> new OngoingPartitionReassignment()
                        .partitionIndex(partition.partition())
                        .replicas(partition.replicas())
                        .addingReplicas(partition.addingReplicas())
                        .removingReplicas(partition.removingReplicas()))
                .toList();
        if (!ongoing.isEmpty()) {
            response.topics()
                    .add(new OngoingTopicReassignment().name(topic.name()).partitions(ongoing));
        }
    }

    @Override
    public ListPartitionReassignmentsResponse failure(
            RequestContext context, ListPartitionReassignmentsRequest request, ErrorCode error) {
        return new ListPartitionReassignmentsResponse().errorCode(error.code()).errorMessage(error.message());
    }
}
