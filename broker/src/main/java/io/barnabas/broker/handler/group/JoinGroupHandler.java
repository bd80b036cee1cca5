package io.barnabas.broker.handler.group;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.coordinator.group.GroupShard;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.JoinGroupRequest;
import io.barnabas.protocol.message.JoinGroupResponse;

/**
 * API 11 · JoinGroup · v0–9.
 *
 * <p>v1: rebalance timeout; v4: a new member must come again with the id it is given (KIP-394); v5: static members (KIP-345); v7:
 * protocol type and name may be null; v8: reason (KIP-800); v9: skipAssignment (KIP-814). Waits until all members have joined.
 */
final class JoinGroupHandler implements Handler<JoinGroupRequest> {
    private static final short FIRST_NULLABLE_PROTOCOL_VERSION = 7;

    private final GroupCoordinator coordinator;

    JoinGroupHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKey api() {
        return ApiKey.JOIN_GROUP;
    }

    @Override
    public CompletionStage<JoinGroupResponse> handle(RequestContext context, JoinGroupRequest request) {
        var caller = GroupHandlers.caller(context);
        var refusal = GroupShard.check(coordinator.config(), request);
        CompletableFuture<JoinGroupResponse> answer = refusal != ErrorCode.NONE
                ? CompletableFuture.completedFuture(
                        new JoinGroupResponse().memberId(request.memberId()).errorCode(refusal.code()))
                : coordinator.ask(
                        request.groupId(),
                        (shard, now, pending) -> shard.join(now, caller, request, pending),
                        error -> new JoinGroupResponse().errorCode(error.code()));
        return answer.thenApply(response -> shaped(response, context.apiVersion()));
    }

    private static JoinGroupResponse shaped(JoinGroupResponse response, short version) {
        if (version < FIRST_NULLABLE_PROTOCOL_VERSION) {
            return response.protocolName() == null ? response.protocolName("") : response;
        }
        return "".equals(response.protocolName()) ? response.protocolName(null) : response;
    }

    @Override
    public JoinGroupResponse failure(RequestContext context, JoinGroupRequest request, ErrorCode error) {
        return shaped(new JoinGroupResponse().errorCode(error.code()), context.apiVersion());
    }
}
