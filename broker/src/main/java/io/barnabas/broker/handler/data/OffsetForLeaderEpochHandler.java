package io.barnabas.broker.handler.data;

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
import io.barnabas.protocol.message.OffsetForLeaderEpochRequest;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequest.OffsetForLeaderPartition;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponse;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponse.EpochEndOffset;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult;
import io.barnabas.protocol.wire.ApiMessage;

/** API 23 · OffsetForLeaderEpoch · v2–4. Where an epoch ended, so that a client finds out what was truncated (KIP-320). */
public final class OffsetForLeaderEpochHandler implements Handler<OffsetForLeaderEpochRequest> {
    private final Partitions partitions;
    private final Cluster cluster;

    public OffsetForLeaderEpochHandler(Partitions partitions, Cluster cluster) {
        this.partitions = partitions;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.OFFSET_FOR_LEADER_EPOCH;
    }

    @Override
    public CompletionStage<OffsetForLeaderEpochResponse> handle(
            RequestContext context, OffsetForLeaderEpochRequest request) {
        var response = new OffsetForLeaderEpochResponse();
        for (var topic : request.topics()) {
            var result = new OffsetForLeaderTopicResult().topic(topic.topic());
            for (var partition : topic.partitions()) {
                result.partitions().add(find(new TopicPartition(topic.topic(), partition.partition()), partition));
            }
            response.topics().add(result);
        }
        return CompletableFuture.completedFuture(response);
    }

    private EpochEndOffset find(TopicPartition name, OffsetForLeaderPartition asked) {
        var answer = failed(asked, ErrorCode.NONE);
        Partition partition = partitions.find(name);
        if (partitions.isOffline(name)) {
            return failed(asked, ErrorCode.KAFKA_STORAGE_ERROR);
        }
        if (partition == null) {
            boolean elsewhere = cluster.contains(name);
            return failed(asked, elsewhere ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        var leadership = partition.leadership();
        ErrorCode check = leadership.check(asked.currentLeaderEpoch());
        if (check != ErrorCode.NONE) {
            return failed(asked, check);
        }
        if (!leadership.local()) {
            return failed(asked, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        var end = partition.log().endOffsetForEpoch(asked.leaderEpoch());
        return answer.leaderEpoch(end.epoch()).endOffset(end.endOffset());
    }

    private static EpochEndOffset failed(OffsetForLeaderPartition asked, ErrorCode error) {
        return new EpochEndOffset()
                .partition(asked.partition())
                .errorCode(error.code())
                .leaderEpoch(-1)
                .endOffset(-1);
    }

    @Override
    public ApiMessage failure(RequestContext context, OffsetForLeaderEpochRequest request, ErrorCode error) {
        var response = new OffsetForLeaderEpochResponse();
        for (var topic : request.topics()) {
            var result = new OffsetForLeaderTopicResult().topic(topic.topic());
            topic.partitions().forEach(partition -> result.partitions().add(failed(partition, error)));
            response.topics().add(result);
        }
        return response;
    }
}
