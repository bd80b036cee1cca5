package io.barnabas.broker.handler.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.partition.Partition;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.message.DeleteRecordsRequest;
import io.barnabas.protocol.message.DeleteRecordsResponse;
import io.barnabas.protocol.message.DeleteRecordsResponse.DeleteRecordsPartitionResult;
import io.barnabas.protocol.message.DeleteRecordsResponse.DeleteRecordsTopicResult;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * API 21 · DeleteRecords · v0–2. Moves the start of partitions up to an offset (KIP-107). A partition asked for twice is done once,
 * with the last offset. The leader is the only replica, so its log start is the low watermark, and the timeout has nothing to
 * wait for.
 */
public final class DeleteRecordsHandler implements Handler<DeleteRecordsRequest> {
    private static final long NO_WATERMARK = -1;

    private final Partitions partitions;
    private final Cluster cluster;

    public DeleteRecordsHandler(Partitions partitions, Cluster cluster) {
        this.partitions = partitions;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DELETE_RECORDS;
    }

    @Override
    public CompletionStage<DeleteRecordsResponse> handle(RequestContext context, DeleteRecordsRequest request) {
        var results = new LinkedHashMap<TopicPartition, CompletableFuture<DeleteRecordsPartitionResult>>();
        asked(request).forEach((name, offset) -> results.put(name, delete(name, offset)));
        return CompletableFuture.allOf(results.values().toArray(CompletableFuture[]::new))
                .thenApply(done -> response(results));
    }

    private static Map<TopicPartition, Long> asked(DeleteRecordsRequest request) {
        var offsets = new LinkedHashMap<TopicPartition, Long>();
        for (var topic : request.topics()) {
            for (var partition : topic.partitions()) {
                offsets.put(new TopicPartition(topic.name(), partition.partitionIndex()), partition.offset());
            }
        }
        return offsets;
    }

    private CompletableFuture<DeleteRecordsPartitionResult> delete(TopicPartition name, long offset) {
        if (!cluster.contains(name)) {
            return failed(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        if (cluster.isInternal(name.topic())) {
            return failed(name, ErrorCode.INVALID_TOPIC_EXCEPTION);
        }
        Partition partition = partitions.find(name);
        if (partition == null && partitions.isOffline(name)) {
            return failed(name, ErrorCode.KAFKA_STORAGE_ERROR);
        }
        if (partition == null) {
            return failed(name, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        var result = new CompletableFuture<DeleteRecordsPartitionResult>();
        partition.worker().execute(() -> {
            try {
                var error = partition.deleteRecords(offset);
                long lowWatermark =
                        error == ErrorCode.NONE ? partition.log().view().logStartOffset() : NO_WATERMARK;
                result.complete(result(name, error, lowWatermark));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private static CompletableFuture<DeleteRecordsPartitionResult> failed(TopicPartition name, ErrorCode error) {
        return CompletableFuture.completedFuture(result(name, error, NO_WATERMARK));
    }

    private static DeleteRecordsPartitionResult result(TopicPartition name, ErrorCode error, long lowWatermark) {
        return new DeleteRecordsPartitionResult()
                .partitionIndex(name.partition())
                .lowWatermark(lowWatermark)
                .errorCode(error.code());
    }

    private static DeleteRecordsResponse response(
            Map<TopicPartition, CompletableFuture<DeleteRecordsPartitionResult>> results) {
        var topics = new LinkedHashMap<String, DeleteRecordsTopicResult>();
        results.forEach((name, result) -> topics.computeIfAbsent(
                        name.topic(), topic -> new DeleteRecordsTopicResult().name(topic))
                .partitions()
                .add(result.join()));
        var response = new DeleteRecordsResponse();
        response.topics().addAll(new ArrayList<>(topics.values()));
        return response;
    }

    @Override
    public ApiMessage failure(RequestContext context, DeleteRecordsRequest request, ErrorCode error) {
        var results = new LinkedHashMap<TopicPartition, CompletableFuture<DeleteRecordsPartitionResult>>();
        asked(request).keySet().forEach(name -> results.put(name, failed(name, error)));
        return response(results);
    }
}
