package io.barnabas.broker.handler.group;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.HeartbeatRequest;
import io.barnabas.protocol.message.HeartbeatResponse;

/** API 12 · Heartbeat · v0–4. v3: static members. */
final class HeartbeatHandler implements Handler<HeartbeatRequest> {
    private final GroupCoordinator coordinator;

    HeartbeatHandler(GroupCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public ApiKey api() {
        return ApiKey.HEARTBEAT;
    }

    @Override
    public CompletionStage<HeartbeatResponse> handle(RequestContext context, HeartbeatRequest request) {
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(failure(context, request, ErrorCode.INVALID_GROUP_ID));
        }
        return coordinator.ask(
                request.groupId(),
                (shard, now, pending) -> shard.heartbeat(now, request, pending),
                // Sessions start when the shard is loaded, so until then everyone is alive.
                error -> failure(
                        context, request, error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : error));
    }

    @Override
    public HeartbeatResponse failure(RequestContext context, HeartbeatRequest request, ErrorCode error) {
        return new HeartbeatResponse().errorCode(error.code());
    }
}
