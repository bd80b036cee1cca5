package io.barnabas.broker.network;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.barnabas.protocol.ApiKey;

/**
 * The threads {@code request-n}, for requests that may take long: those that describe or change much, and large ones. The others, which
 * clients send all the time, are handled on their connection's thread. No connection has more than one request here, so the queue is
 * bounded by {@code max.connections}. Threads come with requests and go when there are none. Any thread.
 */
final class RequestThreads implements AutoCloseable {
    private static final int THREADS = 2;
    private static final long IDLE_S = 10;
    private static final int LARGE_BYTES = 256 << 10;
    /** Their work is done elsewhere or grows with bytes rather than with what they describe. */
    private static final Set<ApiKey> NEVER = EnumSet.of(ApiKey.PRODUCE, ApiKey.FETCH);

    private static final Set<ApiKey> WHEN_LARGE = EnumSet.of(
            ApiKey.API_VERSIONS,
            ApiKey.LIST_OFFSETS,
            ApiKey.OFFSET_FOR_LEADER_EPOCH,
            ApiKey.INIT_PRODUCER_ID,
            ApiKey.FIND_COORDINATOR,
            ApiKey.JOIN_GROUP,
            ApiKey.SYNC_GROUP,
            ApiKey.HEARTBEAT,
            ApiKey.LEAVE_GROUP,
            ApiKey.CONSUMER_GROUP_HEARTBEAT,
            ApiKey.OFFSET_COMMIT,
            ApiKey.OFFSET_FETCH);

    private final ThreadPoolExecutor pool;

    RequestThreads() {
        var number = new AtomicInteger();
        pool = new ThreadPoolExecutor(THREADS, THREADS, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            var thread = new Thread(task, "request-" + number.getAndIncrement() % THREADS);
            thread.setDaemon(true);
            return thread;
        });
        pool.allowCoreThreadTimeOut(true);
    }

    /** Whether a request goes here. */
    static boolean take(ApiKey api, int requestBytes) {
        return !NEVER.contains(api) && (requestBytes > LARGE_BYTES || !WHEN_LARGE.contains(api));
    }

    Executor executor() {
        return pool;
    }

    /** Requests under way end; those that wait are dropped, as their connections are closed. */
    @Override
    public void close() {
        pool.setRejectedExecutionHandler((task, executor) -> {});
        pool.getQueue().clear();
        pool.shutdown();
    }
}
