package io.barnabas.compat.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The broker is killed at any moment, again and again, while idempotent producers write numbers into a topic of each durability and the
 * partitions, but for {@code -Dmoves=false}, move between three log directories. After every start it has what it acknowledged, and in the
 * end every number once and in order. {@code -Dkills=200} for more than the few of a usual build; {@code -Dseed=N} for the same pauses
 * again.
 */
@Timeout(1_800)
class KillLoopIT {
    private static final int PARTITIONS = 4;
    private static final boolean MOVES = !"false".equals(System.getProperty("moves"));
    private static final List<String> DURABILITIES = List.of("replicated", "fsync");

    @TempDir
    Path folder;

    @Test
    void whatIsAcknowledgedIsThere() throws Exception {
        InThisJvm.quiet();
        int kills = Integer.getInteger("kills", 6);
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("KillLoopIT -Dkills=" + kills + " -Dseed=" + seed);
        var random = new SplittableRandom(seed);
        // Segments and journal files are filled and left many times in a long run.
        var dirs = Stream.of("a", "b", "c")
                .map(name -> folder.resolve(name).toString())
                .toList();
        var settings = Map.of("log.segment.bytes", "8000000", "log.dirs", String.join(",", dirs));
        try (var broker = ChildBroker.started(Product.BARNABAS, folder.resolve("broker"), settings)) {
            for (var durability : DURABILITIES) {
                create(broker, durability);
            }
            var loads = DURABILITIES.stream()
                    .map(durability -> new Load(broker, durability))
                    .toList();
            var wanderers = MOVES ? new Wanderers(broker, dirs, random.split()) : null;
            try {
                for (int kill = 1; kill <= kills; kill++) {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(50, 600));
                    broker.kill();
                    var acknowledged = loads.stream().map(Load::acknowledged).toList();
                    broker.start();
                    for (int i = 0; i < loads.size(); i++) {
                        assertEndsReach(broker, loads.get(i).topic, acknowledged.get(i));
                    }
                }
            } finally {
                if (MOVES) {
                    wanderers.stop();
                }
                for (var load : loads) {
                    load.stop();
                }
            }
            for (var load : loads) {
                assertNull(load.failure.get(), load.topic);
                load.assertEveryNumberOnce(broker);
            }
            assertNoFailure(broker);
            if (MOVES) {
                assertMoved(broker, kills);
            }
        }
    }

    private static void assertMoved(ChildBroker broker, int kills) throws Exception {
        long moved = Files.readAllLines(broker.output()).stream()
                .filter(line -> line.contains(" was moved from "))
                .count();
        System.out.println(moved + " moves came to their end");
        assertTrue(moved >= kills, moved + " moves");
    }

    /** Orders partitions to other log directories as long as it runs, whether the broker is there or not. */
    private static final class Wanderers {
        private static final long PAUSE_MS = 20;

        private final Admin admin;
        private final List<String> dirs;
        private final SplittableRandom random;
        private final Thread thread = new Thread(this::run);
        private volatile boolean stopped;

        Wanderers(ChildBroker broker, List<String> dirs, SplittableRandom random) {
            this.admin = Admin.create(
                    Map.of("bootstrap.servers", broker.bootstrapServers(), "reconnect.backoff.max.ms", "100"));
            this.dirs = dirs;
            this.random = random;
            thread.start();
        }

        private void run() {
            while (!stopped) {
                var topic = DURABILITIES.get(random.nextInt(DURABILITIES.size()));
                var replica = new TopicPartitionReplica(topic, random.nextInt(PARTITIONS), 1);
                try {
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
                    admin.alterReplicaLogDirs(Map.of(replica, dirs.get(random.nextInt(dirs.size()))))
                            .all()
                            .get(1, TimeUnit.SECONDS);
                } catch (ExecutionException | TimeoutException e) {
                    // The broker is being killed or started.
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        void stop() throws InterruptedException {
            stopped = true;
            thread.join();
            admin.close();
        }
    }

    private static void create(ChildBroker broker, String durability) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(
                            new NewTopic(durability, PARTITIONS, (short) 1).configs(Map.of("durability", durability))))
                    .all()
                    .get();
        }
    }

    private static void assertEndsReach(ChildBroker broker, String topic, long[] acknowledged) {
        try (var consumer = consumer(broker)) {
            var ends = consumer.endOffsets(partitions(topic), Duration.ofSeconds(60));
            for (int partition = 0; partition < PARTITIONS; partition++) {
                long end = ends.get(new TopicPartition(topic, partition));
                assertTrue(
                        end >= acknowledged[partition],
                        topic + "-" + partition + " ends at " + end + ", but " + acknowledged[partition]
                                + " were acknowledged");
            }
        }
    }

    private static void assertNoFailure(ChildBroker broker) throws Exception {
        for (var line : Files.readAllLines(broker.output())) {
            assertTrue(!line.contains(" ERROR ") && !line.startsWith("\tat "), line);
        }
    }

    private static List<TopicPartition> partitions(String topic) {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
    }

    private static KafkaConsumer<Long, byte[]> consumer(ChildBroker broker) {
        return new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrapServers(),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new LongDeserializer(),
                new org.apache.kafka.common.serialization.ByteArrayDeserializer());
    }

    /** A producer that writes 0, 1, 2 … into each partition of a topic until it is stopped. */
    private static final class Load {
        private final String topic;
        private final KafkaProducer<Long, byte[]> producer;
        private final AtomicLongArray acknowledged = new AtomicLongArray(PARTITIONS);
        private final AtomicReference<Exception> failure = new AtomicReference<>();
        private final long[] sent = new long[PARTITIONS];
        private final Thread thread = new Thread(this::write);
        private volatile boolean stopped;

        Load(ChildBroker broker, String topic) {
            this.topic = topic;
            producer = new KafkaProducer<>(
                    Map.of(
                            "bootstrap.servers", broker.bootstrapServers(),
                            "acks", "all",
                            "delivery.timeout.ms", "600000",
                            "request.timeout.ms", "10000",
                            "max.block.ms", "600000",
                            "buffer.memory", "2000000",
                            "reconnect.backoff.max.ms", "100"),
                    new LongSerializer(),
                    new org.apache.kafka.common.serialization.ByteArraySerializer());
            thread.start();
        }

        private void write() {
            var value = new byte[200];
            while (!stopped) {
                for (int i = 0; i < PARTITIONS; i++) {
                    int partition = i;
                    producer.send(
                            new ProducerRecord<>(topic, partition, sent[partition]++, value), (metadata, exception) -> {
                                if (exception == null) {
                                    acknowledged.incrementAndGet(partition);
                                } else {
                                    failure.compareAndSet(null, exception);
                                }
                            });
                }
            }
        }

        long[] acknowledged() {
            return IntStream.range(0, PARTITIONS).mapToLong(acknowledged::get).toArray();
        }

        void stop() throws InterruptedException {
            stopped = true;
            thread.join();
            producer.close();
        }

        void assertEveryNumberOnce(ChildBroker broker) {
            var next = new HashMap<TopicPartition, Long>();
            try (var consumer = consumer(broker)) {
                consumer.assign(partitions(topic));
                consumer.seekToBeginning(partitions(topic));
                var ends = consumer.endOffsets(partitions(topic));
                while (!next.equals(ends)) {
                    for (var record : consumer.poll(Duration.ofSeconds(30))) {
                        var partition = new TopicPartition(topic, record.partition());
                        assertEquals(next.getOrDefault(partition, 0L), record.key(), partition.toString());
                        assertEquals(record.offset(), record.key(), partition.toString());
                        next.put(partition, record.offset() + 1);
                    }
                }
            }
            for (int partition = 0; partition < PARTITIONS; partition++) {
                assertEquals(sent[partition], next.get(new TopicPartition(topic, partition)));
            }
            System.out.println(topic + ": " + next.values());
        }
    }
}
