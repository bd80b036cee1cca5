package io.barnabas.broker.handler.cluster;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.AuthorizedOperations;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DescribeClusterRequest;
import io.barnabas.protocol.message.DescribeClusterResponse;
import io.barnabas.protocol.message.DescribeClusterResponse.DescribeClusterBroker;

/**
 * API 60 · DescribeCluster · v0–2. v1: endpoint types (KIP-919), of which this listener is of type broker; v2: fenced brokers if
 * asked for.
 */
public final class DescribeClusterHandler implements Handler<DescribeClusterRequest> {
    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final Cluster cluster;

    public DescribeClusterHandler(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DESCRIBE_CLUSTER;
    }

    @Override
    public CompletionStage<DescribeClusterResponse> handle(RequestContext context, DescribeClusterRequest request) {
        return CompletableFuture.completedFuture(
                request.endpointType() == BROKERS ? describe(context, request) : refuse(context, request));
    }

    private static DescribeClusterResponse refuse(RequestContext context, DescribeClusterRequest request) {
        boolean controllers = request.endpointType() == CONTROLLERS;
        ErrorCode error = context.apiVersion() == 0
                ? ErrorCode.INVALID_REQUEST
                : controllers ? ErrorCode.MISMATCHED_ENDPOINT_TYPE : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE;
        return new DescribeClusterResponse()
                .errorCode(error.code())
                .errorMessage(
                        controllers
                                ? "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type"
                                        + " CONTROLLER"
                                : "Unsupported endpoint type " + request.endpointType());
    }

    private DescribeClusterResponse describe(RequestContext context, DescribeClusterRequest request) {
        var response =
                new DescribeClusterResponse().clusterId(cluster.clusterId()).controllerId(-1);
        if (request.includeClusterAuthorizedOperations()) {
            response.clusterAuthorizedOperations(AuthorizedOperations.CLUSTER);
        }
        var nodes = cluster.nodes(context.listenerName());
        for (var node : nodes) {
            if (!node.fenced() && response.controllerId() < 0) {
                response.controllerId(node.id());
            }
            if (!node.fenced() || request.includeFencedBrokers()) {
                var broker = new DescribeClusterBroker()
                        .brokerId(node.id())
                        .host(node.host())
                        .port(node.port())
                        .rack(node.rack());
                if (context.apiVersion() >= 2) {
                    broker.isFenced(node.fenced());
                }
                response.brokers().add(broker);
            }
        }
        return response;
    }

    @Override
    public DescribeClusterResponse failure(RequestContext context, DescribeClusterRequest request, ErrorCode error) {
        return new DescribeClusterResponse().errorCode(error.code()).errorMessage(error.message());
    }
}
