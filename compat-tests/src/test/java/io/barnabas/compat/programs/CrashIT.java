package io.barnabas.compat.programs;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * The broker is killed twice, without warning, while an idempotent producer writes over a million lines, and started
 * again: the producer gets every record acknowledged, and a group of three reads exactly those, once and in order.
 */
@Timeout(300)
class CrashIT {
    private static final String TOPIC = "crashed";
    private static final int PARTITIONS = 6;

    @TempDir
    Path folder;

    @Test
    void barnabasKeepsWhatItAcknowledged() throws Exception {
        acknowledgedIsKept(Product.BARNABAS);
    }

    @Test
    @Tag("long")
    void apacheKafkaKeepsWhatItAcknowledged() throws Exception {
        acknowledgedIsKept(Product.APACHE_KAFKA);
    }

    private void acknowledgedIsKept(Product product) throws Exception {
        InThisJvm.quiet();
        TextLines input = TextLines.packageIndexOrMadeUp();
        try (var broker = ChildBroker.started(product, folder.resolve("broker"), Map.of());
                var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
            produceWithTwoCrashes(broker, input);
            assertEquals(
                    input.lines().size(),
                    LogEnds.of(admin, TOPIC).values().stream()
                            .mapToLong(end -> end)
                            .sum(),
                    "records in the logs");
            read(broker, input.lines().size()).assertExactly(input, PARTITIONS);
        }
    }

    /** Returns when every record is acknowledged. */
    private static void produceWithTwoCrashes(ChildBroker broker, TextLines input) throws Exception {
        int lines = input.lines().size();
        AtomicLong acknowledged = new AtomicLong();
        AtomicReference<Exception> failure = new AtomicReference<>();
        CountDownLatch aThird = new CountDownLatch(1);
        CountDownLatch twoThirds = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (var producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", broker.bootstrapServers(),
                        "acks", "all",
                        "enable.idempotence", "true",
                        "delivery.timeout.ms", "120000",
                        "max.block.ms", "120000",
                        "reconnect.backoff.max.ms", "200"),
                new StringSerializer(),
                new StringSerializer())) {
            Future<Long> crashes = executor.submit(() -> {
                aThird.await();
                long atFirst = crash(broker, acknowledged);
                twoThirds.await();
                long atSecond = crash(broker, acknowledged);
                System.out.printf("killed after %d and after %d of %d acknowledgements%n", atFirst, atSecond, lines);
                return atSecond;
            });
            for (TextLines.Line line : input.lines()) {
                producer.send(new ProducerRecord<>(TOPIC, line.key(), line.value()), (metadata, exception) -> {
                    if (exception != null) {
                        failure.compareAndSet(null, exception);
                    }
                    long count = acknowledged.incrementAndGet();
                    if (count == lines / 3) {
                        aThird.countDown();
                    } else if (count == lines / 3 * 2) {
                        twoThirds.countDown();
                    }
                });
            }
            producer.flush();
            long atSecond = crashes.get(120, TimeUnit.SECONDS);
            assertEquals(lines, acknowledged.get(), "acknowledgements; the first failure: " + failure.get());
            assertEquals(null, failure.get(), "a record was not acknowledged");
            if (atSecond >= lines) {
                throw new AssertionError("the second crash came after the last record");
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** @return how many records were acknowledged when the broker was gone */
    private static long crash(ChildBroker broker, AtomicLong acknowledged) throws Exception {
        broker.kill();
        long atKill = acknowledged.get();
        broker.start();
        return atKill;
    }

    /** A group of three consumers in three threads reads until the records are complete. */
    private static Tally read(ChildBroker broker, long records) throws Exception {
        Tally tally = new Tally();
        AtomicLong read = new AtomicLong();
        List<Callable<Void>> members = IntStream.range(0, 3)
                .<Callable<Void>>mapToObj(member -> () -> {
                    Tally.Reader reader = tally.reader();
                    try (var consumer = consumer(broker)) {
                        consumer.subscribe(List.of(TOPIC));
                        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
                        while (read.get() < records && System.nanoTime() < deadline) {
                            var polled = consumer.poll(Duration.ofMillis(100));
                            synchronized (tally) {
                                for (ConsumerRecord<String, String> record : polled) {
                                    reader.read(record.partition(), record.offset(), record.key(), record.value());
                                }
                            }
                            read.addAndGet(polled.count());
                        }
                    }
                    return null;
                })
                .toList();
        ExecutorService executor = Executors.newFixedThreadPool(3);
        try {
            for (Future<Void> member : executor.invokeAll(members)) {
                member.get();
            }
        } finally {
            executor.shutdownNow();
        }
        return tally;
    }

    private static KafkaConsumer<String, String> consumer(ChildBroker broker) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", broker.bootstrapServers(),
                        "group.id", "survivors",
                        "auto.offset.reset", "earliest",
                        "max.poll.records", "5000"),
                new StringDeserializer(),
                new StringDeserializer());
    }
}
