package io.barnabas.broker.handler.topic;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.ControllerLink;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DeleteTopicsRequest;
import io.barnabas.protocol.message.DeleteTopicsResponse;
import io.barnabas.protocol.message.DeleteTopicsResponse.DeletableTopicResult;

/** API 20 · DeleteTopics · v1–6. v6: topics by id. {@code delete.topic.enable=false} refuses all. */
public final class DeleteTopicsHandler implements Handler<DeleteTopicsRequest> {
    private final ControllerLink controller;
    private final boolean enabled;

    /** @param enabled {@code delete.topic.enable} */
    public DeleteTopicsHandler(ControllerLink controller, boolean enabled) {
        this.controller = controller;
        this.enabled = enabled;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DELETE_TOPICS;
    }

    @Override
    public CompletionStage<DeleteTopicsResponse> handle(RequestContext context, DeleteTopicsRequest request) {
        if (!enabled) {
            var error = context.apiVersion() < 3 ? ErrorCode.INVALID_REQUEST : ErrorCode.TOPIC_DELETION_DISABLED;
            return CompletableFuture.completedFuture(failure(context, request, error));
        }
        return controller.deleteTopics(request);
    }

    @Override
    public DeleteTopicsResponse failure(RequestContext context, DeleteTopicsRequest request, ErrorCode error) {
        var response = new DeleteTopicsResponse();
        for (String name : request.topicNames()) {
            response.responses().add(new DeletableTopicResult().name(name).errorCode(error.code()));
        }
        for (var topic : request.topics()) {
            response.responses()
                    .add(new DeletableTopicResult()
                            .name(topic.name())
                            .topicId(topic.topicId())
                            .errorCode(error.code()));
        }
        return response;
    }
}
