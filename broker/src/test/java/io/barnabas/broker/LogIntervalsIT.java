package io.barnabas.broker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.barnabas.broker.testing.TestBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Flushes and checkpoints come as often as the configuration asks; by default neither would happen in the time of this test. */
class LogIntervalsIT {
    @TempDir
    Path logDir;

    @Test
    void logsAreFlushedAndCheckpointsWritten() throws Exception {
        var settings = Map.of(
                "log.flush.scheduler.interval.ms", "50",
                "log.flush.offset.checkpoint.interval.ms", "50",
                "log.flush.start.offset.checkpoint.interval.ms", "600000");
        try (var broker = TestBroker.start(logDir, settings);
                var admin = Admin.create(broker.clientSettings())) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get(20, TimeUnit.SECONDS);
            try (var producer =
                    new KafkaProducer<>(broker.clientSettings(), new StringSerializer(), new StringSerializer())) {
                for (int i = 0; i < 3; i++) {
                    producer.send(new ProducerRecord<>("t", "v")).get();
                }
            }
            // One below the end: the indexes of an active segment are not flushed.
            var checkpoint = logDir.resolve("recovery-point-offset-checkpoint");
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!Files.exists(checkpoint) || !Files.readAllLines(checkpoint).contains("t 0 2")) {
                assertTrue(System.nanoTime() < deadline, "not flushed, or not checkpointed, within 30 s");
                Thread.sleep(20);
            }
        }
    }
}
