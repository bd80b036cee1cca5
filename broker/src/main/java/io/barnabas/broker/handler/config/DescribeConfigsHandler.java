package io.barnabas.broker.handler.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.config.ConfigDescription;
import io.barnabas.broker.config.ConfigSource;
import io.barnabas.broker.config.DescribedConfig;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.controlplane.NodeConfig;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.logging.Logging;
import io.barnabas.metadata.controller.TopicNames;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DescribeConfigsRequest;
import io.barnabas.protocol.message.DescribeConfigsRequest.DescribeConfigsResource;
import io.barnabas.protocol.message.DescribeConfigsResponse;
import io.barnabas.protocol.message.DescribeConfigsResponse.DescribeConfigsResourceResult;
import io.barnabas.protocol.message.DescribeConfigsResponse.DescribeConfigsResult;
import io.barnabas.protocol.message.DescribeConfigsResponse.DescribeConfigsSynonym;

/**
 * API 32 · DescribeConfigs · v1–4. v1: sources and synonyms (KIP-226); v3: types (KIP-569), and documentation, which is not sent.
 * Answered from this broker's own configuration and its newest metadata; each resource succeeds or fails by itself.
 */
final class DescribeConfigsHandler implements Handler<DescribeConfigsRequest> {
    private final NodeConfig config;
    private final Cluster cluster;

    DescribeConfigsHandler(NodeConfig config, Cluster cluster) {
        this.config = config;
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DESCRIBE_CONFIGS;
    }

    @Override
    public CompletionStage<DescribeConfigsResponse> handle(RequestContext context, DescribeConfigsRequest request) {
        for (var resource : request.resources()) {
            if (ResourceType.of(resource.resourceType()) == null) {
                // An unknown type spoils the whole request, as in Kafka.
                return CompletableFuture.completedFuture(failure(context, request, ErrorCode.INVALID_REQUEST));
            }
        }
        var response = new DescribeConfigsResponse();
        // Whoever names a resource a thousand times gets it a thousand times, but it is described once.
        var described = new HashMap<DescribeConfigsResource, DescribeConfigsResult>();
        for (var resource : request.resources()) {
            response.results()
                    .add(described.computeIfAbsent(resource, each -> result(each, request.includeSynonyms())));
        }
        return CompletableFuture.completedFuture(response);
    }

    private DescribeConfigsResult result(DescribeConfigsResource resource, boolean withSynonyms) {
        var result = new DescribeConfigsResult()
                .resourceType(resource.resourceType())
                .resourceName(resource.resourceName());
        try {
            for (var entry : describe(resource)) {
                if (isWanted(resource, entry.name())) {
                    result.configs().add(toMessage(entry, withSynonyms));
                }
            }
        } catch (Refused e) {
            result.errorCode(e.error.code()).errorMessage(e.getMessage());
        }
        return result;
    }

    private static boolean isWanted(DescribeConfigsResource resource, String name) {
        var names = resource.configurationKeys();
        return names == null || names.isEmpty() || names.contains(name);
    }

    private List<DescribedConfig> describe(DescribeConfigsResource resource) {
        var image = cluster.image();
        var description = new ConfigDescription(config.at(image));
        var type = ResourceType.of(resource.resourceType());
        var name = resource.resourceName();
        var own = image.configs().of(type, name);
        switch (type) {
            case TOPIC -> {
                var invalid = TopicNames.refusal(name);
                if (invalid != null) {
                    throw new Refused(ErrorCode.INVALID_TOPIC_EXCEPTION, invalid);
                }
                if (image.topics().byName(name) == null) {
                    throw new Refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "");
                }
                return description.topic(own);
            }
            case BROKER -> {
                if (name.isEmpty()) {
                    return description.brokerDefaults();
                }
                if (brokerId(name) != cluster.brokerId()) {
                    throw new Refused(
                            ErrorCode.INVALID_REQUEST,
                            "Unexpected broker id, expected " + cluster.brokerId() + " or empty string, but received "
                                    + name);
                }
                return description.broker();
            }
            case BROKER_LOGGER -> {
                if (name.isEmpty()) {
                    throw new Refused(ErrorCode.INVALID_REQUEST, "Broker id must not be empty");
                }
                if (brokerId(name) != cluster.brokerId()) {
                    throw new Refused(
                            ErrorCode.INVALID_REQUEST,
                            "Unexpected broker id, expected " + cluster.brokerId() + " but received " + name);
                }
                return loggers();
            }
            case CLIENT_METRICS -> {
                if (name.isEmpty()) {
                    throw new Refused(ErrorCode.INVALID_REQUEST, "Client metrics subscription name must not be empty");
                }
                return description.clientMetrics(own);
            }
            case GROUP -> {
                if (name.isEmpty()) {
                    throw new Refused(ErrorCode.INVALID_REQUEST, "Group name must not be empty");
                }
                return description.group(own);
            }
        }
        throw new IllegalStateException("Unhandled resource type " + type);
    }

    private static int brokerId(String name) {
        try {
            return Integer.parseInt(name);
        } catch (NumberFormatException e) {
            throw new Refused(ErrorCode.INVALID_REQUEST, "Broker id must be an integer, but it is: " + name);
        }
    }

    private static List<DescribedConfig> loggers() {
        var loggers = new ArrayList<DescribedConfig>();
        Logging.levels()
                .forEach((name, level) -> loggers.add(new DescribedConfig(
                        name, level, ConfigSource.DYNAMIC_BROKER_LOGGER, false, false, null, List.of())));
        return loggers;
    }

    private static DescribeConfigsResourceResult toMessage(DescribedConfig entry, boolean withSynonyms) {
        var message = new DescribeConfigsResourceResult()
                .name(entry.name())
                .value(entry.value())
                .readOnly(entry.readOnly())
                .configSource(entry.source().id())
                .isSensitive(entry.sensitive())
                .documentation(null)
                .configType(entry.type() == null ? 0 : entry.type().id());
        if (withSynonyms) {
            for (var synonym : entry.synonyms()) {
                message.synonyms()
                        .add(new DescribeConfigsSynonym()
                                .name(synonym.name())
                                .value(synonym.value())
                                .source(synonym.source().id()));
            }
        }
        return message;
    }

    @Override
    public DescribeConfigsResponse failure(RequestContext context, DescribeConfigsRequest request, ErrorCode error) {
        var response = new DescribeConfigsResponse();
        for (var resource : request.resources()) {
            response.results()
                    .add(new DescribeConfigsResult()
                            .resourceType(resource.resourceType())
                            .resourceName(resource.resourceName())
                            .errorCode(error.code())
                            .errorMessage(error.message()));
        }
        return response;
    }

    /** Why one resource is not described. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final ErrorCode error;

        Refused(ErrorCode error, String message) {
            super(message, null, false, false);
            this.error = error;
        }
    }
}
