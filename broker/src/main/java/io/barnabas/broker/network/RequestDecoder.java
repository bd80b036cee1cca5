package io.barnabas.broker.network;

import java.nio.ByteBuffer;

import io.barnabas.broker.handler.Connection;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.HandlerRegistry;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.RequestHeader;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.protocol.wire.WireReader;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Frames to requests, whose headers are read here. What Kafka cannot parse it answers by closing the connection: unknown keys, versions out of range,
 * malformed headers and bodies. ApiVersions alone has a fallback for versions from the future (KIP-511).
 */
final class RequestDecoder extends ChannelInboundHandlerAdapter {
    private static final int KEY_AND_VERSION_BYTES = 2 * Short.BYTES;
    /** A request and its response, which may be some times larger, on every thread at once leave most of the heap to the rest. */
    private static final long MOST_HEAP_BYTES =
            Math.max(4 << 20, Runtime.getRuntime().maxMemory() / 32);

    private final HandlerRegistry registry;
    private final Connection connection;
    private final ClosingLog closings;

    RequestDecoder(HandlerRegistry registry, Connection connection, ClosingLog closings) {
        this.registry = registry;
        this.connection = connection;
        this.closings = closings;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var frame = (Frame) message;
        Request request = null;
        try {
            request = decode(frame);
        } catch (MalformedMessageException e) {
            closings.closing(context.channel().remoteAddress(), e.getMessage());
            context.close();
        } finally {
            if (request == null) {
                frame.release();
            }
        }
        if (request != null) {
            context.fireChannelRead(request);
        }
    }

    private Request decode(Frame frame) {
        ByteBuffer buffer = frame.bytes().nioBuffer();
        if (buffer.remaining() < KEY_AND_VERSION_BYTES) {
            throw new MalformedMessageException("a request of " + buffer.remaining() + " bytes has no header");
        }
        short key = buffer.getShort(0);
        short version = buffer.getShort(Short.BYTES);
        ApiKey api = ApiKey.of(key)
                .orElseThrow(() -> new MalformedMessageException("it asked for API key " + key + ", which is unknown"));
        Handler<ApiMessage> handler = registry.find(key);
        if (handler == null) {
            throw new MalformedMessageException("it asked for " + api + ", which this broker does not offer");
        }
        boolean supported = version >= handler.lowestVersion() && version <= handler.highestVersion();
        if (!supported && api != ApiKey.API_VERSIONS) {
            throw new MalformedMessageException("it asked for " + api + " version " + version
                    + "; this broker answers versions " + handler.lowestVersion() + " to " + handler.highestVersion());
        }
        var reader = new WireReader(buffer, MOST_HEAP_BYTES);
        RequestHeader header;
        try {
            header = RequestHeader.read(reader, api.requestHeaderVersion(version));
        } catch (MalformedMessageException e) {
            throw new MalformedMessageException(
                    "the header of a " + api + " v" + version + " request is malformed: " + e.getMessage());
        }
        var clientId = header.clientId() == null ? "" : header.clientId();
        var context = new RequestContext(connection, api, version, header.correlationId(), clientId);
        if (!supported) {
            return new Request(context, null, null, frame);
        }
        return new Request(context, handler, reader, frame);
    }
}
