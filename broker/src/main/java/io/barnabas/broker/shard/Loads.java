package io.barnabas.broker.shard;

import java.util.TreeSet;

import io.barnabas.broker.time.Timer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in one line which shards of a coordinator have become ready, once none is being loaded any more: partitions of an internal
 * topic come by the fifty. Told on the workers of the partitions.
 */
final class Loads {
    private static final Logger LOG = LoggerFactory.getLogger(Loads.class);
    /** For those that follow in the same step of the metadata. */
    private static final long SETTLE_MS = 200;

    private final String topic;
    private final Timer timer;
    private final TreeSet<Integer> ready = new TreeSet<>();
    private int underWay;
    private long slowestMs;
    private boolean reporting;

    Loads(String topic, Timer timer) {
        this.topic = topic;
        this.timer = timer;
    }

    synchronized void begun() {
        underWay++;
    }

    synchronized void ready(int partition, long tookMs) {
        ready.add(partition);
        slowestMs = Math.max(slowestMs, tookMs);
        ended();
    }

    /** Without the shard having become ready. */
    synchronized void ended() {
        underWay--;
        if (underWay == 0 && !ready.isEmpty() && !reporting) {
            reporting = true;
            timer.schedule(SETTLE_MS, this::report);
        }
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
