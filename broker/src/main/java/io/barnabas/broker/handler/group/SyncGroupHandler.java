package io.barnabas.broker.handler.group;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.SyncGroupRequest;
import io.barnabas.protocol.message.SyncGroupResponse;

/**
 * API 14 · SyncGroup · v0–5.
 *
 * <p>v3: static members; v5: protocol type and name are mandatory, and checked (KIP-559). Followers wait for the leader.
 */
final class SyncGroupHandler implements Handler<SyncGroupRequest> {
    private static final short FIRST_PROTOCOL_VERSION = 5;

    private final GroupCoordinator coordinator;

    SyncGroupHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKey api() {
        return ApiKey.SYNC_GROUP;
    }

    @Override
    public CompletionStage<SyncGroupResponse> handle(RequestContext context, SyncGroupRequest request) {
        boolean protocolMissing = context.apiVersion() >= FIRST_PROTOCOL_VERSION
                && (request.protocolType() == null || request.protocolName() == null);
        if (protocolMissing) {
            return CompletableFuture.completedFuture(refused(ErrorCode.INCONSISTENT_GROUP_PROTOCOL));
        }
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(refused(ErrorCode.INVALID_GROUP_ID));
        }
        return coordinator.ask(
                request.groupId(),
                (shard, now, pending) -> shard.sync(now, request, pending),
                SyncGroupHandler::refused);
    }

    private static SyncGroupResponse refused(ErrorCode error) {
        return new SyncGroupResponse().errorCode(error.code());
    }

    @Override
    public SyncGroupResponse failure(RequestContext context, SyncGroupRequest request, ErrorCode error) {
        return refused(error);
    }
}
