package io.barnabas.broker.handler.group;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DeleteGroupsRequest;
import io.barnabas.protocol.message.DeleteGroupsResponse;
import io.barnabas.protocol.message.DeleteGroupsResponse.DeletableGroupResult;

/** API 42 · DeleteGroups · v0–2. Only empty groups can be deleted; their offsets go with them. */
final class DeleteGroupsHandler implements Handler<DeleteGroupsRequest> {
    private final GroupCoordinator coordinator;

    DeleteGroupsHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DELETE_GROUPS;
    }

    @Override
    public CompletionStage<DeleteGroupsResponse> handle(RequestContext context, DeleteGroupsRequest request) {
        var answers = new ArrayList<CompletableFuture<DeleteGroupsResponse>>();
        byPartition(request)
                .forEach((partition, groups) -> answers.add(coordinator.ask(
                        partition,
                        (shard, now, pending) -> shard.deleteGroups(now, groups, pending),
                        error -> failed(groups, error))));
        return GroupHandlers.inOrder(answers).thenApply(parts -> {
            var response = new DeleteGroupsResponse();
            parts.forEach(part -> response.results().addAll(part.results()));
            return response;
        });
    }

    private Map<Integer, List<String>> byPartition(DeleteGroupsRequest request) {
        var groups = new TreeMap<Integer, List<String>>();
        for (String group : new LinkedHashSet<>(request.groupsNames())) {
            groups.computeIfAbsent(coordinator.partitionOf(group), partition -> new ArrayList<>())
                    .add(group);
        }
        return groups;
    }

    private static DeleteGroupsResponse failed(Iterable<String> groups, ErrorCode error) {
        var response = new DeleteGroupsResponse();
        groups.forEach(group ->
                response.results().add(new DeletableGroupResult().groupId(group).errorCode(error.code())));
        return response;
    }

    @Override
    public DeleteGroupsResponse failure(RequestContext context, DeleteGroupsRequest request, ErrorCode error) {
        return failed(new LinkedHashSet<>(request.groupsNames()), error);
    }
}
