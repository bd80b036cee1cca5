package io.barnabas.broker.network;

import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.wire.ApiMessage;
import io.netty.buffer.ByteBuf;

/**
 * A decoded request on its way to its handler.
 *
 * @param handler null for an ApiVersions request of a version unknown here, which is answered without parsing it
 * @param message null in the same case
 * @param frame what the message's buffers are slices of: released with the response
 */
record Request(RequestContext context, Handler<ApiMessage> handler, ApiMessage message, ByteBuf frame) {}
