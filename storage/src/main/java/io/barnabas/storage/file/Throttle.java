package io.barnabas.storage.file;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Spreads bytes read and written over time, for all threads of one kind of work together. Thread-safe.
 */
public final class Throttle {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    /** What may be caught up on after a pause. */
    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final LongSupplier nanoClock;
    private long paidUntilNanos;

    public Throttle(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.paidUntilNanos = nanoClock.getAsLong();
    }

    /** Counts bytes; returns how long to wait before the next ones, in ns, 0 for not at all. */
    public synchronized long take(long bytes, double bytesPerSecond) {
        double cost = bytes / bytesPerSecond * NANOS_PER_SECOND;
        long now = nanoClock.getAsLong();
        paidUntilNanos = Math.max(paidUntilNanos, now - BURST_NANOS) + (long) cost;
        return Math.max(0, paidUntilNanos - now);
    }
}
