package io.barnabas.storage.compaction;

import java.util.ArrayList;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads {@code compaction-n} that keep a {@link Compactor} going: at once while there is work, else after
 * {@code log.cleaner.backoff.ms}. Their number follows the settings.
 */
public final class CompactionThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CompactionThreads.class);
    private static final long STOP_WAIT_MS = 30_000;

    private final Compactor compactor;
    private final List<Thread> threads = new ArrayList<>();
    private int wanted;
    private boolean closed;

    public CompactionThreads(Compactor compactor) {
        this.compactor = compactor;
        reconfigure(compactor.settings());
    }

    /** Any thread; takes effect as soon as the log at hand is done, a shorter pause at once. */
    public synchronized void reconfigure(CompactionSettings settings) {
        compactor.reconfigure(settings);
        wanted = settings.threads();
        threads.removeIf(thread -> !thread.isAlive());
        for (int i = threads.size(); i < wanted && !closed; i++) {
            int index = i;
            var thread = new Thread(() -> run(index), "compaction-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
        notifyAll();
    }

    /** Threads that should be there and are not. */
    public synchronized int deadThreads() {
        int alive = (int) threads.stream().filter(Thread::isAlive).count();
        return closed ? 0 : Math.max(0, wanted - alive);
    }

    private void run(int index) {
        while (isWanted(index)) {
            boolean found = false;
            try {
                found = compactor.compactDirtiest();
            } catch (RuntimeException | Error e) {
                LOG.error("Compaction failed; it goes on after a pause", e);
            }
            if (!found) {
                pause();
            }
        }
    }

    private synchronized boolean isWanted(int index) {
        return !closed && index < wanted;
    }

    private synchronized void pause() {
        try {
            if (!closed) {
                wait(Math.max(1, compactor.settings().backoffMs()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    /** Returns when all threads have given up what they were at. */
    @Override
    public void close() {
        List<Thread> left;
        synchronized (this) {
            closed = true;
            compactor.stop();
            notifyAll();
            left = List.copyOf(threads);
        }
        try {
            for (var thread : left) {
                thread.join(STOP_WAIT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
