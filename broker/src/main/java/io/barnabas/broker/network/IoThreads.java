package io.barnabas.broker.network;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.EventExecutor;

/**
 * The threads {@code io-n}: each runs its connections and, as an {@link Executor}, the worker tasks that its connections
 * post. Native epoll where the platform has it, otherwise NIO.
 */
public final class IoThreads implements Executor, AutoCloseable {
    private final MultiThreadIoEventLoopGroup group;
    private final boolean epoll = Epoll.isAvailable();
    private final ByteBufAllocator buffers;

    public IoThreads(int count) {
        var number = new AtomicInteger();
        IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        ThreadFactory factory = task -> new IoThread(task, "io-" + number.getAndIncrement());
        buffers = pooled(count);
        group = new MultiThreadIoEventLoopGroup(count, factory, handlers);
        for (EventExecutor loop : group) {
            loop.execute(() -> ((IoThread) Thread.currentThread()).loop(loop));
        }
    }

    /** Runs on the calling thread's own loop, after the I/O events at hand; a stranger's task goes to any of the loops. */
    @Override
    public void execute(Runnable task) {
        if (Thread.currentThread() instanceof IoThread io && io.loop() != null) {
            io.loop().execute(task);
        } else {
            group.next().execute(task);
        }
    }

    /**
     * Keeps the memory of buffers that are given back: where the JVM makes it anew it is filled with zeros first, which Netty's
     * adaptive allocator lets happen all the time (7 to 12 % of the CPU of a broker under produce load).
     */
    private static ByteBufAllocator pooled(int arenas) {
        return new PooledByteBufAllocator(
                true,
                0,
                arenas,
                PooledByteBufAllocator.defaultPageSize(),
                PooledByteBufAllocator.defaultMaxOrder(),
                PooledByteBufAllocator.defaultSmallCacheSize(),
                PooledByteBufAllocator.defaultNormalCacheSize(),
                false);
    }

    /** For the connections of this group. */
    ByteBufAllocator buffers() {
        return buffers;
    }

    MultiThreadIoEventLoopGroup group() {
        return group;
    }

    Class<? extends ServerChannel> serverChannel() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /** Ends all connections and threads; returns when they have ended. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(6, TimeUnit.SECONDS);
    }
}
