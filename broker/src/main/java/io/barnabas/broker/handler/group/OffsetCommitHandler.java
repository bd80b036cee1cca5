package io.barnabas.broker.handler.group;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.coordinator.group.GroupShard;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.OffsetCommitRequest;
import io.barnabas.protocol.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.barnabas.protocol.message.OffsetCommitResponse;
import io.barnabas.protocol.message.OffsetCommitResponse.OffsetCommitResponsePartition;
import io.barnabas.protocol.message.OffsetCommitResponse.OffsetCommitResponseTopic;

/**
 * API 8 · OffsetCommit · v2–10.
 *
 * <p>v5: no retention any more; v6: leader epochs; v7: static members; v9: member epochs of the new protocol, GROUP_ID_NOT_FOUND;
 * v10: topics by id (KIP-848). An empty group id is allowed, as ever.
 */
final class OffsetCommitHandler implements Handler<OffsetCommitRequest> {
    private static final short FIRST_TOPIC_ID_VERSION = 10;

    private final GroupCoordinator coordinator;
    private final Cluster cluster;

    OffsetCommitHandler(GroupCoordinator coordinator, Cluster cluster) {
        this.coordinator = coordinator;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.OFFSET_COMMIT;
    }

    @Override
    public CompletionStage<OffsetCommitResponse> handle(RequestContext context, OffsetCommitRequest request) {
        var refused = new Answers(context.apiVersion() >= FIRST_TOPIC_ID_VERSION);
        var accepted = new ArrayList<OffsetCommitRequestTopic>();
        for (var topic : request.topics()) {
            resolve(context, topic, refused, accepted);
        }
        if (accepted.isEmpty()) {
            return CompletableFuture.completedFuture(refused.response);
        }
        var caller = GroupHandlers.caller(context);
        var valid = new OffsetCommitRequest()
                .groupId(request.groupId())
                .memberId(request.memberId())
                .generationIdOrMemberEpoch(request.generationIdOrMemberEpoch())
                .retentionTimeMs(request.retentionTimeMs())
                .groupInstanceId(request.groupInstanceId())
                .topics(accepted);
        return coordinator
                .ask(
                        request.groupId(),
                        (shard, now, pending) -> shard.commitOffsets(now, caller, valid, pending),
                        error -> GroupShard.refused(valid, error))
                .thenApply(refused::with);
    }

    /** Finds name and id of a topic, and which of its partitions exist. */
    private void resolve(
            RequestContext context,
            OffsetCommitRequestTopic topic,
            Answers refused,
            List<OffsetCommitRequestTopic> accepted) {
        if (context.apiVersion() >= FIRST_TOPIC_ID_VERSION) {
            String name = cluster.topicName(topic.topicId());
            if (name == null) {
                refused.addAll(topic, ErrorCode.UNKNOWN_TOPIC_ID);
                return;
            }
            topic.name(name);
        } else {
            topic.topicId(cluster.topicId(topic.name()));
            if (topic.topicId().equals(Uuid.ZERO)) {
                refused.addAll(topic, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
                return;
            }
        }
        var valid = new OffsetCommitRequestTopic().name(topic.name()).topicId(topic.topicId());
        for (var partition : topic.partitions()) {
            if (cluster.contains(new TopicPartition(topic.name(), partition.partitionIndex()))) {
                valid.partitions().add(partition);
            } else {
                refused.add(topic, partition.partitionIndex(), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
            }
        }
        if (!valid.partitions().isEmpty()) {
            accepted.add(valid);
        }
    }

    @Override
    public OffsetCommitResponse failure(RequestContext context, OffsetCommitRequest request, ErrorCode error) {
        return GroupShard.refused(request, error);
    }

    /** The response, one entry for each topic. */
    private static final class Answers {
        private final OffsetCommitResponse response = new OffsetCommitResponse();
        private final Map<Object, OffsetCommitResponseTopic> topics = new LinkedHashMap<>();
        private final boolean byId;

        private Answers(boolean byId) {
            this.byId = byId;
        }

        private OffsetCommitResponseTopic topic(String name, Uuid id) {
            return topics.computeIfAbsent(byId ? id : name, key -> {
                var topic = new OffsetCommitResponseTopic().name(name).topicId(id);
                response.topics().add(topic);
                return topic;
            });
        }

        private void add(OffsetCommitRequestTopic topic, int partition, ErrorCode error) {
            topic(topic.name(), topic.topicId())
                    .partitions()
                    .add(new OffsetCommitResponsePartition()
                            .partitionIndex(partition)
                            .errorCode(error.code()));
        }

        private void addAll(OffsetCommitRequestTopic topic, ErrorCode error) {
            for (var partition : topic.partitions()) {
                add(topic, partition.partitionIndex(), error);
            }
        }

        private OffsetCommitResponse with(OffsetCommitResponse more) {
            if (response.topics().isEmpty()) {
                return more;
            }
            for (var topic : more.topics()) {
                topic(topic.name(), topic.topicId()).partitions().addAll(topic.partitions());
            }
            return response;
        }
    }
}
