package io.barnabas.broker.handler;

import java.util.concurrent.CompletionStage;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.wire.ApiMessage;

/**
 * One API's entry: a request in, a response later. One class per API, whose javadoc begins with
 * {@code API 1 · Fetch · v4–18}. {@link #handle} is called on the connection's thread and must not block it.
 *
 * @param <Q> the request message
 */
public interface Handler<Q extends ApiMessage> {
    ApiKey api();

    /** First version answered. */
    default short lowestVersion() {
        return api().lowestVersion();
    }

    /** First version ApiVersions tells of; differs from {@link #lowestVersion} only to humour clients. */
    default short advertisedLowestVersion() {
        return lowestVersion();
    }

    /** Last version answered and told of. */
    default short highestVersion() {
        return api().highestVersion();
    }

    /**
     * Answers one request. The stage may complete on any thread; a null message means that no response is sent (Produce
     * with acks=0). An exception, thrown or in the stage, is a bug: it is logged and counted, and the client gets
     * {@link #failure}. The request's buffers live until the stage completes: whoever keeps bytes longer copies them.
     */
    CompletionStage<? extends ApiMessage> handle(RequestContext context, Q request);

    /**
     * The response that reports {@code error} for the whole request, as Kafka shapes it for this API; null closes the
     * connection instead.
     */
    default ApiMessage failure(RequestContext context, Q request, ErrorCode error) {
        return null;
    }
}
