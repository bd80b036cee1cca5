package io.barnabas.compat.programs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** 20,000 partitions on one node with the heap it has by default: created, written to, killed, started, stopped, started. */
@Tag("long")
@Timeout(600)
class ManyPartitionsIT {
    private static final int TOPICS = 40;
    private static final int PARTITIONS = 500;
    /** Far fewer than segments. */
    private static final int MOST_DESCRIPTORS = 6_000;

    private static final int MOST_THREADS = 100;

    @TempDir
    Path folder;

    @Test
    void areServedOverRestarts() throws Exception {
        InThisJvm.quiet();
        try (var broker = ChildBroker.started(Product.BARNABAS, folder.resolve("broker"), Map.of())) {
            create(broker);
            write(broker);
            assertAllThere(broker, 1);
            assertModest(broker);
            broker.kill();
            long started = System.nanoTime();
            broker.start();
            assertAllThere(broker, 1);
            System.out.printf("restart after a kill: %.1f s%n", (System.nanoTime() - started) / 1e9);
            write(broker);
            started = System.nanoTime();
            assertEquals(143, broker.stop());
            System.out.printf("clean stop: %.1f s%n", (System.nanoTime() - started) / 1e9);
            started = System.nanoTime();
            broker.start();
            assertAllThere(broker, 2);
            System.out.printf("clean start: %.1f s%n", (System.nanoTime() - started) / 1e9);
            assertModest(broker);
        }
    }

    private static void create(ChildBroker broker) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            for (int topic = 0; topic < TOPICS; topic++) {
                admin.createTopics(List.of(new NewTopic("many-" + topic, PARTITIONS, (short) 1)))
                        .all()
                        .get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static void write(ChildBroker broker) {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", 20),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int topic = 0; topic < TOPICS; topic++) {
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    producer.send(new ProducerRecord<>("many-" + topic, partition, null, new byte[100]));
                }
            }
        }
    }

    private static void assertAllThere(ChildBroker broker, long each) {
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            for (int topic = 0; topic < TOPICS; topic++) {
                var partitions = new ArrayList<TopicPartition>();
                String name = "many-" + topic;
                IntStream.range(0, PARTITIONS)
                        .forEach(partition -> partitions.add(new TopicPartition(name, partition)));
                consumer.endOffsets(partitions, Duration.ofSeconds(60))
                        .forEach((partition, end) -> assertEquals(each, end, partition.toString()));
            }
        }
    }

    private static void assertModest(ChildBroker broker) throws IOException {
        var process = Path.of("/proc", Long.toString(broker.pid()));
        try (var descriptors = Files.list(process.resolve("fd"));
                var threads = Files.list(process.resolve("task"));
                var maps = Files.lines(process.resolve("maps"))) {
            long open = descriptors.count();
            long running = threads.count();
            long mapped = maps.filter(line -> line.contains("/many-")).count();
            System.out.println(open + " descriptors, " + running + " threads, " + mapped + " mapped segments");
            assertTrue(open < MOST_DESCRIPTORS, open + " descriptors");
            assertTrue(running < MOST_THREADS, running + " threads");
            assertEquals(0, mapped);
        }
    }
}
