package io.barnabas.broker.network;

import java.util.concurrent.CompletionStage;

import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.protocol.wire.WireWriter;

/**
 * A request and, once it is there, its response. Filled by the thread that handles the request, then handed to the connection's
 * thread.
 */
final class Exchange {
    private final Request request;
    private final int requestBytes;
    private final long sinceNs = System.nanoTime();
    private ApiMessage message;

    /** Null for none. */
    ApiMessage response;

    WireWriter encoded;
    Throwable failure;
    boolean closes;
    boolean done;

    Exchange(Request request) {
        this.request = request;
        this.requestBytes = request.frame().sizeBytes();
    }

    RequestContext context() {
        return request.context();
    }

    ApiKey api() {
        return request.context().api();
    }

    int requestBytes() {
        return requestBytes;
    }

    /** An append may begin while others before it on its connection wait for their disks. */
    boolean overlaps() {
        return api() == ApiKey.PRODUCE || api() == ApiKey.OFFSET_COMMIT;
    }

    /** An ApiVersions request from the future. */
    boolean isOfUnknownVersion() {
        return request.handler() == null;
    }

    CompletionStage<? extends ApiMessage> handle() {
        message = request.message();
        return request.handler().handle(request.context(), message);
    }

    /** Null closes the connection. */
    ApiMessage failureResponse(ErrorCode error) {
        return message == null ? null : request.handler().failure(request.context(), message, error);
    }

    /** Makes the response's bytes, or says in {@link #failure} why there are none. */
    void encode() {
        if (response == null || encoded != null) {
            return;
        }
        try {
            encoded = ResponseEncoder.encode(request.context(), response, responseVersion());
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private short responseVersion() {
        return isOfUnknownVersion() ? 0 : request.context().apiVersion();
    }

    void count(RequestCounts counts) {
        counts.answered(
                api(),
                responseVersion(),
                System.nanoTime() - sinceNs,
                requestBytes,
                encoded == null ? 0 : encoded.sizeBytes(),
                response);
    }

    /** Gives back what a response that is never sent holds. */
    void drop() {
        ResponseEncoder.drop(response);
    }

    void release() {
        request.frame().release();
    }
}
