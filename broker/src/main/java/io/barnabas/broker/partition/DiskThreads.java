package io.barnabas.broker.partition;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A few daemon threads that may wait for a disk, so that no I/O thread has to; they end when nothing is to be done. */
public final class DiskThreads implements Executor, AutoCloseable {
    private static final long IDLE_S = 30;
    private static final long CLOSE_S = 30;

    private final ThreadPoolExecutor threads;

    /** @param name of the threads, a number follows */
    public DiskThreads(String name, int count) {
        var number = new AtomicInteger();
        threads = new ThreadPoolExecutor(count, count, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            var thread = new Thread(task, name + "-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    /** Takes no more; returns when all that was taken is done. */
    @Override
    public void close() throws InterruptedException {
        threads.shutdown();
        threads.awaitTermination(CLOSE_S, TimeUnit.SECONDS);
    }
}
