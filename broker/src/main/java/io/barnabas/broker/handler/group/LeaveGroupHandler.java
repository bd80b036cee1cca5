package io.barnabas.broker.handler.group;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.LeaveGroupRequest;
import io.barnabas.protocol.message.LeaveGroupRequest.MemberIdentity;
import io.barnabas.protocol.message.LeaveGroupResponse;

/** API 13 · LeaveGroup · v0–5. v3: many members at once, static ones too (KIP-345); v5: reason (KIP-800). */
final class LeaveGroupHandler implements Handler<LeaveGroupRequest> {
    private static final short FIRST_BATCH_VERSION = 3;

    private final GroupCoordinator coordinator;

    LeaveGroupHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKey api() {
        return ApiKey.LEAVE_GROUP;
    }

    @Override
    public CompletionStage<LeaveGroupResponse> handle(RequestContext context, LeaveGroupRequest request) {
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(failure(context, request, ErrorCode.INVALID_GROUP_ID));
        }
        boolean batch = context.apiVersion() >= FIRST_BATCH_VERSION;
        var members = batch ? request : batchOf(request);
        return coordinator
                .ask(
                        request.groupId(),
                        (shard, now, pending) -> shard.leave(now, members, pending),
                        error -> failure(context, request, error))
                .thenApply(response -> batch ? response : single(response));
    }

    private static LeaveGroupRequest batchOf(LeaveGroupRequest request) {
        var batch = new LeaveGroupRequest().groupId(request.groupId());
        batch.members().add(new MemberIdentity().memberId(request.memberId()));
        return batch;
    }

    private static LeaveGroupResponse single(LeaveGroupResponse response) {
        return response.members().isEmpty()
                ? response
                : new LeaveGroupResponse().errorCode(response.members().get(0).errorCode());
    }

    @Override
    public LeaveGroupResponse failure(RequestContext context, LeaveGroupRequest request, ErrorCode error) {
        return new LeaveGroupResponse().errorCode(error.code());
    }
}
