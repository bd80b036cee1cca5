package io.barnabas.broker.handler.group;

import java.util.List;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ListGroupsRequest;
import io.barnabas.protocol.message.ListGroupsResponse;
import io.barnabas.protocol.message.ListGroupsResponse.ListedGroup;

/**
 * API 16 · ListGroups · v0–5. Groups that this broker coordinates; clients ask all brokers. v4: states and a filter of them
 * (KIP-518); v5: types and a filter of them (KIP-848).
 */
final class ListGroupsHandler implements Handler<ListGroupsRequest> {
    private final GroupCoordinator coordinator;

    ListGroupsHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKey api() {
        return ApiKey.LIST_GROUPS;
    }

    @Override
    public CompletionStage<ListGroupsResponse> handle(RequestContext context, ListGroupsRequest request) {
        var answers = coordinator.readAll(
                shard -> new Part(shard.list(request.statesFilter(), request.typesFilter()), ErrorCode.NONE),
                error -> new Part(List.of(), error == ErrorCode.NOT_COORDINATOR ? ErrorCode.NONE : error));
        return GroupHandlers.inOrder(answers).thenApply(ListGroupsHandler::joined);
    }

    /** What one shard has; nothing if it is not here any more. */
    private record Part(List<ListedGroup> groups, ErrorCode error) {}

    private static ListGroupsResponse joined(List<Part> parts) {
        var response = new ListGroupsResponse();
        for (var part : parts) {
            if (part.error() != ErrorCode.NONE) {
                return new ListGroupsResponse().errorCode(part.error().code());
            }
            response.groups().addAll(part.groups());
        }
        return response;
    }

    @Override
    public ListGroupsResponse failure(RequestContext context, ListGroupsRequest request, ErrorCode error) {
        return new ListGroupsResponse().errorCode(error.code());
    }
}
