package io.barnabas.broker.handler.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.ControllerLink;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest.AlterConfigsResource;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponse;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponse.AlterConfigsResourceResponse;

/**
 * API 44 · IncrementalAlterConfigs · v0–1. Sets, deletes, appends to and subtracts from single configs (KIP-339), log levels included
 * (KIP-412).
 */
final class IncrementalAlterConfigsHandler implements Handler<IncrementalAlterConfigsRequest> {
    private final ConfigChanges changes;
    private final ControllerLink controller;

    IncrementalAlterConfigsHandler(ConfigChanges changes, ControllerLink controller) {
        this.changes = changes;
        this.controller = controller;
    }

    @Override
    public ApiKey api() {
        return ApiKey.INCREMENTAL_ALTER_CONFIGS;
    }

    @Override
    public CompletionStage<IncrementalAlterConfigsResponse> handle(
            RequestContext context, IncrementalAlterConfigsRequest request) {
        var asked = request.resources().stream().map(ConfigChange::of).toList();
        var settled = changes.settle(asked, request.validateOnly());
        var open = new IncrementalAlterConfigsRequest().validateOnly(request.validateOnly());
        for (int i = 0; i < settled.size(); i++) {
            if (settled.get(i) == null) {
                open.resources().add(request.resources().get(i));
            }
        }
        if (open.resources().isEmpty()) {
            return CompletableFuture.completedFuture(response(request, settled));
        }
        return controller
                .incrementalAlterConfigs(open)
                .thenApply(decided -> response(request, joined(request, settled, decided)));
    }

    private record Resource(byte type, String name) {}

    private static List<Outcome> joined(
            IncrementalAlterConfigsRequest request, List<Outcome> settled, IncrementalAlterConfigsResponse decided) {
        Map<Resource, Outcome> byResource = new HashMap<>();
        for (var result : decided.responses()) {
            byResource.put(
                    new Resource(result.resourceType(), result.resourceName()),
                    new Outcome(result.errorCode(), result.errorMessage()));
        }
        var outcomes = new ArrayList<Outcome>();
        for (int i = 0; i < settled.size(); i++) {
            AlterConfigsResource resource = request.resources().get(i);
            outcomes.add(
                    settled.get(i) != null
                            ? settled.get(i)
                            : byResource.get(new Resource(resource.resourceType(), resource.resourceName())));
        }
        return outcomes;
    }

    private static IncrementalAlterConfigsResponse response(
            IncrementalAlterConfigsRequest request, List<Outcome> outcomes) {
        var response = new IncrementalAlterConfigsResponse();
        for (int i = 0; i < outcomes.size(); i++) {
            AlterConfigsResource resource = request.resources().get(i);
            response.responses()
                    .add(new AlterConfigsResourceResponse()
                            .resourceType(resource.resourceType())
                            .resourceName(resource.resourceName())
                            .errorCode(outcomes.get(i).error())
                            .errorMessage(outcomes.get(i).message()));
        }
        return response;
    }

    @Override
    public IncrementalAlterConfigsResponse failure(
            RequestContext context, IncrementalAlterConfigsRequest request, ErrorCode error) {
        var outcome = new Outcome(error.code(), error.message());
        return response(
                request, request.resources().stream().map(resource -> outcome).toList());
    }
}
