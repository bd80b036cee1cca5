package io.barnabas.broker.handler.group;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.coordinator.group.GroupShard;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponse;

/**
 * API 68 · ConsumerGroupHeartbeat · v0–1. Members of consumer groups join, stay, are assigned and leave (KIP-848). v1: members choose
 * their ids themselves; subscriptions by regular expression.
 */
final class ConsumerGroupHeartbeatHandler implements Handler<ConsumerGroupHeartbeatRequest> {
    private final GroupCoordinator coordinator;

    ConsumerGroupHeartbeatHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKey api() {
        return ApiKey.CONSUMER_GROUP_HEARTBEAT;
    }

    @Override
    public CompletionStage<ConsumerGroupHeartbeatResponse> handle(
            RequestContext context, ConsumerGroupHeartbeatRequest request) {
        if (!coordinator.servesConsumerGroups()) {
            return CompletableFuture.completedFuture(failure(context, request, ErrorCode.UNSUPPORTED_VERSION));
        }
        var caller = GroupHandlers.caller(context);
        var refusal = GroupShard.check(coordinator.consumerConfig(), caller, request);
        return refusal.isPresent()
                ? CompletableFuture.completedFuture(refusal.get())
                : coordinator.ask(
                        request.groupId(),
                        (shard, now, pending) -> shard.heartbeat(now, caller, request, pending),
                        error -> failure(context, request, error));
    }

    @Override
    public ConsumerGroupHeartbeatResponse failure(
            RequestContext context, ConsumerGroupHeartbeatRequest request, ErrorCode error) {
        return new ConsumerGroupHeartbeatResponse().errorCode(error.code());
    }
}
