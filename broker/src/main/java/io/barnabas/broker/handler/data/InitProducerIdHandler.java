package io.barnabas.broker.handler.data;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.controlplane.ProducerIds;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.InitProducerIdRequest;
import io.barnabas.protocol.message.InitProducerIdResponse;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * API 22 · InitProducerId · v0–5. Without a transactional id every request gets a fresh producer id with epoch 0. With one it is
 * answered as by a broker that does not coordinate transactions: NOT_COORDINATOR.
 */
public final class InitProducerIdHandler implements Handler<InitProducerIdRequest> {
    private static final short HIGHEST_STABLE_VERSION = 5;

    private final ProducerIds producerIds;

    public InitProducerIdHandler(ProducerIds producerIds) {
        this.producerIds = producerIds;
    }

    @Override
    public ApiKey api() {
        return ApiKey.INIT_PRODUCER_ID;
    }

    @Override
    public short highestVersion() {
        return HIGHEST_STABLE_VERSION;
    }

    @Override
    public CompletionStage<InitProducerIdResponse> handle(RequestContext context, InitProducerIdRequest request) {
        boolean halfKnown = (request.producerId() == -1) != (request.producerEpoch() == -1);
        if (halfKnown || "".equals(request.transactionalId())) {
            return refused(ErrorCode.INVALID_REQUEST);
        }
        if (request.transactionalId() != null) {
            return refused(ErrorCode.NOT_COORDINATOR);
        }
        return producerIds
                .next()
                .handle((id, failure) -> failure == null
                        ? answer(ErrorCode.NONE).producerId(id).producerEpoch((short) 0)
                        : answer(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS));
    }

    private static CompletionStage<InitProducerIdResponse> refused(ErrorCode error) {
        return CompletableFuture.completedFuture(answer(error));
    }

    private static InitProducerIdResponse answer(ErrorCode error) {
        return new InitProducerIdResponse()
                .errorCode(error.code())
                .producerId(-1)
                .producerEpoch((short) -1);
    }

    @Override
    public ApiMessage failure(RequestContext context, InitProducerIdRequest request, ErrorCode error) {
        return answer(error);
    }
}
