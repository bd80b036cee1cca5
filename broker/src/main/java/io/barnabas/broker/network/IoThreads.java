package io.barnabas.broker.network;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

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

    public IoThreads(int count) {
        var number = new AtomicInteger();
        IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        ThreadFactory factory = task -> new IoThread(task, "io-" + number.getAndIncrement());
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
