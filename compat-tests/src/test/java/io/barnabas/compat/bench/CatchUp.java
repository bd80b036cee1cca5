package io.barnabas.compat.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import io.barnabas.compat.cluster.Product;

/** What a producer of 1,000 records a second waits for its acknowledgements, while a consumer reads what is not in memory any more. */
final class CatchUp {
    private static final String TOPIC = "cold";
    private static final int PARTITIONS = 6;
    /** Of 256 KiB each: 1.5 GiB. */
    private static final int REQUESTS = 6_000;
    /** A gigabit's worth: faster, and on few cores the reader itself is what the producer waits for. */
    private static final int MOST_RECORDS_PER_S = 120_000;

    private CatchUp() {}

    static void coldData(Product product, Path home, Figures figures) throws Exception {
        try (var contender = Contender.started(product, home)) {
            Topics.create(contender, TOPIC, PARTITIONS);
            RawProduce.filling(TOPIC, PARTITIONS, REQUESTS).run(contender);
            // Once here, so that what is measured does not wait for its writing.
            forgetPages(contender.dataDir());
            Latency.prepare(contender);
            Latency.run("no catch-up", contender, figures);
            var ends = new AtomicBoolean();
            var read = new AtomicLong();
            var reader = new Thread(() -> {
                while (!ends.get()) {
                    forgetPages(contender.dataDir());
                    read.addAndGet(readAll(contender, ends));
                }
            });
            reader.start();
            Latency.run("catch-up", contender, figures);
            ends.set(true);
            reader.join();
            figures.add("catch-up, records read meanwhile", product, read.get());
        }
    }

    private static long readAll(Contender contender, AtomicBoolean ends) {
        long records = 0;
        try (var consumer = Clients.consumer(contender)) {
            consumer.assign(Clients.partitions(TOPIC, PARTITIONS));
            consumer.seekToBeginning(Clients.partitions(TOPIC, PARTITIONS));
            long startedNs = System.nanoTime();
            while (records < 256L * REQUESTS && !ends.get()) {
                records += consumer.poll(Duration.ofSeconds(1)).count();
                long dueNs = startedNs + records * 1_000_000_000L / MOST_RECORDS_PER_S;
                LockSupport.parkNanos(Math.max(0, dueNs - System.nanoTime()));
            }
        }
        return records;
    }

    /** Writes the topic's segments out and drops them from the page cache. */
    private static void forgetPages(Path dataDir) {
        try (var files = Files.walk(dataDir)) {
            for (var file : files.filter(
                            path -> path.getParent().getFileName().toString().startsWith(TOPIC + "-")
                                    && path.toString().endsWith(".log"))
                    .toList()) {
                new ProcessBuilder(
                                "dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none")
                        .redirectErrorStream(true)
                        .start()
                        .waitFor();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
