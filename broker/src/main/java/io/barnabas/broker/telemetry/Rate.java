package io.barnabas.broker.telemetry;

import java.util.ArrayDeque;

/**
 * How much a count grew in a second, over the last half minute or more, from what was seen of it at each scrape: nobody has to sample it
 * in between. One thread at a time.
 */
public final class Rate {
    private static final double WINDOW_S = 30;
    private static final double NANOS = 1e9;

    /** Oldest first; the first is the one to compare with. */
    private final ArrayDeque<Seen> seen = new ArrayDeque<>();

    private record Seen(long atNanos, long count) {}

    /** The count is 0 now. @param nowNanos by a clock that never jumps */
    public Rate(long nowNanos) {
        seen.add(new Seen(nowNanos, 0));
    }

    /** @param nowNanos not before that of the call before */
    public double of(long count, long nowNanos) {
        var second = seen.stream().skip(1).findFirst();
        while (second.isPresent() && secondsSince(second.get(), nowNanos) >= WINDOW_S) {
            seen.removeFirst();
            second = seen.stream().skip(1).findFirst();
        }
        var from = seen.getFirst();
        if (secondsSince(seen.getLast(), nowNanos) >= 1) {
            seen.add(new Seen(nowNanos, count));
        }
        double elapsedS = secondsSince(from, nowNanos);
        return elapsedS <= 0 ? 0 : (count - from.count()) / elapsedS;
    }

    private static double secondsSince(Seen one, long nowNanos) {
        return (nowNanos - one.atNanos()) / NANOS;
    }
}
