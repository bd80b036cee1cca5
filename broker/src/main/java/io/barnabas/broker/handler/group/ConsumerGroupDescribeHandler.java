package io.barnabas.broker.handler.group;

import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.handler.AuthorizedOperations;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerGroupDescribeRequest;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponse;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponse.DescribedGroup;

/**
 * API 69 · ConsumerGroupDescribe · v0–1. Consumer groups with their members, assignments and targets (KIP-848); a classic group is
 * GROUP_ID_NOT_FOUND here. v1: which protocol each member speaks.
 */
final class ConsumerGroupDescribeHandler implements Handler<ConsumerGroupDescribeRequest> {
    private final GroupCoordinator coordinator;

    ConsumerGroupDescribeHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKey api() {
        return ApiKey.CONSUMER_GROUP_DESCRIBE;
    }

    @Override
    public CompletionStage<ConsumerGroupDescribeResponse> handle(
            RequestContext context, ConsumerGroupDescribeRequest request) {
        if (!coordinator.servesConsumerGroups()) {
            return CompletableFuture.completedFuture(failure(context, request, ErrorCode.UNSUPPORTED_VERSION));
        }
        var answers = new ArrayList<CompletableFuture<DescribedGroup>>();
        for (String group : request.groupIds()) {
            answers.add(
                    group.isEmpty()
                            ? CompletableFuture.completedFuture(failed(group, ErrorCode.INVALID_GROUP_ID))
                            : coordinator.read(
                                    group, shard -> shard.describeConsumer(group), error -> failed(group, error)));
        }
        return GroupHandlers.inOrder(answers).thenApply(groups -> {
            if (request.includeAuthorizedOperations()) {
                for (var group : groups) {
                    if (group.errorCode() == ErrorCode.NONE.code()) {
                        group.authorizedOperations(AuthorizedOperations.GROUP);
                    }
                }
            }
            return new ConsumerGroupDescribeResponse().groups(groups);
        });
    }

    private static DescribedGroup failed(String group, ErrorCode error) {
        return new DescribedGroup().groupId(group).errorCode(error.code());
    }

    @Override
    public ConsumerGroupDescribeResponse failure(
            RequestContext context, ConsumerGroupDescribeRequest request, ErrorCode error) {
        var response = new ConsumerGroupDescribeResponse();
        request.groupIds().forEach(group -> response.groups().add(failed(group, error)));
        return response;
    }
}
