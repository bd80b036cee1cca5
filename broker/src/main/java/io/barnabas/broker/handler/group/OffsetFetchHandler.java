package io.barnabas.broker.handler.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.OffsetFetchRequest;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestTopics;
import io.barnabas.protocol.message.OffsetFetchResponse;
import io.barnabas.protocol.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import io.barnabas.protocol.message.OffsetFetchResponse.OffsetFetchResponsePartition;
import io.barnabas.protocol.message.OffsetFetchResponse.OffsetFetchResponsePartitions;
import io.barnabas.protocol.message.OffsetFetchResponse.OffsetFetchResponseTopic;
import io.barnabas.protocol.message.OffsetFetchResponse.OffsetFetchResponseTopics;

/**
 * API 9 · OffsetFetch · v1–10.
 *
 * <p>v2: null topics ask for all, and there is an error for the whole group; v7: requireStable (KIP-447); v8: many groups
 * (KIP-709); v10: topics by id (KIP-848). Inside, all is in the form of v8.
 */
final class OffsetFetchHandler implements Handler<OffsetFetchRequest> {
    private static final short FIRST_GROUP_ERROR_VERSION = 2;
    private static final short FIRST_EPOCH_VERSION = 5;
    private static final short FIRST_BATCH_VERSION = 8;
    private static final short FIRST_TOPIC_ID_VERSION = 10;
    private static final long NO_OFFSET = -1;

    private final GroupCoordinator coordinator;
    private final Cluster cluster;

    OffsetFetchHandler(GroupCoordinator coordinator, Cluster cluster) {
        this.coordinator = coordinator;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.OFFSET_FETCH;
    }

    @Override
    public CompletionStage<OffsetFetchResponse> handle(RequestContext context, OffsetFetchRequest request) {
        var answers = new ArrayList<CompletableFuture<OffsetFetchResponseGroup>>();
        // All offsets of a group that is named many times are looked up once.
        var all = new HashMap<OffsetFetchRequestGroup, CompletableFuture<OffsetFetchResponseGroup>>();
        for (var group : groups(context, request)) {
            answers.add(
                    group.topics() == null
                            ? all.computeIfAbsent(group, each -> fetch(context, each, request.requireStable()))
                            : fetch(context, group, request.requireStable()));
        }
        return GroupHandlers.inOrder(answers).thenApply(groups -> response(context, groups));
    }

    private static List<OffsetFetchRequestGroup> groups(RequestContext context, OffsetFetchRequest request) {
        if (context.apiVersion() >= FIRST_BATCH_VERSION) {
            return request.groups();
        }
        var group = new OffsetFetchRequestGroup().groupId(request.groupId());
        if (request.topics() == null) {
            return List.of(group.topics(null));
        }
        for (var topic : request.topics()) {
            group.topics()
                    .add(new OffsetFetchRequestTopics().name(topic.name()).partitionIndexes(topic.partitionIndexes()));
        }
        return List.of(group);
    }

    private CompletableFuture<OffsetFetchResponseGroup> fetch(
            RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
        boolean byId = context.apiVersion() >= FIRST_TOPIC_ID_VERSION;
        var unknown = new ArrayList<OffsetFetchResponseTopics>();
        var known = byId && group.topics() != null ? named(group, unknown) : group;
        return coordinator
                .read(
                        group.groupId(),
                        shard -> shard.fetchOffsets(known, requireStable),
                        error -> failed(context, group, error))
                .thenApply(found -> {
                    if (found.errorCode() == ErrorCode.NONE.code()) {
                        found.topics().addAll(unknown);
                        if (byId && group.topics() == null) {
                            identify(found);
                        }
                    }
                    return found;
                });
    }

    private OffsetFetchRequestGroup named(OffsetFetchRequestGroup group, List<OffsetFetchResponseTopics> unknown) {
        var known = new OffsetFetchRequestGroup()
                .groupId(group.groupId())
                .memberId(group.memberId())
                .memberEpoch(group.memberEpoch());
        for (var topic : group.topics()) {
            String name = cluster.topicName(topic.topicId());
            if (name == null) {
                unknown.add(failed(topic, ErrorCode.UNKNOWN_TOPIC_ID, null));
            } else {
                known.topics().add(topic.name(name));
            }
        }
        return known;
    }

    /** Topics that are gone have no id any more, so they are left out. */
    private void identify(OffsetFetchResponseGroup found) {
        found.topics()
                .removeIf(topic ->
                        topic.topicId(cluster.topicId(topic.name())).topicId().equals(Uuid.ZERO));
    }

    private static OffsetFetchResponseGroup failed(
            RequestContext context, OffsetFetchRequestGroup group, ErrorCode error) {
        // Old clients do not try again on COORDINATOR_NOT_AVAILABLE here.
        var told = error == ErrorCode.COORDINATOR_NOT_AVAILABLE ? ErrorCode.NOT_COORDINATOR : error;
        var failed = new OffsetFetchResponseGroup().groupId(group.groupId());
        if (context.apiVersion() >= FIRST_GROUP_ERROR_VERSION) {
            return failed.errorCode(told.code());
        }
        for (var topic : group.topics()) {
            failed.topics().add(failed(topic, told, ""));
        }
        return failed;
    }

    private static OffsetFetchResponseTopics failed(OffsetFetchRequestTopics topic, ErrorCode error, String metadata) {
        var failed = new OffsetFetchResponseTopics().name(topic.name()).topicId(topic.topicId());
        for (int partition : topic.partitionIndexes()) {
            var answer = new OffsetFetchResponsePartitions()
                    .partitionIndex(partition)
                    .committedOffset(NO_OFFSET)
                    .errorCode(error.code());
            failed.partitions().add(metadata == null ? answer : answer.metadata(metadata));
        }
        return failed;
    }

    private static OffsetFetchResponse response(RequestContext context, List<OffsetFetchResponseGroup> groups) {
        var response = new OffsetFetchResponse();
        if (context.apiVersion() >= FIRST_BATCH_VERSION) {
            return response.groups(groups);
        }
        var group = groups.get(0);
        response.errorCode(group.errorCode());
        for (var topic : group.topics()) {
            var old = new OffsetFetchResponseTopic().name(topic.name());
            for (var partition : topic.partitions()) {
                var answer = new OffsetFetchResponsePartition()
                        .partitionIndex(partition.partitionIndex())
                        .committedOffset(partition.committedOffset())
                        .metadata(partition.metadata())
                        .errorCode(partition.errorCode());
                old.partitions()
                        .add(
                                context.apiVersion() >= FIRST_EPOCH_VERSION
                                        ? answer.committedLeaderEpoch(partition.committedLeaderEpoch())
                                        : answer);
            }
            response.topics().add(old);
        }
        return response;
    }

    @Override
    public OffsetFetchResponse failure(RequestContext context, OffsetFetchRequest request, ErrorCode error) {
        var failed = new ArrayList<OffsetFetchResponseGroup>();
        for (var group : groups(context, request)) {
            failed.add(failed(context, group, error));
        }
        return response(context, failed);
    }
}
