package io.barnabas.broker.handler.topic;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.AutoTopics;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.AuthorizedOperations;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.MetadataRequest;
import io.barnabas.protocol.message.MetadataRequest.MetadataRequestTopic;
import io.barnabas.protocol.message.MetadataResponse;
import io.barnabas.protocol.message.MetadataResponse.MetadataResponseBroker;
import io.barnabas.protocol.message.MetadataResponse.MetadataResponseTopic;

/**
 * API 3 · Metadata · v0–13.
 *
 * <ul>
 *   <li>topics null means all; in v0 an empty list does too
 *   <li>v0: replicas that are not alive are left out and make the partition REPLICA_NOT_AVAILABLE
 *   <li>v0–5: a leader without the listener is LEADER_NOT_AVAILABLE, from v6 LISTENER_NOT_FOUND
 *   <li>v4: the client says whether missing topics may be created; they are answered UNKNOWN_TOPIC_OR_PARTITION meanwhile
 *   <li>v8–10: authorized operations of the cluster; from v8 of topics
 *   <li>v12: topics by id
 * </ul>
 *
 * Endpoints are those of the listener the request came in on.
 */
public final class MetadataHandler implements Handler<MetadataRequest> {
    private static final short FIRST_TOPIC_ID_VERSION = 12;

    private final Cluster cluster;
    private final AutoTopics autoTopics;

    public MetadataHandler(Cluster cluster, AutoTopics autoTopics) {
        this.cluster = cluster;
        this.autoTopics = autoTopics;
    }

    @Override
    public ApiKey api() {
        return ApiKey.METADATA;
    }

    @Override
    public CompletionStage<MetadataResponse> handle(RequestContext context, MetadataRequest request) {
        short version = context.apiVersion();
        if (!isWellFormed(request, version)) {
            return CompletableFuture.completedFuture(failure(context, request, ErrorCode.INVALID_REQUEST));
        }
        var nodes = cluster.nodes(context.listenerName());
        nodes.removeIf(Cluster.Node::fenced);
        var response = new MetadataResponse().clusterId(cluster.clusterId()).controllerId(-1);
        for (var node : nodes) {
            response.brokers()
                    .add(new MetadataResponseBroker()
                            .nodeId(node.id())
                            .host(node.host())
                            .port(node.port())
                            .rack(node.rack()));
        }
        if (!nodes.isEmpty()) {
            // Any broker passes admin requests on, so any will do; the load is spread by the time of asking.
            response.controllerId(nodes.get(Math.floorMod(context.correlationId(), nodes.size()))
                    .id());
        }
        response.topics(topics(context, request));
        if (version >= 8 && request.includeTopicAuthorizedOperations()) {
            response.topics().forEach(topic -> topic.topicAuthorizedOperations(AuthorizedOperations.TOPIC));
        }
        if (version >= 8 && version <= 10 && request.includeClusterAuthorizedOperations()) {
            response.clusterAuthorizedOperations(AuthorizedOperations.CLUSTER);
        }
        return CompletableFuture.completedFuture(response);
    }

    private static boolean isWellFormed(MetadataRequest request, short version) {
        if (request.topics() == null || version >= FIRST_TOPIC_ID_VERSION) {
            return true;
        }
        for (var topic : request.topics()) {
            if (topic.name() == null || !topic.topicId().equals(Uuid.ZERO)) {
                return false;
            }
        }
        return true;
    }

    private List<MetadataResponseTopic> topics(RequestContext context, MetadataRequest request) {
        short version = context.apiVersion();
        var description = new TopicDescription(cluster, context.listenerName(), version);
        var topics = new ArrayList<MetadataResponseTopic>();
        if (request.topics() == null || version == 0 && request.topics().isEmpty()) {
            for (TopicImage topic : cluster.image().topics().all()) {
                topics.add(description.of(topic));
            }
            return topics;
        }
        var ids = new LinkedHashSet<Uuid>();
        var names = new LinkedHashSet<String>();
        for (MetadataRequestTopic topic : request.topics()) {
            if (!topic.topicId().equals(Uuid.ZERO)) {
                ids.add(topic.topicId());
            } else if (topic.name() != null) {
                names.add(topic.name());
            }
        }
        if (!ids.isEmpty()) {
            ids.forEach(id -> topics.add(byId(description, id)));
            return topics;
        }
        byName(description, names, request.allowAutoTopicCreation(), topics);
        return topics;
    }

    private MetadataResponseTopic byId(TopicDescription description, Uuid id) {
        var topic = cluster.image().topics().byId(id);
        return topic != null
                ? description.of(topic)
                : new MetadataResponseTopic()
                        .errorCode(ErrorCode.UNKNOWN_TOPIC_ID.code())
                        .name(null)
                        .topicId(id);
    }

    private void byName(
            TopicDescription description,
            Set<String> names,
            boolean clientAllowsCreation,
            List<MetadataResponseTopic> topics) {
        var missing = new ArrayList<String>();
        for (String name : names) {
            var topic = cluster.image().topics().byName(name);
            if (topic != null) {
                topics.add(description.of(topic));
                continue;
            }
            ErrorCode error = TopicNames.errorOfUnknown(name);
            topics.add(new MetadataResponseTopic()
                    .errorCode(error.code())
                    .name(name)
                    .topicId(Uuid.ZERO)
                    .isInternal(cluster.isInternal(name)));
            if (error == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
                missing.add(name);
            }
        }
        if (clientAllowsCreation) {
            missing.forEach(autoTopics::createForClient);
        }
    }

    @Override
    public MetadataResponse failure(RequestContext context, MetadataRequest request, ErrorCode error) {
        var response = new MetadataResponse().errorCode(error.code());
        if (request.topics() != null) {
            for (var topic : request.topics()) {
                response.topics()
                        .add(new MetadataResponseTopic()
                                .name(topic.name() == null ? "" : topic.name())
                                .topicId(topic.topicId())
                                .errorCode(error.code()));
            }
        }
        return response;
    }
}
