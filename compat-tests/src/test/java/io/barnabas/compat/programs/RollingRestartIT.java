package io.barnabas.compat.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The members of three groups (classic, eager and cooperative, and consumer protocol) are restarted one after another, again and
 * again, while a producer writes numbers: some leave, some fall silent, some die in the middle of a commit. In each group no record is
 * committed twice and none is left out: a record counts as processed when the commit that covers it succeeded; a commit covers what
 * its member processed since its commit before; and in every partition these ranges follow one another without gap or overlap, from the
 * first offset to the last ({@link CommittedRanges}). Records that were processed but not committed may come again, as
 * at-least-once has it.
 *
 * <p>{@code -Drestarts=100} for more than the few of a usual build; {@code -Dseed=N} for the same choices again;
 * {@code -Dproduct=APACHE_KAFKA} puts Kafka through the same.
 */
@Timeout(1_800)
class RollingRestartIT {
    private static final String TOPIC = "numbers";
    private static final int PARTITIONS = 6;
    private static final int RECORDS_PER_S = 1_500;
    private static final Product PRODUCT = Product.valueOf(System.getProperty("product", "BARNABAS"));
    /** Those who die are missed soon. */
    private static final Map<String, String> BRISK = Map.of(
            "group.min.session.timeout.ms", "1000",
            "group.consumer.min.heartbeat.interval.ms", "300",
            "group.consumer.heartbeat.interval.ms", "300",
            "group.consumer.min.session.timeout.ms", "2000",
            "group.consumer.session.timeout.ms", "2000");

    private static final Map<String, Map<String, Object>> GROUPS = Map.of(
            "eager", classic(RangeAssignor.class),
            "cooperative", classic(CooperativeStickyAssignor.class),
            "consumer", Map.of("group.protocol", "consumer"));

    @TempDir
    Path folder;

    @Test
    void everyRecordIsCommittedOnce() throws Exception {
        InThisJvm.quiet();
        int restarts = Integer.getInteger("restarts", 6);
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("RollingRestartIT -Drestarts=" + restarts + " -Dseed=" + seed);
        long startedNanos = System.nanoTime();
        try (var broker = ChildBroker.started(PRODUCT, folder.resolve("broker"), BRISK);
                var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get();
            var groups = new ArrayList<RollingGroup>();
            GROUPS.forEach((name, settings) -> {
                var all = new HashMap<>(settings);
                all.put("bootstrap.servers", broker.bootstrapServers());
                groups.add(new RollingGroup(name, all, TOPIC, new SplittableRandom(seed + name.hashCode())));
            });
            try (var numbers = new Numbers(broker)) {
                roll(groups, restarts);
                var written = numbers.end();
                for (var group : groups) {
                    group.assertEachOnce(admin, written);
                    System.out.println(group);
                }
                System.out.printf(
                        "%d restarts of each, %d records, %d s%n",
                        restarts,
                        LongStream.of(written).sum(),
                        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos));
            } finally {
                for (var group : groups) {
                    group.close();
                }
            }
            assertNoFailure(broker);
        }
    }

    private static Map<String, Object> classic(Class<?> assignor) {
        return Map.of(
                "group.protocol",
                "classic",
                "partition.assignment.strategy",
                assignor.getName(),
                "session.timeout.ms",
                2_000,
                "heartbeat.interval.ms",
                300);
    }

    private static void roll(List<RollingGroup> groups, int restarts) throws Exception {
        var executor = Executors.newFixedThreadPool(groups.size());
        try {
            var rolls = groups.stream()
                    .<Callable<Void>>map(group -> () -> {
                        group.roll(restarts);
                        return null;
                    })
                    .toList();
            for (var rolled : executor.invokeAll(rolls)) {
                rolled.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static void assertNoFailure(ChildBroker broker) throws Exception {
        if (PRODUCT == Product.BARNABAS) {
            for (var line : Files.readAllLines(broker.output())) {
                assertTrue(!line.contains(" ERROR ") && !line.startsWith("\tat "), line);
            }
        }
    }

    /** A producer that writes 0, 1, 2 … into each partition, at a steady rate. */
    private static final class Numbers implements AutoCloseable {
        private final long[] written = new long[PARTITIONS];
        private final AtomicReference<Exception> failure = new AtomicReference<>();
        private final KafkaProducer<Long, byte[]> producer;
        private final Thread thread = new Thread(this::write);
        private volatile boolean ended;

        Numbers(ChildBroker broker) {
            producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", broker.bootstrapServers(), "acks", "all"),
                    new LongSerializer(),
                    new ByteArraySerializer());
            thread.start();
        }

        private void write() {
            long begin = System.nanoTime();
            for (long count = 0; !ended; count++) {
                int partition = (int) (count % PARTITIONS);
                producer.send(
                        new ProducerRecord<>(TOPIC, partition, written[partition]++, new byte[100]),
                        (metadata, exception) -> failure.compareAndSet(null, exception));
                LockSupport.parkNanos(begin + count * TimeUnit.SECONDS.toNanos(1) / RECORDS_PER_S - System.nanoTime());
            }
        }

        /** How many records each partition has in the end. */
        long[] end() throws InterruptedException {
            ended = true;
            thread.join();
            producer.flush();
            assertNull(failure.get());
            return written;
        }

        @Override
        public void close() throws InterruptedException {
            ended = true;
            thread.join();
            producer.close();
        }
    }
}
