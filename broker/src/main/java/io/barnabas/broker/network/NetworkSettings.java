package io.barnabas.broker.network;

/**
 * What the network needs of the configuration.
 *
 * @param requestMaxBytes {@code socket.request.max.bytes}
 * @param maxIdleMs {@code connections.max.idle.ms}
 * @param maxConnections {@code max.connections}
 * @param backlog {@code socket.listen.backlog.size}
 */
public record NetworkSettings(int requestMaxBytes, long maxIdleMs, int maxConnections, int backlog) {
    public static final NetworkSettings DEFAULTS = new NetworkSettings(100 << 20, 600_000, Integer.MAX_VALUE, 50);
}
