package io.barnabas.broker.network;

import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds the broker to {@code max.connections}: one more is closed as soon as it is accepted. */
@Sharable
final class ConnectionCount extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionCount.class);

    private volatile int max;
    private final AtomicInteger open = new AtomicInteger();

    ConnectionCount(int max) {
        this.max = max;
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
            LOG.warn(
                    "Closing the connection from {}: max.connections={} are open",
                    context.channel().remoteAddress(),
                    max);
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
