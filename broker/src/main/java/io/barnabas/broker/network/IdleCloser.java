package io.barnabas.broker.network;

import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes a connection that sent nothing for {@code connections.max.idle.ms}. One clock reading per read burst, no rescheduling. */
final class IdleCloser extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(IdleCloser.class);

    private final long maxIdleNanos;
    private long lastReadNanos;
    private Future<?> check;

    IdleCloser(long maxIdleMs) {
        maxIdleNanos = TimeUnit.MILLISECONDS.toNanos(maxIdleMs);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        lastReadNanos = System.nanoTime();
        checkIn(context, maxIdleNanos);
        context.fireChannelActive();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        lastReadNanos = System.nanoTime();
        context.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (check != null) {
            check.cancel(false);
        }
        context.fireChannelInactive();
    }

    private void checkIn(ChannelHandlerContext context, long delayNanos) {
        check = context.executor().schedule(() -> check(context), delayNanos, TimeUnit.NANOSECONDS);
    }

    private void check(ChannelHandlerContext context) {
        long leftNanos = maxIdleNanos - (System.nanoTime() - lastReadNanos);
        if (leftNanos > 0) {
            checkIn(context, leftNanos);
        } else {
            LOG.debug("Closing the idle connection from {}", context.channel().remoteAddress());
            context.close();
        }
    }
}
