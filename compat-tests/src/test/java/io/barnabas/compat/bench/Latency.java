package io.barnabas.compat.bench;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Open loop: 1,000 records of 1 KiB a second at times fixed beforehand, acks=all; the time to the acknowledgement counts from when the
 * record was due, so that a stall is not hidden by sending less.
 */
final class Latency {
    private static final int PER_SECOND = 1_000;
    private static final int SECONDS = 10;
    private static final String TOPIC = "latency";

    private Latency() {}

    static void prepare(Contender contender) throws Exception {
        Topics.create(contender, TOPIC, 1);
        measure(contender);
    }

    static void run(Contender contender, Figures figures) {
        run("latency", contender, figures);
    }

    static void run(String name, Contender contender, Figures figures) {
        var nanos = measure(contender);
        Arrays.sort(nanos);
        figures.add(name + ", p50, ms", contender.product(), at(nanos, 0.5));
        figures.add(name + ", p99, ms", contender.product(), at(nanos, 0.99));
        figures.add(name + ", p99.9, ms", contender.product(), at(nanos, 0.999));
    }

    private static double at(long[] sorted, double part) {
        return sorted[(int) Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] / 1e6;
    }

    private static long[] measure(Contender contender) {
        int count = PER_SECOND * SECONDS;
        var nanos = new AtomicLongArray(count);
        try (var producer = Clients.producer(contender, Map.of("linger.ms", 0, "acks", "all"))) {
            var value = Payload.text(1024, 1);
            producer.partitionsFor(TOPIC);
            long begin = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long dueNanos = begin + i * (1_000_000_000L / PER_SECOND);
                for (long wait = dueNanos - System.nanoTime(); wait > 0; wait = dueNanos - System.nanoTime()) {
                    LockSupport.parkNanos(wait);
                }
                int index = i;
                producer.send(
                        new ProducerRecord<>(TOPIC, 0, null, value),
                        (metadata, failure) ->
                                nanos.set(index, failure == null ? System.nanoTime() - dueNanos : Long.MAX_VALUE));
            }
        }
        var all = new long[count];
        for (int i = 0; i < count; i++) {
            all[i] = nanos.get(i);
        }
        return all;
    }
}
