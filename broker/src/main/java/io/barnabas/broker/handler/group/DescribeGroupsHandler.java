package io.barnabas.broker.handler.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.handler.AuthorizedOperations;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DescribeGroupsRequest;
import io.barnabas.protocol.message.DescribeGroupsResponse;
import io.barnabas.protocol.message.DescribeGroupsResponse.DescribedGroup;

/**
 * API 15 · DescribeGroups · v0–6.
 *
 * <p>v3: authorized operations (KIP-430); v4: static members; v6: a missing group is GROUP_ID_NOT_FOUND (KIP-1043), before it was
 * a dead group without error.
 */
final class DescribeGroupsHandler implements Handler<DescribeGroupsRequest> {
    private final GroupCoordinator coordinator;

    DescribeGroupsHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DESCRIBE_GROUPS;
    }

    @Override
    public CompletionStage<DescribeGroupsResponse> handle(RequestContext context, DescribeGroupsRequest request) {
        var caller = GroupHandlers.caller(context);
        var answers = new ArrayList<CompletableFuture<DescribedGroup>>();
        // Whoever names a group a thousand times gets it a thousand times, but it is described once.
        var described = new HashMap<String, CompletableFuture<DescribedGroup>>();
        for (String name : request.groups()) {
            answers.add(described.computeIfAbsent(
                    name,
                    group -> coordinator.read(
                            group, shard -> shard.describe(caller, group), error -> failed(group, error))));
        }
        return GroupHandlers.inOrder(answers).thenApply(groups -> {
            if (request.includeAuthorizedOperations()) {
                for (var group : groups) {
                    if (group.errorCode() == ErrorCode.NONE.code()) {
                        group.authorizedOperations(AuthorizedOperations.GROUP);
                    }
                }
            }
            return new DescribeGroupsResponse().groups(groups);
        });
    }

    private static DescribedGroup failed(String group, ErrorCode error) {
        return new DescribedGroup().groupId(group).errorCode(error.code());
    }

    @Override
    public DescribeGroupsResponse failure(RequestContext context, DescribeGroupsRequest request, ErrorCode error) {
        var response = new DescribeGroupsResponse();
        request.groups().forEach(group -> response.groups().add(failed(group, error)));
        return response;
    }
}
