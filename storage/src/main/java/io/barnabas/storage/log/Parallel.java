package io.barnabas.storage.log;

import java.util.ArrayList;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;

import io.barnabas.storage.file.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one disk-bound action over many logs or directories with a few short-lived threads: loading at start, closing at the end. */
final class Parallel {
    private static final Logger LOG = LoggerFactory.getLogger(Parallel.class);

    private Parallel() {}

    interface Action<T> {
        void run(T item) throws StorageException;
    }

    /** Returns when all are done; a bug in one action, or a thread that cannot be had, ends the others early and is thrown. */
    static <T> void forEach(String name, int threads, Collection<T> items, Action<T> action) {
        forEach(name, threads, items, action, Thread::new);
    }

    static <T> void forEach(
            String name,
            int threads,
            Collection<T> items,
            Action<T> action,
            BiFunction<Runnable, String, Thread> newThread) {
        var queue = new ConcurrentLinkedQueue<>(items);
        var failures = new ConcurrentLinkedQueue<Throwable>();
        Runnable drain = () -> {
            for (T item = queue.poll(); item != null && failures.isEmpty(); item = queue.poll()) {
                try {
                    action.run(item);
                } catch (StorageException e) {
                    LOG.error("{}: {} failed: {}", name, item, e.getMessage());
                } catch (RuntimeException | Error e) {
                    failures.add(e);
                }
            }
        };
        int wanted = Math.max(0, Math.min(threads, items.size()) - 1);
        var helpers = new ArrayList<Thread>(wanted);
        try {
            while (helpers.size() < wanted) {
                var helper = newThread.apply(drain, name + "-" + helpers.size());
                helper.start();
                helpers.add(helper);
            }
        } catch (RuntimeException | Error e) {
            failures.add(e);
        }
        drain.run();
        helpers.forEach(Parallel::join);
        if (!failures.isEmpty()) {
            var first = failures.poll();
            if (first instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) first;
        }
    }

    private static void join(Thread helper) {
        boolean interrupted = false;
        while (helper.isAlive()) {
            try {
                helper.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
