package io.barnabas.broker.handler.topic;

import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.ControllerLink;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.CreatePartitionsRequest;
import io.barnabas.protocol.message.CreatePartitionsResponse;
import io.barnabas.protocol.message.CreatePartitionsResponse.CreatePartitionsTopicResult;

/** API 37 · CreatePartitions · v0–3. One result for every topic named. */
public final class CreatePartitionsHandler implements Handler<CreatePartitionsRequest> {
    private final ControllerLink controller;

    public CreatePartitionsHandler(ControllerLink controller) {
        this.controller = controller;
    }

    @Override
    public ApiKey api() {
        return ApiKey.CREATE_PARTITIONS;
    }

    @Override
    public CompletionStage<CreatePartitionsResponse> handle(RequestContext context, CreatePartitionsRequest request) {
        return controller.createPartitions(request);
    }

    @Override
    public CreatePartitionsResponse failure(RequestContext context, CreatePartitionsRequest request, ErrorCode error) {
        var response = new CreatePartitionsResponse();
        for (var topic : request.topics()) {
            response.results()
                    .add(new CreatePartitionsTopicResult()
                            .name(topic.name())
                            .errorCode(error.code())
                            .errorMessage(error.message()));
        }
        return response;
    }
}
