package io.barnabas.broker.network;

import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Holds the broker to {@code max.connections}: one more is closed as soon as it is accepted. */
@Sharable
final class ConnectionCount extends ChannelInboundHandlerAdapter {
    private final ClosingLog closings;
    private final AtomicInteger open = new AtomicInteger();
    private volatile int max;

    ConnectionCount(int max, ClosingLog closings) {
        this.max = max;
        this.closings = closings;
    }

    /** From now on; connections that are open stay. */
    void max(int next) {
        max = next;
    }

    int open() {
        return open.get();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (open.incrementAndGet() > max) {
            closings.closing(context.channel().remoteAddress(), "max.connections=" + max + " are open");
            context.close();
        } else {
            context.fireChannelActive();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        open.decrementAndGet();
        context.fireChannelInactive();
    }
}
