package io.barnabas.compat.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What needs a broker of its own: the first record after the start, a broker at rest, a thousand partitions. */
final class FreshStart {
    private static final int IDLE_S = 10;
    private static final int TOPICS = 10;

    private FreshStart() {}

    /** From the start command to the first record written and read again, on an empty data directory. */
    static void coldStart(Product product, Path home, Figures figures) throws Exception {
        try (var contender = Contender.prepared(product, home)) {
            long startedNanos = System.nanoTime();
            contender.start();
            oneRecord(contender);
            figures.add("cold-start, wall, s", product, (System.nanoTime() - startedNanos) / 1e9);
            figures.add("cold-start, CPU with JIT, s", product, contender.cpu().totalS());
        }
    }

    /** After a little work and a rest. */
    static void idle(Product product, Path home, Figures figures) throws Exception {
        try (var contender = Contender.started(product, home)) {
            oneRecord(contender);
            TimeUnit.SECONDS.sleep(IDLE_S);
            double before = contender.cpu().totalS();
            TimeUnit.SECONDS.sleep(IDLE_S);
            figures.add(
                    "idle, CPU, % of a core", product, 100 * (contender.cpu().totalS() - before) / IDLE_S);
            figures.add("idle, RSS, MiB", product, contender.cpu().residentMib());
            figures.add("idle, PSS, MiB", product, contender.cpu().proportionalMib());
            figures.add("idle, threads", product, contender.cpu().threadCount());
        }
    }

    static void thousandPartitions(Product product, Path home, Figures figures) throws Exception {
        manyPartitions("partitions-1000", 100, product, home, figures);
    }

    static void fiveThousandPartitions(Product product, Path home, Figures figures) throws Exception {
        manyPartitions("partitions-5000", 500, product, home, figures);
    }

    /** Created in ten requests, and one record written to each. */
    private static void manyPartitions(String name, int partitions, Product product, Path home, Figures figures)
            throws Exception {
        try (var contender = Contender.started(product, home);
                var admin = Topics.admin(contender)) {
            oneRecord(contender);
            double cpuBefore = contender.cpu().totalS();
            long startedNanos = System.nanoTime();
            for (int topic = 0; topic < TOPICS; topic++) {
                admin.createTopics(List.of(new NewTopic("many-" + topic, partitions, (short) 1)))
                        .all()
                        .get();
            }
            double created = (System.nanoTime() - startedNanos) / 1e9;
            try (var producer = Clients.producer(contender, Map.of("linger.ms", 5))) {
                for (int topic = 0; topic < TOPICS; topic++) {
                    for (int partition = 0; partition < partitions; partition++) {
                        producer.send(new ProducerRecord<>("many-" + topic, partition, null, new byte[100]));
                    }
                }
                producer.flush();
            }
            figures.add(name + ", created, s", product, created);
            figures.add(name + ", created and written to, s", product, (System.nanoTime() - startedNanos) / 1e9);
            figures.add(name + ", CPU with JIT, s", product, contender.cpu().totalS() - cpuBefore);
        }
    }

    private static void oneRecord(Contender contender) throws Exception {
        var topic = "first";
        var settings = Map.<String, Object>of("linger.ms", 0, "retry.backoff.ms", 10, "reconnect.backoff.ms", 10);
        try (var producer = Clients.producer(contender, settings)) {
            producer.send(new ProducerRecord<>(topic, 0, null, new byte[100])).get();
        }
        try (var consumer = Clients.consumer(contender)) {
            consumer.assign(Clients.partitions(topic, 1));
            consumer.seekToBeginning(Clients.partitions(topic, 1));
            while (consumer.poll(Duration.ofSeconds(1)).isEmpty()) {
                // It is there.
            }
        }
    }
}
