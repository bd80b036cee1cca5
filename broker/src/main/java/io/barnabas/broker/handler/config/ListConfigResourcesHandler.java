package io.barnabas.broker.handler.config;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ListConfigResourcesRequest;
import io.barnabas.protocol.message.ListConfigResourcesResponse;
import io.barnabas.protocol.message.ListConfigResourcesResponse.ConfigResource;

/**
 * API 74 · ListConfigResources · v0–1. v0 lists client metrics subscriptions only (KIP-714, under another name), v1 the types
 * asked for, or all (KIP-1142). Topics and brokers are listed whether they set configs or not, the other types if they do.
 */
final class ListConfigResourcesHandler implements Handler<ListConfigResourcesRequest> {
    /** In the order of Kafka's answer. */
    private static final List<ResourceType> ORDER = List.of(
            ResourceType.GROUP,
            ResourceType.CLIENT_METRICS,
            ResourceType.BROKER_LOGGER,
            ResourceType.BROKER,
            ResourceType.TOPIC);

    private final Cluster cluster;

    ListConfigResourcesHandler(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.LIST_CONFIG_RESOURCES;
    }

    @Override
    public CompletionStage<ListConfigResourcesResponse> handle(
            RequestContext context, ListConfigResourcesRequest request) {
        Set<ResourceType> asked = EnumSet.noneOf(ResourceType.class);
        for (byte id : request.resourceTypes()) {
            var type = ResourceType.of(id);
            if (type == null) {
                return CompletableFuture.completedFuture(failure(context, request, ErrorCode.UNSUPPORTED_VERSION));
            }
            asked.add(type);
        }
        if (context.apiVersion() == 0) {
            asked = EnumSet.of(ResourceType.CLIENT_METRICS);
        } else if (asked.isEmpty()) {
            asked = EnumSet.allOf(ResourceType.class);
        }
        var response = new ListConfigResourcesResponse();
        for (var type : ORDER) {
            if (asked.contains(type)) {
                for (var name : names(context, type)) {
                    response.configResources()
                            .add(new ConfigResource().resourceName(name).resourceType(type.id()));
                }
            }
        }
        return CompletableFuture.completedFuture(response);
    }

    private Collection<String> names(RequestContext context, ResourceType type) {
        return switch (type) {
            case GROUP, CLIENT_METRICS -> cluster.image().configs().names(type);
            case BROKER, BROKER_LOGGER ->
                cluster.nodes(context.listenerName()).stream()
                        .map(node -> Integer.toString(node.id()))
                        .toList();
            case TOPIC ->
                cluster.image().topics().all().stream().map(TopicImage::name).toList();
        };
    }

    @Override
    public ListConfigResourcesResponse failure(
            RequestContext context, ListConfigResourcesRequest request, ErrorCode error) {
        return new ListConfigResourcesResponse().errorCode(error.code());
    }
}
