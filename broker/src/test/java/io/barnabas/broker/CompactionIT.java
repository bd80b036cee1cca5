package io.barnabas.broker;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import io.barnabas.broker.testing.TestBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A running broker compacts, also when it is told to only while it runs, and what is left survives a restart. */
class CompactionIT {
    private static final TopicPartition PARTITION = new TopicPartition("latest", 0);
    private static final int KEYS = 10;
    private static final int RECORDS = 400;

    @TempDir
    Path logDir;

    @Test
    void ofEachKeyTheLatestStays() throws Exception {
        var settings = Map.of("log.cleaner.backoff.ms", "50", "log.cleaner.min.cleanable.ratio", "0.01");
        try (var broker = TestBroker.start(logDir, settings);
                var admin = Admin.create(broker.clientSettings())) {
            var configs = Map.of("segment.bytes", "1048576", "file.delete.delay.ms", "0");
            admin.createTopics(List.of(new NewTopic("latest", 1, (short) 1).configs(configs)))
                    .all()
                    .get();
            produce(broker, 0);
            assertEquals(RECORDS, read(broker).size());

            var topic = new ConfigResource(ConfigResource.Type.TOPIC, "latest");
            var change = new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
            until(() -> read(broker).size() < RECORDS / 2);
            produce(broker, RECORDS);
            until(() -> read(broker).size() < RECORDS / 2);
            assertLatest(read(broker));
            until(() -> Files.exists(logDir.resolve("cleaner-offset-checkpoint")));
        }
        try (var broker = TestBroker.start(logDir, settings)) {
            assertLatest(read(broker));
        }
    }

    private static void produce(TestBroker broker, int first) throws Exception {
        try (var producer =
                new KafkaProducer<>(broker.clientSettings(), new StringSerializer(), new ByteArraySerializer())) {
            for (int i = first; i < first + RECORDS; i++) {
                var value = new byte[10_000];
                var number = Integer.toString(i).getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(number, 0, value, 0, number.length);
                producer.send(new ProducerRecord<>("latest", 0, "key-" + i % KEYS, value));
            }
        }
    }

    /** Offset → "key number" of all records. */
    private static Map<Long, String> read(TestBroker broker) {
        var records = new HashMap<Long, String>();
        try (var consumer =
                new KafkaConsumer<>(broker.clientSettings(), new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            consumer.seekToBeginning(List.of(PARTITION));
            while (consumer.position(PARTITION) < end) {
                consumer.poll(Duration.ofSeconds(1))
                        .forEach(record -> records.put(
                                record.offset(),
                                record.key() + " " + new String(record.value(), StandardCharsets.US_ASCII).trim()));
            }
        }
        return records;
    }

    /** The log ends with the last write of each key, and every record lies where it was written. */
    private static void assertLatest(Map<Long, String> records) {
        records.forEach((offset, text) -> assertEquals("key-" + offset % KEYS + " " + offset, text));
        for (long offset = 2L * RECORDS - KEYS; offset < 2L * RECORDS; offset++) {
            assertTrue(records.containsKey(offset), "offset " + offset + " is gone");
        }
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.call()) {
            assertTrue(System.nanoTime() < deadline, "not within 30 s");
            Thread.sleep(20);
        }
    }
}
