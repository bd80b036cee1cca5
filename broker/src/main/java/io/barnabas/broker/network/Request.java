package io.barnabas.broker.network;

import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.protocol.wire.WireReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request on its way to its handler: the header is read, the body is not.
 *
 * @param handler null for an ApiVersions request of a version unknown here, which is answered without reading it
 * @param body null in the same case
 * @param frame what the message's buffers are slices of: released with the response
 */
record Request(RequestContext context, Handler<ApiMessage> handler, WireReader body, Frame frame) {
    private static final Logger LOG = LoggerFactory.getLogger(Request.class);

    /** Reads the body; once. */
    ApiMessage message() {
        try {
            ApiMessage message = context.api().readRequest(body, context.apiVersion());
            if (body.remaining() > 0) {
                LOG.debug("{} has {} bytes after its end; ignored", context.describe(), body.remaining());
            }
            return message;
        } catch (MalformedMessageException e) {
            throw new MalformedMessageException(context.describe() + " is malformed: " + e.getMessage());
        }
    }
}
