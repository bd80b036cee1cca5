package io.barnabas.storage.dir;

import java.util.concurrent.atomic.LongAdder;

/** How often something was brought to stable storage in a log directory, and how long that took. Any thread. */
public final class FlushTimes {
    private final LongAdder count = new LongAdder();
    private final LongAdder sumNanos = new LongAdder();

    /** @param startedNanos {@link System#nanoTime} before it */
    public void done(long startedNanos) {
        count.increment();
        sumNanos.add(System.nanoTime() - startedNanos);
    }

    public long count() {
        return count.sum();
    }

    public long sumNanos() {
        return sumNanos.sum();
    }
}
