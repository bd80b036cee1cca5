package io.barnabas.broker.handler.data;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.partition.Moves;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.message.AlterReplicaLogDirsRequest;
import io.barnabas.protocol.message.AlterReplicaLogDirsResponse;
import io.barnabas.protocol.message.AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult;
import io.barnabas.protocol.message.AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult;

/**
 * API 34 · AlterReplicaLogDirs · v1–2. Moves this broker's replicas between its log directories (KIP-113); the answer comes when they are
 * on their way. A partition that is named twice goes where it is named last. One that does not exist is refused, and created there if it
 * comes to exist. A cordoned directory (KIP-1066) takes none: INVALID_REPLICA_ASSIGNMENT.
 */
public final class AlterReplicaLogDirsHandler implements Handler<AlterReplicaLogDirsRequest> {
    private final Moves moves;
    private final Cluster cluster;

    public AlterReplicaLogDirsHandler(Moves moves, Cluster cluster) {
        this.moves = moves;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.ALTER_REPLICA_LOG_DIRS;
    }

    @Override
    public CompletionStage<AlterReplicaLogDirsResponse> handle(
            RequestContext context, AlterReplicaLogDirsRequest request) {
        var results = new LinkedHashMap<TopicPartition, CompletableFuture<ErrorCode>>();
        asked(request)
                .forEach((name, path) -> results.put(
                        name,
                        moves.order(name, path)
                                .thenApply(error -> told(name, error))
                                .toCompletableFuture()));
        return CompletableFuture.allOf(results.values().toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    var errors = new LinkedHashMap<TopicPartition, ErrorCode>();
                    results.forEach((name, error) -> errors.put(name, error.join()));
                    return response(errors);
                });
    }

    private static Map<TopicPartition, String> asked(AlterReplicaLogDirsRequest request) {
        var paths = new LinkedHashMap<TopicPartition, String>();
        for (var dir : request.dirs()) {
            for (var topic : dir.topics()) {
                for (int partition : topic.partitions()) {
                    paths.put(new TopicPartition(topic.name(), partition), dir.path());
                }
            }
        }
        return paths;
    }

    private ErrorCode told(TopicPartition name, ErrorCode error) {
        if (error != ErrorCode.NOT_LEADER_OR_FOLLOWER) {
            return error;
        }
        return cluster.contains(name) ? ErrorCode.REPLICA_NOT_AVAILABLE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private static AlterReplicaLogDirsResponse response(Map<TopicPartition, ErrorCode> errors) {
        var topics = new LinkedHashMap<String, AlterReplicaLogDirTopicResult>();
        errors.forEach((name, error) -> topics.computeIfAbsent(
                        name.topic(), topic -> new AlterReplicaLogDirTopicResult().topicName(topic))
                .partitions()
                .add(new AlterReplicaLogDirPartitionResult()
                        .partitionIndex(name.partition())
                        .errorCode(error.code())));
        var response = new AlterReplicaLogDirsResponse();
        response.results().addAll(topics.values());
        return response;
    }

    @Override
    public AlterReplicaLogDirsResponse failure(
            RequestContext context, AlterReplicaLogDirsRequest request, ErrorCode error) {
        var errors = new LinkedHashMap<TopicPartition, ErrorCode>();
        asked(request).keySet().forEach(name -> errors.put(name, error));
        return response(errors);
    }
}
