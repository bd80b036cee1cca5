package io.barnabas.compat.bench;

import java.nio.file.Path;
import java.time.Duration;

import io.barnabas.compat.cluster.Product;

/** From the start command after a SIGKILL, with a thousand partitions and 2 GiB in them, until all partitions answer. */
final class Restart {
    private static final String TOPIC = "restart";
    private static final int PARTITIONS = 1_000;
    /** Of 256 KiB each. */
    private static final int REQUESTS = 8 * PARTITIONS;

    private Restart() {}

    static void afterKill(Product product, Path home, Figures figures) throws Exception {
        try (var contender = Contender.started(product, home)) {
            Topics.create(contender, TOPIC, PARTITIONS);
            RawProduce.filling(TOPIC, PARTITIONS, REQUESTS).run(contender);
            contender.kill();
            long startedNanos = System.nanoTime();
            contender.start();
            long records = 0;
            try (var consumer = Clients.consumer(contender)) {
                for (long end : consumer.endOffsets(Clients.partitions(TOPIC, PARTITIONS), Duration.ofMinutes(5))
                        .values()) {
                    records += end;
                }
            }
            if (records != 256L * REQUESTS) {
                throw new IllegalStateException(product + " has " + records + " records after the restart");
            }
            figures.add("restart after SIGKILL, wall, s", product, (System.nanoTime() - startedNanos) / 1e9);
            figures.add(
                    "restart after SIGKILL, CPU with JIT, s",
                    product,
                    contender.cpu().totalS());
        }
    }
}
