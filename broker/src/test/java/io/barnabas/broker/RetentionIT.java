package io.barnabas.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import io.barnabas.broker.testing.TestBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A running broker lets old segments go, also when it is told to only while it runs. */
class RetentionIT {
    private static final TopicPartition PARTITION = new TopicPartition("kept", 0);

    @TempDir
    Path logDir;

    @Test
    void whatRetentionLetsGoGoes() throws Exception {
        var often = Map.of("log.retention.check.interval.ms", "50", "log.initial.task.delay.ms", "0");
        try (var broker = TestBroker.start(logDir, often);
                var admin = Admin.create(broker.clientSettings())) {
            var configs = Map.of(
                    "segment.bytes", "1048576",
                    "file.delete.delay.ms", "0",
                    "retention.ms", "-1");
            admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1).configs(configs)))
                    .all()
                    .get();
            produce(broker, 5, 600_000);
            assertEquals(0, earliest(admin));

            set(admin, "retention.bytes", "1300000");
            until(() -> earliest(admin) > 0);
            long afterSize = earliest(admin);
            assertTrue(afterSize < 5, "all gone at " + afterSize);

            set(admin, "retention.ms", "1");
            until(() -> earliest(admin) == 5);
            until(() -> segments().equals(List.of("00000000000000000005.log")));
            produce(broker, 1, 10);
            until(() -> earliest(admin) == 6);
        }
    }

    private static void produce(TestBroker broker, int count, int sizeBytes) throws Exception {
        try (var producer =
                new KafkaProducer<>(broker.clientSettings(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>("kept", 0, null, new byte[sizeBytes]))
                        .get();
            }
        }
    }

    private static void set(Admin admin, String name, String value) throws Exception {
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, "kept");
        var change = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
    }

    private static long earliest(Admin admin) throws Exception {
        return admin.listOffsets(Map.of(PARTITION, OffsetSpec.earliest()))
                .partitionResult(PARTITION)
                .get()
                .offset();
    }

    private List<String> segments() throws IOException {
        try (var files = Files.list(logDir.resolve("kept-0"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains(".log"))
                    .sorted()
                    .toList();
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
