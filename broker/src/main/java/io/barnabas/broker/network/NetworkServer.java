package io.barnabas.broker.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

import io.barnabas.broker.handler.Connection;
import io.barnabas.broker.handler.FailureLog;
import io.barnabas.broker.handler.HandlerRegistry;
import io.barnabas.broker.telemetry.Telemetry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;

/**
 * The listening sockets and their connections, on the threads {@code io-n}. Ports are taken early, so that a start that cannot
 * succeed fails at once; connections wait in the backlog until {@link #serve}.
 */
public final class NetworkServer implements AutoCloseable {
    /** Unread responses beyond this hold up the next request. */
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(64 << 10, 128 << 10);

    private static final long CLOSE_S = 5;

    private final RequestMemory memory = RequestMemory.withinDirectMemory();
    private final RequestThreads requestThreads = new RequestThreads();
    private final ClosingLog closings = new ClosingLog();
    private final UnsentResponses unsent = UnsentResponses.withinDirectMemory(closings);
    private final IoThreads threads;
    private final NetworkSettings settings;
    private final ConnectionCount connections;
    private final AtomicLong connectionIds = new AtomicLong();
    private final List<Channel> listening = new ArrayList<>();
    private volatile Function<String, HandlerRegistry> registries;
    private volatile FailureLog failures;
    private volatile RequestCounts counts;
    private final ChannelGroup open;

    public NetworkServer(IoThreads threads, NetworkSettings settings) {
        this.threads = threads;
        this.settings = settings;
        // Closes what comes in later, too.
        this.open = new DefaultChannelGroup(threads.group().next(), true);
        this.connections = new ConnectionCount(settings.maxConnections(), closings);
    }

    /**
     * Takes one listener's port.
     *
     * @param host null or empty for all interfaces
     * @param port 0 for any free one
     * @return the port
     * @throws IOException with one sentence that says which address is taken or not ours
     */
    public int listen(String listenerName, String host, int port) throws IOException {
        var address = host == null || host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IOException("Cannot listen on " + listenerName + "://" + host + ":" + port
                    + ": the host name does not resolve; correct it in `listeners`");
        }
        var bound = new ServerBootstrap()
                .group(threads.group())
                .channel(threads.serverChannel())
                .option(ChannelOption.SO_BACKLOG, settings.backlog())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
                .childOption(ChannelOption.ALLOCATOR, threads.buffers())
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        connect(channel, listenerName);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "Cannot listen on " + listenerName + "://" + address.getHostString() + ":" + port + ": "
                            + bound.cause().getMessage()
                            + "; is another broker running, or is the address not this machine's?",
                    bound.cause());
        }
        listening.add(bound.channel());
        return ((InetSocketAddress) bound.channel().localAddress()).getPort();
    }

    /**
     * Accepts connections from now on, those that wait already first.
     *
     * @param registries what each listener answers, by its name
     */
    public void serve(Function<String, HandlerRegistry> registries, FailureLog failures, Telemetry telemetry) {
        this.registries = registries;
        this.failures = failures;
        this.counts = new RequestCounts(telemetry);
        listening.forEach(channel -> channel.config().setAutoRead(true));
    }

    private void connect(SocketChannel channel, String listenerName) {
        var connection = new Connection(
                connectionIds.incrementAndGet(),
                listenerName,
                channel.remoteAddress().getAddress(),
                channel.eventLoop());
        open.add(channel);
        var responses = new ResponseSequencer(failures, counts, requestThreads, unsent.of(channel), closings);
        var frames = new FrameDecoder(settings.requestMaxBytes(), memory, responses::takesMore, closings);
        responses.comesFrom(frames);
        channel.config().setRecvByteBufAllocator(new FrameReads(frames));
        channel.pipeline()
                .addLast(
                        connections,
                        new IdleCloser(settings.maxIdleMs()),
                        frames,
                        new RequestDecoder(registries.apply(listenerName), connection, closings),
                        responses);
    }

    /** {@code max.connections} as it is from now on; connections that are open stay. Any thread. */
    public void maxConnections(int max) {
        connections.max(max);
    }

    /** Connections open now. */
    public int connectionCount() {
        return connections.open();
    }

    /** Stops accepting and ends all connections. */
    @Override
    public void close() {
        requestThreads.close();
        for (Channel channel : listening) {
            channel.close().awaitUninterruptibly();
        }
        open.close().awaitUninterruptibly(CLOSE_S, TimeUnit.SECONDS);
    }
}
