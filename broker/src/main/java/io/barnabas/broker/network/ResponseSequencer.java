package io.barnabas.broker.network;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.handler.CloseConnection;
import io.barnabas.broker.handler.FailureLog;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.wire.ApiMessage;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands requests to their handlers as they arrive and sends the responses in the order of the requests. Beyond a bounded
 * number of unanswered requests, or of their bytes, or while the client does not read its responses, nothing more is read from
 * the connection. Everything happens on the connection's thread; all responses ready in one turn of it leave in one flush.
 */
final class ResponseSequencer extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ResponseSequencer.class);
    private static final int MAX_REQUESTS = 256;
    private static final int MAX_REQUEST_BYTES = 16 << 20;

    private final FailureLog failures;
    private final RequestCounts counts;
    private final ArrayDeque<Pending> unanswered = new ArrayDeque<>();
    private ChannelHandlerContext context;
    private long unansweredBytes;
    private boolean flushPosted;

    ResponseSequencer(FailureLog failures, RequestCounts counts) {
        this.failures = failures;
        this.counts = counts;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var pending = new Pending((Request) message);
        unanswered.add(pending);
        unansweredBytes += pending.requestBytes;
        adjustReading();
        handle(pending);
    }

    private void handle(Pending pending) {
        var request = pending.request;
        if (request.handler() == null) {
            pending.response = ResponseEncoder.unsupportedApiVersions();
            pending.unsupportedVersion = true;
            finish(pending);
            return;
        }
        CompletionStage<? extends ApiMessage> answer;
        try {
            answer = request.handler().handle(request.context(), request.message());
        } catch (RuntimeException | Error e) {
            fail(pending, e);
            return;
        }
        answer.whenComplete((response, failure) -> {
            if (context.executor().inEventLoop()) {
                complete(pending, response, failure);
            } else {
                context.executor().execute(() -> complete(pending, response, failure));
            }
        });
    }

    private void complete(Pending pending, ApiMessage response, Throwable failure) {
        if (failure != null) {
            fail(
                    pending,
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure);
        } else {
            pending.response = response;
            finish(pending);
        }
    }

    private void fail(Pending pending, Throwable failure) {
        if (failure instanceof CloseConnection) {
            LOG.info("Closing the connection from {}: {}", context.channel().remoteAddress(), failure.getMessage());
            pending.closes = true;
        } else {
            var request = pending.request;
            failures.unexpected(request.context(), failure);
            pending.response =
                    request.handler().failure(request.context(), request.message(), ErrorCode.UNKNOWN_SERVER_ERROR);
            pending.closes = pending.response == null;
        }
        finish(pending);
    }

    /** Sends this response once those before it are sent, and those after it that waited for it. */
    private void finish(Pending finished) {
        finished.done = true;
        boolean wrote = false;
        for (Pending pending = unanswered.peek(); pending != null && pending.done; pending = unanswered.peek()) {
            unanswered.poll();
            unansweredBytes -= pending.requestBytes;
            wrote |= send(pending);
        }
        if (wrote && !flushPosted) {
            flushPosted = true;
            context.executor().execute(this::flush);
        }
        adjustReading();
    }

    private boolean send(Pending pending) {
        try {
            Channel channel = context.channel();
            if (!channel.isActive()) {
                ResponseEncoder.drop(pending.response);
                return false;
            }
            if (pending.closes) {
                context.close();
                return false;
            }
            var request = pending.request.context();
            short version = pending.unsupportedVersion ? 0 : request.apiVersion();
            int sizeBytes =
                    pending.response == null ? 0 : ResponseEncoder.write(context, request, pending.response, version);
            counts.answered(
                    request.api(),
                    version,
                    System.nanoTime() - pending.sinceNs,
                    pending.requestBytes,
                    sizeBytes,
                    pending.response);
            return sizeBytes > 0;
        } catch (RuntimeException e) {
            failures.unexpected(pending.request.context(), e);
            context.close();
            return false;
        } finally {
            pending.request.frame().release();
        }
    }

    private void flush() {
        flushPosted = false;
        context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        adjustReading();
    }

    private void adjustReading() {
        boolean read = unanswered.size() < MAX_REQUESTS
                && unansweredBytes < MAX_REQUEST_BYTES
                && context.channel().isWritable();
        var config = context.channel().config();
        if (config.isAutoRead() != read) {
            config.setAutoRead(read);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("Connection from {} broke: {}", context.channel().remoteAddress(), cause.toString());
        } else {
            LOG.error(
                    "Closing the connection from {} because of a failure",
                    context.channel().remoteAddress(),
                    cause);
        }
        context.close();
    }

    private static final class Pending {
        private final Request request;
        private final int requestBytes;
        private final long sinceNs = System.nanoTime();
        private ApiMessage response;
        private boolean unsupportedVersion;
        private boolean closes;
        private boolean done;

        private Pending(Request request) {
            this.request = request;
            this.requestBytes = request.frame().readableBytes();
        }
    }
}
