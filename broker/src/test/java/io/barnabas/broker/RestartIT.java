package io.barnabas.broker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.barnabas.broker.testing.TestBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is left of a broker when it comes back, and what keeps two brokers apart. */
class RestartIT {
    @TempDir
    Path logDir;

    @Test
    void topicsRecordsAndIdentitySurvive() throws Exception {
        String clusterId;
        try (var broker = TestBroker.start(logDir);
                var admin = Admin.create(broker.clientSettings())) {
            clusterId = admin.describeCluster().clusterId().get(20, TimeUnit.SECONDS);
            admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1), new NewTopic("gone", 1, (short) 1)))
                    .all()
                    .get(20, TimeUnit.SECONDS);
            send(broker, "kept", "a", "b");
            send(broker, "gone", "x");
            admin.deleteTopics(List.of("gone")).all().get(20, TimeUnit.SECONDS);
        }
        assertTrue(Files.exists(logDir.resolve(".kafka_cleanshutdown")));
        try (var broker = TestBroker.start(logDir);
                var admin = Admin.create(broker.clientSettings())) {
            assertEquals(clusterId, admin.describeCluster().clusterId().get(20, TimeUnit.SECONDS));
            assertEquals(List.of("kept"), List.copyOf(admin.listTopics().names().get(20, TimeUnit.SECONDS)));
            send(broker, "kept", "c");
            assertEquals(List.of("a", "b", "c"), read(broker, "kept", 3));
        }
    }

    @Test
    void aSecondBrokerOnTheSameDirectoriesIsRefusedAndTheFirstGoesOn() throws Exception {
        try (var broker = TestBroker.start(logDir)) {
            send(broker, "mine", "a");
            var refused = assertThrows(BrokerStartException.class, () -> TestBroker.start(logDir));
            assertTrue(refused.getMessage().contains("lock"), refused.getMessage());
            send(broker, "mine", "b");
            assertEquals(List.of("a", "b"), read(broker, "mine", 2));
        }
    }

    @Test
    void aStartThatFailedHoldsNothing() throws Exception {
        TestBroker.start(logDir).close();
        var vote = logDir.resolve("__cluster_metadata-1").resolve("vote");
        var content = Files.readAllBytes(vote);
        Files.delete(vote);
        assertThrows(BrokerStartException.class, () -> TestBroker.start(logDir));
        Files.write(vote, content);
        var identity = logDir.resolve("meta.properties");
        var twice = Files.createDirectory(logDir.resolve("twice"));
        Files.copy(identity, twice.resolve("meta.properties"));
        assertThrows(
                BrokerStartException.class,
                () -> TestBroker.start(logDir, Map.of("log.dirs", logDir + "," + twice)),
                "two directories of one id");
        try (var broker = TestBroker.start(logDir)) {
            send(broker, "t", "a");
            assertEquals(List.of("a"), read(broker, "t", 1));
        }
    }

    @Test
    void filesOfOthersInADirectoryNamedLikeAPartitionAreKept() throws Exception {
        TestBroker.start(logDir).close();
        var segment = Files.createDirectory(logDir.resolve("foo-0")).resolve("00000000000000000000.log");
        Files.writeString(segment, "somebody's notes");
        for (boolean clean : new boolean[] {true, false}) {
            if (!clean) {
                Files.delete(logDir.resolve(".kafka_cleanshutdown"));
            }
            try (var broker = TestBroker.start(logDir)) {
                assertEquals("somebody's notes", Files.readString(segment));
                send(broker, "bar", "a");
            }
        }
        try (var broker = TestBroker.start(logDir)) {
            send(broker, "foo", "b");
            assertEquals(List.of("b"), read(broker, "foo", 1));
        }
        try (var broker = TestBroker.start(logDir);
                var directories = Files.newDirectoryStream(logDir, "foo-0.*-stray")) {
            assertEquals(List.of("b"), read(broker, "foo", 1));
            assertEquals(
                    "somebody's notes",
                    Files.readString(directories.iterator().next().resolve(segment.getFileName())));
        }
    }

    private static void send(TestBroker broker, String topic, String... values) throws Exception {
        try (var producer =
                new KafkaProducer<>(broker.clientSettings(), new StringSerializer(), new StringSerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(topic, value)).get(20, TimeUnit.SECONDS);
            }
        }
    }

    private static List<String> read(TestBroker broker, String topic, int count) {
        var settings = broker.clientSettings();
        settings.putAll(Map.of("auto.offset.reset", "earliest"));
        var values = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (values.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
