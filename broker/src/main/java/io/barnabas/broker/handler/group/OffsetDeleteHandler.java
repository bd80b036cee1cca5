package io.barnabas.broker.handler.group;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.message.OffsetDeleteRequest;
import io.barnabas.protocol.message.OffsetDeleteRequest.OffsetDeleteRequestTopic;
import io.barnabas.protocol.message.OffsetDeleteResponse;
import io.barnabas.protocol.message.OffsetDeleteResponse.OffsetDeleteResponsePartition;
import io.barnabas.protocol.message.OffsetDeleteResponse.OffsetDeleteResponseTopic;

/** API 47 · OffsetDelete · v0 (KIP-496). A consumer group with members keeps the offsets of the topics it subscribes to. */
final class OffsetDeleteHandler implements Handler<OffsetDeleteRequest> {
    private final GroupCoordinator coordinator;
    private final Cluster cluster;

    OffsetDeleteHandler(GroupCoordinator coordinator, Cluster cluster) {
        this.coordinator = coordinator;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.OFFSET_DELETE;
    }

    @Override
    public CompletionStage<OffsetDeleteResponse> handle(RequestContext context, OffsetDeleteRequest request) {
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(failure(context, request, ErrorCode.INVALID_GROUP_ID));
        }
        Map<String, OffsetDeleteResponseTopic> refused = new LinkedHashMap<>();
        var valid = new OffsetDeleteRequest().groupId(request.groupId());
        for (var topic : request.topics()) {
            var known = new OffsetDeleteRequestTopic().name(topic.name());
            for (var partition : topic.partitions()) {
                if (cluster.contains(new TopicPartition(topic.name(), partition.partitionIndex()))) {
                    known.partitions().add(partition);
                } else {
                    refused.computeIfAbsent(topic.name(), name -> new OffsetDeleteResponseTopic().name(name))
                            .partitions()
                            .add(new OffsetDeleteResponsePartition()
                                    .partitionIndex(partition.partitionIndex())
                                    .errorCode(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code()));
                }
            }
            if (!known.partitions().isEmpty()) {
                valid.topics().add(known);
            }
        }
        return coordinator
                .ask(
                        request.groupId(),
                        (shard, now, pending) -> shard.deleteOffsets(now, valid, pending),
                        error -> failure(context, request, error))
                .thenApply(response -> joined(refused, response));
    }

    private static OffsetDeleteResponse joined(
            Map<String, OffsetDeleteResponseTopic> refused, OffsetDeleteResponse response) {
        if (response.errorCode() != ErrorCode.NONE.code() || refused.isEmpty()) {
            return response;
        }
        for (var topic : response.topics()) {
            refused.merge(topic.name(), topic, (before, more) -> {
                before.partitions().addAll(more.partitions());
                return before;
            });
        }
        var joined = new OffsetDeleteResponse();
        joined.topics().addAll(refused.values());
        return joined;
    }

    @Override
    public OffsetDeleteResponse failure(RequestContext context, OffsetDeleteRequest request, ErrorCode error) {
        return new OffsetDeleteResponse().errorCode(error.code());
    }
}
