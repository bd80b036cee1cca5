package io.barnabas.broker.handler.topic;

import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.AuthorizedOperations;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.DescribeTopicPartitionsRequest;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponse;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponse.Cursor;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic;

/**
 * API 75 · DescribeTopicPartitions · v0 (KIP-966). Topics in the order of their names, from the cursor on, at most as many
 * partitions as the client and {@code max.request.partition.size.limit} allow; the rest is where the next cursor points.
 */
public final class DescribeTopicPartitionsHandler implements Handler<DescribeTopicPartitionsRequest> {
    private static final short NEWEST_METADATA = 13;

    private final Cluster cluster;
    private final int maxPartitions;

    /** @param maxPartitions {@code max.request.partition.size.limit} */
    public DescribeTopicPartitionsHandler(Cluster cluster, int maxPartitions) {
        this.cluster = cluster;
        this.maxPartitions = maxPartitions;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DESCRIBE_TOPIC_PARTITIONS;
    }

    @Override
    public CompletionStage<DescribeTopicPartitionsResponse> handle(
            RequestContext context, DescribeTopicPartitionsRequest request) {
        boolean all = request.topics().isEmpty();
        var cursor = request.cursor();
        var names = new TreeSet<String>();
        if (all) {
            cluster.image().topics().all().forEach(topic -> names.add(topic.name()));
        } else {
            request.topics().forEach(topic -> names.add(topic.name()));
            if (cursor != null && !names.contains(cursor.topicName())) {
                return CompletableFuture.completedFuture(failure(context, request, ErrorCode.INVALID_REQUEST));
            }
        }
        if (cursor != null && cursor.partitionIndex() < 0) {
            return CompletableFuture.completedFuture(failure(context, request, ErrorCode.INVALID_REQUEST));
        }
        var response = new DescribeTopicPartitionsResponse();
        var description = new TopicDescription(cluster, context.listenerName(), NEWEST_METADATA);
        int left = Math.max(1, Math.min(maxPartitions, request.responsePartitionLimit()));
        for (String name : cursor == null ? names : names.tailSet(cursor.topicName())) {
            if (left == 0) {
                response.nextCursor(new Cursor().topicName(name).partitionIndex(0));
                break;
            }
            int first = cursor != null && cursor.topicName().equals(name) ? cursor.partitionIndex() : 0;
            var described = describe(description, name, first, left, response);
            if (described.errorCode() == ErrorCode.NONE.code() || !all) {
                response.topics().add(described);
            }
            if (response.nextCursor() != null) {
                break;
            }
            left -= described.partitions().size();
        }
        return CompletableFuture.completedFuture(response);
    }

    private DescribeTopicPartitionsResponseTopic describe(
            TopicDescription description, String name, int first, int most, DescribeTopicPartitionsResponse response) {
        var described = new DescribeTopicPartitionsResponseTopic()
                .name(name)
                .isInternal(cluster.isInternal(name))
                .topicAuthorizedOperations(AuthorizedOperations.TOPIC);
        var topic = cluster.image().topics().byName(name);
        if (topic == null) {
            return described
                    .topicId(Uuid.ZERO)
                    .errorCode(TopicNames.errorOfUnknown(name).code());
        }
        described.topicId(topic.id());
        int count = topic.partitionCount();
        int end = (int) Math.min(count, (long) first + most);
        for (int i = first; i < end; i++) {
            described.partitions().add(description.detailed(topic.name(), topic.partition(i)));
        }
        if (end < count) {
            response.nextCursor(new Cursor().topicName(name).partitionIndex(end));
        }
        return described;
    }

    @Override
    public DescribeTopicPartitionsResponse failure(
            RequestContext context, DescribeTopicPartitionsRequest request, ErrorCode error) {
        var response = new DescribeTopicPartitionsResponse();
        for (var topic : request.topics()) {
            response.topics()
                    .add(new DescribeTopicPartitionsResponseTopic()
                            .name(topic.name())
                            .errorCode(error.code()));
        }
        return response;
    }
}
