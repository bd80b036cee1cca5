package io.barnabas.broker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.barnabas.broker.testing.TestBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What stock kafka-clients do without groups. */
class StockClientsIT {
    @TempDir
    static Path logDir;

    private static TestBroker broker;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        broker = TestBroker.start(logDir);
        admin = Admin.create(broker.clientSettings());
    }

    @AfterAll
    static void stop() {
        admin.close(Duration.ofSeconds(5));
        broker.close();
    }

    @Test
    void whatIsProducedIsConsumedInOrder() throws Exception {
        create("ordered", 3);
        try (var producer = producer(Map.of())) {
            for (int i = 0; i < 3_000; i++) {
                producer.send(new ProducerRecord<>("ordered", i % 3, "k" + i, "v" + i));
            }
        }
        var values = consumeAll("ordered", 3, 3_000);
        for (int p = 0; p < 3; p++) {
            int partition = p;
            assertEquals(
                    IntStream.range(0, 1_000)
                            .mapToObj(i -> "v" + (3 * i + partition))
                            .toList(),
                    values.get(p));
        }
    }

    @Test
    void everyAcksAndCodecIsTaken() throws Exception {
        create("codecs", 1);
        int sent = 0;
        for (String acks : List.of("0", "1", "all")) {
            for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
                Map<String, Object> settings =
                        Map.of("acks", acks, "compression.type", codec, "enable.idempotence", acks.equals("all"));
                try (var producer = producer(settings)) {
                    for (int i = 0; i < 100; i++) {
                        producer.send(new ProducerRecord<>("codecs", 0, null, acks + codec + i));
                    }
                }
                sent += 100;
            }
        }
        assertEquals(sent, consumeAll("codecs", 1, sent).get(0).size());
    }

    @Test
    void offsetsAreConsecutiveForAnIdempotentProducer() throws Exception {
        create("idempotent", 1);
        try (var producer = producer(Map.of("enable.idempotence", true, "linger.ms", 0))) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                sent.add(producer.send(new ProducerRecord<>("idempotent", "v" + i)));
            }
            for (int i = 0; i < 500; i++) {
                assertEquals(i, sent.get(i).get(20, TimeUnit.SECONDS).offset());
            }
        }
    }

    @Test
    void aTopicIsCreatedByTheFirstProducerThatNamesIt() throws Exception {
        try (var producer = producer(Map.of())) {
            producer.send(new ProducerRecord<>("by-itself", "v")).get(30, TimeUnit.SECONDS);
        }
        assertEquals(
                1,
                admin.describeTopics(List.of("by-itself"))
                        .allTopicNames()
                        .get()
                        .get("by-itself")
                        .partitions()
                        .size());
    }

    @Test
    void topicsAreCreatedDescribedEnlargedListedAndDeleted() throws Exception {
        create("life", 2);
        var existing = assertThrows(ExecutionException.class, () -> create("life", 2));
        assertInstanceOf(TopicExistsException.class, existing.getCause());
        admin.createPartitions(Map.of("life", NewPartitions.increaseTo(5)))
                .all()
                .get();
        var described =
                admin.describeTopics(List.of("life")).allTopicNames().get().get("life");
        assertEquals(5, described.partitions().size());
        assertEquals(1, described.partitions().get(4).leader().id());
        assertTrue(admin.listTopics().names().get().contains("life"));
        admin.deleteTopics(List.of("life")).all().get();
        var gone = assertThrows(
                ExecutionException.class,
                () -> admin.describeTopics(List.of("life")).allTopicNames().get());
        assertInstanceOf(UnknownTopicOrPartitionException.class, gone.getCause());
        assertFalse(admin.listTopics().names().get().contains("life"));
    }

    @Test
    void theClusterIsDescribed() throws Exception {
        var cluster = admin.describeCluster();
        assertEquals(1, cluster.nodes().get().size());
        assertEquals(broker.port(), cluster.nodes().get().iterator().next().port());
        assertEquals(1, cluster.controller().get().id());
        assertEquals(22, cluster.clusterId().get().length());
    }

    @Test
    void offsetsAreListedByTimeAndPosition() throws Exception {
        create("times", 1);
        var partition = new TopicPartition("times", 0);
        try (var producer = producer(Map.of("linger.ms", 0))) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>("times", 0, 1_000L * (i + 1), null, "v" + i))
                        .get();
            }
        }
        assertEquals(0, offset(partition, OffsetSpec.earliest()));
        assertEquals(10, offset(partition, OffsetSpec.latest()));
        assertEquals(9, offset(partition, OffsetSpec.maxTimestamp()));
        assertEquals(4, offset(partition, OffsetSpec.forTimestamp(4_500)));
        assertEquals(-1, offset(partition, OffsetSpec.forTimestamp(20_000)));
    }

    @Test
    void aBatchAboveTheLimitIsRefused() throws Exception {
        create("small", 1);
        try (var producer = producer(Map.of("max.request.size", 4 << 20))) {
            var refused = assertThrows(
                    ExecutionException.class, () -> producer.send(new ProducerRecord<>("small", "x".repeat(2 << 20)))
                            .get(30, TimeUnit.SECONDS));
            assertInstanceOf(RecordTooLargeException.class, refused.getCause());
        }
    }

    @Test
    void aTransactionalProducerIsToldAtOnceThatThereAreNoTransactions() {
        try (var producer = producer(Map.of("transactional.id", "t"))) {
            var refusal = assertThrows(KafkaException.class, producer::initTransactions);
            assertTrue(refusal.getMessage().contains("does not serve transactions"), refusal.getMessage());
        }
    }

    @Test
    void aWaitingConsumerGetsARecordWhenItComes() throws Exception {
        create("awaited", 2);
        try (var consumer = consumer(Map.of("fetch.max.wait.ms", 20_000))) {
            consumer.assign(List.of(new TopicPartition("awaited", 0), new TopicPartition("awaited", 1)));
            consumer.seekToBeginning(consumer.assignment());
            assertEquals(0, consumer.poll(Duration.ofMillis(300)).count());
            try (var producer = producer(Map.of())) {
                producer.send(new ProducerRecord<>("awaited", 1, null, "now")).get();
            }
            assertEquals(1, consumer.poll(Duration.ofSeconds(10)).count());
        }
    }

    private static long offset(TopicPartition partition, OffsetSpec spec) throws Exception {
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private static void create(String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all()
                .get();
    }

    private static KafkaProducer<String, String> producer(Map<String, Object> settings) {
        var all = new HashMap<>(broker.clientSettings());
        all.putAll(settings);
        return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(Map<String, Object> settings) {
        var all = new HashMap<>(broker.clientSettings());
        all.put("enable.auto.commit", false);
        all.putAll(settings);
        return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }

    /** Values by partition, in the order received. */
    private static List<List<String>> consumeAll(String topic, int partitions, int expected) {
        List<List<String>> values = new ArrayList<>();
        IntStream.range(0, partitions).forEach(p -> values.add(new ArrayList<>()));
        try (var consumer = consumer(Map.of())) {
            consumer.assign(IntStream.range(0, partitions)
                    .mapToObj(p -> new TopicPartition(topic, p))
                    .toList());
            consumer.seekToBeginning(consumer.assignment());
            int received = 0;
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (received < expected && System.nanoTime() < deadline) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    values.get(record.partition()).add(record.value());
                    received++;
                }
            }
            assertEquals(expected, received);
        }
        return values;
    }
}
