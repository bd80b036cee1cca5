package io.barnabas.broker.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiVersionsResponse;
import io.barnabas.protocol.message.FetchResponse;
import io.barnabas.protocol.message.ResponseHeader;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.protocol.wire.Chunk;
import io.barnabas.protocol.wire.RecordBytes;
import io.barnabas.protocol.wire.WireWriter;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;

/** Responses to bytes: size, header, body; records that lie in files are sent from there (sendfile). */
final class ResponseEncoder {
    private static final int FIRST_BYTES = 256;
    /** A response is copied as it grows and once more when it is sent. */
    private static final int MOST_BYTES =
            (int) Math.min(256 << 20, Math.max(4 << 20, Runtime.getRuntime().maxMemory() / 16));

    private ResponseEncoder() {}

    /** Any thread. */
    static WireWriter encode(RequestContext request, ApiMessage response, short version) {
        var writer = new WireWriter(FIRST_BYTES, MOST_BYTES);
        writer.int32(0);
        new ResponseHeader()
                .correlationId(request.correlationId())
                .write(writer, request.api().responseHeaderVersion(version));
        response.write(writer, version);
        return writer;
    }

    /** Queues a response for the next flush. File leases are released when their bytes are sent or dropped. */
    static void write(ChannelHandlerContext context, WireWriter encoded, UnsentResponses.Account unsent) {
        List<Chunk> chunks = encoded.chunks();
        for (int i = 0; i < chunks.size(); i++) {
            if (chunks.get(i) instanceof Chunk.Bytes bytes) {
                var buffer = bytes.buffer();
                if (i == 0) {
                    buffer.putInt(buffer.position(), encoded.sizeBytes() - Integer.BYTES);
                }
                unsent.queued(buffer.remaining());
                context.write(Unpooled.wrappedBuffer(buffer), context.voidPromise());
            } else {
                var range = (Chunk.FileRange) chunks.get(i);
                context.write(region(range), context.voidPromise());
            }
        }
    }

    private static LeasedRegion region(Chunk.FileRange range) {
        try {
            return new LeasedRegion(range);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a client with a newer ApiVersions gets: v0, error 35 and the versions of ApiVersions (KIP-511). */
    static ApiVersionsResponse unsupportedApiVersions() {
        var response = new ApiVersionsResponse().errorCode(ErrorCode.UNSUPPORTED_VERSION.code());
        response.apiKeys()
                .add(new ApiVersionsResponse.ApiVersion()
                        .apiKey(ApiKey.API_VERSIONS.id())
                        .minVersion(ApiKey.API_VERSIONS.lowestVersion())
                        .maxVersion(ApiKey.API_VERSIONS.highestVersion()));
        return response;
    }

    /** Gives back what a response that is never sent holds. */
    static void drop(ApiMessage response) {
        if (response instanceof FetchResponse fetch) {
            for (var topic : fetch.responses()) {
                for (var partition : topic.partitions()) {
                    release(partition.records());
                }
            }
        }
    }

    private static void release(RecordBytes records) {
        if (records == null) {
            return;
        }
        for (Chunk chunk : records.chunks()) {
            if (chunk instanceof Chunk.FileRange range) {
                range.source().release();
            }
        }
    }
}
