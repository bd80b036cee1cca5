package io.barnabas.broker.telemetry;

import java.util.concurrent.atomic.LongAdder;

/**
 * Durations in buckets whose upper bounds double from 16 µs to 2^25 µs (33.6 s), and one above. Any thread, lock-free; finding
 * the bucket is one instruction.
 */
final class TimeHistogram {

    static final int LOWEST_EXPONENT = 4;
    static final int HIGHEST_EXPONENT = 25;
    static final int BUCKETS = HIGHEST_EXPONENT - LOWEST_EXPONENT + 2;

    private final LongAdder[] counts = new LongAdder[BUCKETS];
    private final LongAdder sumNs = new LongAdder();

    TimeHistogram() {
        for (var i = 0; i < BUCKETS; i++) {
            counts[i] = new LongAdder();
        }
    }

    void record(long durationNs) {
        var micros = Math.max(0, durationNs) / 1_000;
        var exponent = micros <= 1 ? 0 : 64 - Long.numberOfLeadingZeros(micros - 1);
        counts[Math.min(Math.max(exponent, LOWEST_EXPONENT) - LOWEST_EXPONENT, BUCKETS - 1)].increment();
        sumNs.add(Math.max(0, durationNs));
    }

    long count(int bucket) {
        return counts[bucket].sum();
    }

    /** Upper bound of a bucket in milliseconds; infinite for the last. */
    static double upperBoundMs(int bucket) {
        return bucket == BUCKETS - 1 ? Double.POSITIVE_INFINITY : (1L << bucket + LOWEST_EXPONENT) / 1_000.0;
    }

    double sumMs() {
        return sumNs.sum() / 1_000_000.0;
    }
}
