package io.barnabas.broker.handler.topic;

import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.ControllerLink;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsResponse;
import io.barnabas.protocol.message.CreateTopicsResponse.CreatableTopicResult;

/**
 * API 19 · CreateTopics · v2–7. v4: partitions and replication factor may be -1 for the defaults; v5: the answer tells shape and
 * configs; v7: and the topic id. The controller decides; it is asked directly, since it runs in this process.
 */
public final class CreateTopicsHandler implements Handler<CreateTopicsRequest> {
    private final ControllerLink controller;

    public CreateTopicsHandler(ControllerLink controller) {
        this.controller = controller;
    }

    @Override
    public ApiKey api() {
        return ApiKey.CREATE_TOPICS;
    }

    @Override
    public CompletionStage<CreateTopicsResponse> handle(RequestContext context, CreateTopicsRequest request) {
        return controller.createTopics(request);
    }

    @Override
    public CreateTopicsResponse failure(RequestContext context, CreateTopicsRequest request, ErrorCode error) {
        var response = new CreateTopicsResponse();
        for (var topic : request.topics()) {
            response.topics()
                    .add(new CreatableTopicResult()
                            .name(topic.name())
                            .errorCode(error.code())
                            .errorMessage(error.message()));
        }
        return response;
    }
}
