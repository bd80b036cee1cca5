package io.barnabas.broker.network;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

import io.barnabas.broker.handler.CloseConnection;
import io.barnabas.broker.handler.FailureLog;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.protocol.wire.MalformedMessageException;
import io.barnabas.protocol.wire.MessageTooLargeException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands requests to their handlers and sends the responses in the order of the requests. As in Kafka a connection's requests are
 * handled one after the other, but for appends, which may be under way together: beyond a bounded number of them, or of their bytes, or
 * while the client does not read its responses, the next one waits and nothing more is read. Everything but what
 * {@link RequestThreads} do happens on the connection's thread; all responses ready in one turn of it leave in one flush.
 */
final class ResponseSequencer extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ResponseSequencer.class);
    private static final int MAX_REQUESTS = 256;
    private static final int MAX_REQUEST_BYTES = 16 << 20;

    private final FailureLog failures;
    private final RequestCounts counts;
    private final RequestThreads threads;
    private final ClosingLog closings;
    private final UnsentResponses.Account unsent;
    private final ArrayDeque<Exchange> unanswered = new ArrayDeque<>(4);
    private FrameDecoder source;
    private ChannelHandlerContext context;
    private Exchange waiting;
    private long unansweredBytes;
    private boolean flushPosted;

    ResponseSequencer(
            FailureLog failures,
            RequestCounts counts,
            RequestThreads threads,
            UnsentResponses.Account unsent,
            ClosingLog closings) {
        this.failures = failures;
        this.counts = counts;
        this.threads = threads;
        this.unsent = unsent;
        this.closings = closings;
    }

    /** @param frames told when the next one is wanted again */
    void comesFrom(FrameDecoder frames) {
        source = frames;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
    }

    /** Whether the next request may come. */
    boolean takesMore() {
        return waiting == null
                && unanswered.size() < MAX_REQUESTS
                && unansweredBytes < MAX_REQUEST_BYTES
                && (unanswered.isEmpty() || unanswered.peekLast().overlaps())
                && context.channel().isWritable();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var next = new Exchange((Request) message);
        if (!context.channel().isActive()) {
            endWaiting();
            endWith(next);
        } else if (unanswered.isEmpty()
                || next.overlaps() && unanswered.peekLast().overlaps()) {
            begin(next);
        } else {
            waiting = next;
        }
    }

    private void endWaiting() {
        if (waiting != null) {
            var last = waiting;
            waiting = null;
            endWith(last);
        }
    }

    /** The client is gone, but it may have counted on its appends. */
    private void endWith(Exchange exchange) {
        if (exchange.overlaps()) {
            begin(exchange);
        } else {
            exchange.release();
        }
    }

    private void begin(Exchange exchange) {
        unanswered.add(exchange);
        unansweredBytes += exchange.requestBytes();
        if (exchange.isOfUnknownVersion()) {
            exchange.response = ResponseEncoder.unsupportedApiVersions();
            finish(exchange);
        } else if (RequestThreads.take(exchange.api(), exchange.requestBytes())) {
            threads.executor().execute(() -> handle(exchange));
        } else {
            handle(exchange);
        }
    }

    private void handle(Exchange exchange) {
        CompletionStage<? extends ApiMessage> answer;
        try {
            answer = exchange.handle();
        } catch (RuntimeException | Error e) {
            complete(exchange, null, e);
            return;
        }
        answer.whenComplete((response, failure) -> complete(exchange, response, failure));
    }

    private void complete(Exchange exchange, ApiMessage response, Throwable failure) {
        exchange.response = response;
        exchange.failure =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (context.executor().inEventLoop()) {
            settle(exchange);
        } else {
            if (failure == null && RequestThreads.take(exchange.api(), exchange.requestBytes())) {
                exchange.encode();
            }
            context.executor().execute(() -> settle(exchange));
        }
    }

    private void settle(Exchange exchange) {
        if (exchange.failure != null) {
            fail(exchange, exchange.failure);
        }
        finish(exchange);
    }

    private void fail(Exchange exchange, Throwable failure) {
        if (failure instanceof CloseConnection) {
            LOG.info("Closing the connection from {}: {}", context.channel().remoteAddress(), failure.getMessage());
            exchange.closes = true;
        } else if (failure instanceof MalformedMessageException || failure instanceof MessageTooLargeException) {
            closings.closing(context.channel().remoteAddress(), failure.getMessage());
            exchange.closes = true;
        } else {
            failures.unexpected(exchange.context(), failure);
            exchange.response = exchange.failureResponse(ErrorCode.UNKNOWN_SERVER_ERROR);
            exchange.closes = exchange.response == null;
        }
    }

    /** Sends this response once those before it are sent, and those after it that waited for it. */
    private void finish(Exchange finished) {
        finished.done = true;
        boolean wrote = false;
        for (Exchange next = unanswered.peek(); next != null && next.done; next = unanswered.peek()) {
            unanswered.poll();
            unansweredBytes -= next.requestBytes();
            wrote |= send(next);
        }
        if (wrote && !flushPosted) {
            flushPosted = true;
            context.executor().execute(this::flush);
        }
        goOn();
    }

    private void goOn() {
        if (waiting != null && unanswered.isEmpty() && context.channel().isWritable()) {
            var next = waiting;
            waiting = null;
            begin(next);
        }
        if (takesMore()) {
            source.goOn();
        }
    }

    private boolean send(Exchange exchange) {
        try {
            if (!context.channel().isActive()) {
                exchange.drop();
                return false;
            }
            if (exchange.closes) {
                context.close();
                return false;
            }
            if (exchange.response != null) {
                exchange.encode();
                if (exchange.failure != null) {
                    fail(exchange, exchange.failure);
                    context.close();
                    return false;
                }
                ResponseEncoder.write(context, exchange.encoded, unsent);
            }
            exchange.count(counts);
            return exchange.response != null;
        } catch (RuntimeException e) {
            failures.unexpected(exchange.context(), e);
            context.close();
            return false;
        } finally {
            exchange.release();
        }
    }

    private void flush() {
        flushPosted = false;
        context.flush();
        unsent.flushed();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            unsent.flushed();
            goOn();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        endWaiting();
        unsent.closed();
        context.fireChannelInactive();
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
}
