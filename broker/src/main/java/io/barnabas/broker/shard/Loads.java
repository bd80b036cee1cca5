package io.barnabas.broker.shard;

import java.util.ArrayDeque;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.time.Timer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how the shards of a coordinator are being loaded, of all partitions together, as they come by the fifty: a line a second while
 * it takes longer than that, and one that says which have become ready, once none is being loaded any more. Told on the workers of the
 * partitions, read by any thread.
 */
final class Loads {
    private static final Logger LOG = LoggerFactory.getLogger(Loads.class);
    private static final long PERIOD_MS = 1_000;
    /** For those that follow in the same step of the metadata. */
    private static final long SETTLE_MS = 200;
    /** As long as Kafka's load times count, with its default of two samples of 30 s. */
    private static final long RECENT_MS = 60_000;

    private final String topic;
    private final Timer timer;
    private final Supplier<Moment> clock;
    private final TreeSet<Integer> ready = new TreeSet<>();
    private final ArrayDeque<Done> recent = new ArrayDeque<>();
    private final LongAdder doneBytes = new LongAdder();
    private int underWay;
    private long slowestMs;
    private boolean reporting;
    /** Null while nothing is being loaded. */
    private Timer.Deadline nextLine;
    /** Of what is told together: since when, of how much, and where the bytes began. */
    private long sinceMs;

    private int partitions;
    private long totalBytes;
    private long bytesBefore;

    private record Done(long atMs, long tookMs) {}

    Loads(String topic, Timer timer, Supplier<Moment> clock) {
        this.topic = topic;
        this.timer = timer;
        this.clock = clock;
    }

    /** @param sizeBytes of the partition's log */
    synchronized void begun(long sizeBytes) {
        if (underWay == 0) {
            sinceMs = clock.get().steadyMs();
            partitions = 0;
            totalBytes = 0;
            bytesBefore = doneBytes.sum();
        }
        underWay++;
        partitions++;
        totalBytes += sizeBytes;
        if (nextLine == null) {
            nextLine = timer.schedule(PERIOD_MS, this::tick);
        }
    }

    /** Without a lock: told for each batch. */
    void advanced(long bytes) {
        doneBytes.add(bytes);
    }

    synchronized void ready(int partition, long tookMs) {
        ready.add(partition);
        slowestMs = Math.max(slowestMs, tookMs);
        readyAgain(tookMs);
    }

    /** The same without a line for it: of a shard that is read again and again. */
    synchronized void readyAgain(long tookMs) {
        long nowMs = clock.get().steadyMs();
        forgetOld(nowMs);
        recent.add(new Done(nowMs, tookMs));
        ended();
    }

    /** Without the shard having become ready. */
    synchronized void ended() {
        underWay--;
        if (underWay == 0) {
            nextLine.cancel();
            nextLine = null;
        }
        if (underWay == 0 && !ready.isEmpty() && !reporting) {
            reporting = true;
            timer.schedule(SETTLE_MS, this::report);
        }
    }

    private synchronized void tick() {
        if (underWay > 0) {
            LOG.info(line(clock.get().steadyMs() - sinceMs));
            nextLine = timer.schedule(PERIOD_MS, this::tick);
        }
    }

    private String line(long elapsedMs) {
        long done = Math.min(doneBytes.sum() - bytesBefore, totalBytes);
        var rest = done == 0
                ? "unknown"
                : (long) Math.ceil((double) (totalBytes - done) / done * elapsedMs / 1_000) + " s";
        return "Loading coordinators of " + topic + ": " + (partitions - underWay) + " of " + partitions
                + " partitions, " + done + " of " + totalBytes + " bytes; estimated rest " + rest;
    }

    private synchronized void report() {
        reporting = false;
        if (underWay > 0 || ready.isEmpty()) {
            return;
        }
        LOG.info(
                "Coordinators of {} partitions of {} are ready ({}), the slowest after {} ms",
                ready.size(),
                topic,
                ranges(ready),
                slowestMs);
        ready.clear();
        slowestMs = 0;
    }

    /** How many shards are being loaded. */
    synchronized int underWay() {
        return underWay;
    }

    /** The longest load of the last minute; NaN if there was none. */
    synchronized double longestMs() {
        forgetOld(clock.get().steadyMs());
        return recent.stream().mapToLong(Done::tookMs).max().stream()
                .asDoubleStream()
                .findFirst()
                .orElse(Double.NaN);
    }

    /** The mean load of the last minute; NaN if there was none. */
    synchronized double meanMs() {
        forgetOld(clock.get().steadyMs());
        return recent.stream().mapToLong(Done::tookMs).average().orElse(Double.NaN);
    }

    private void forgetOld(long nowMs) {
        while (!recent.isEmpty() && recent.peek().atMs() < nowMs - RECENT_MS) {
            recent.remove();
        }
    }

    /** 0-3, 7, 9-10. */
    static String ranges(TreeSet<Integer> numbers) {
        var text = new StringBuilder();
        for (int number : numbers) {
            boolean goesOn = numbers.contains(number - 1);
            if (!goesOn) {
                text.append(text.isEmpty() ? "" : ", ").append(number);
            }
            if (goesOn && !numbers.contains(number + 1)) {
                text.append('-').append(number);
            }
        }
        return text.toString();
    }
}
