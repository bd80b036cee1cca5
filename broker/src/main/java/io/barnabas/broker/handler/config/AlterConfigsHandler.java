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
import io.barnabas.protocol.message.AlterConfigsRequest;
import io.barnabas.protocol.message.AlterConfigsRequest.AlterConfigsResource;
import io.barnabas.protocol.message.AlterConfigsResponse;
import io.barnabas.protocol.message.AlterConfigsResponse.AlterConfigsResourceResponse;

/** API 33 · AlterConfigs · v0–2. The legacy request: replaces all configs of each resource. Log levels cannot be changed by it. */
final class AlterConfigsHandler implements Handler<AlterConfigsRequest> {
    private final ConfigChanges changes;
    private final ControllerLink controller;

    AlterConfigsHandler(ConfigChanges changes, ControllerLink controller) {
        this.changes = changes;
        this.controller = controller;
    }

    @Override
    public ApiKey api() {
        return ApiKey.ALTER_CONFIGS;
    }

    @Override
    public CompletionStage<AlterConfigsResponse> handle(RequestContext context, AlterConfigsRequest request) {
        var asked = request.resources().stream().map(ConfigChange::of).toList();
        var settled = changes.settle(asked, request.validateOnly());
        var open = new AlterConfigsRequest().validateOnly(request.validateOnly());
        for (int i = 0; i < settled.size(); i++) {
            if (settled.get(i) == null) {
                open.resources().add(request.resources().get(i));
            }
        }
        if (open.resources().isEmpty()) {
            return CompletableFuture.completedFuture(response(request, settled));
        }
        return controller.alterConfigs(open).thenApply(decided -> response(request, joined(request, settled, decided)));
    }

    private record Resource(byte type, String name) {}

    private static List<Outcome> joined(
            AlterConfigsRequest request, List<Outcome> settled, AlterConfigsResponse decided) {
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

    private static AlterConfigsResponse response(AlterConfigsRequest request, List<Outcome> outcomes) {
        var response = new AlterConfigsResponse();
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
    public AlterConfigsResponse failure(RequestContext context, AlterConfigsRequest request, ErrorCode error) {
        var outcome = new Outcome(error.code(), error.message());
        return response(
                request, request.resources().stream().map(resource -> outcome).toList());
    }
}
