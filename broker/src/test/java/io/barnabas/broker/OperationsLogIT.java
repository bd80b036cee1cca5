package io.barnabas.broker;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

import io.barnabas.broker.testing.CapturedLog;
import io.barnabas.broker.testing.TestBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the log tells those who run a broker. */
class OperationsLogIT {
    @TempDir
    Path logDir;

    @Test
    void whatAdministratorsChangeIsOneLineEach() throws Exception {
        try (var log = CapturedLog.of("io.barnabas")) {
            try (var broker = TestBroker.start(logDir);
                    var admin = Admin.create(broker.clientSettings())) {
                create(admin, "t", 1);
                admin.createPartitions(Map.of("t", NewPartitions.increaseTo(3)))
                        .all()
                        .get(20, TimeUnit.SECONDS);
                alter(admin, ConfigResource.Type.TOPIC, "t", "retention.ms", "1000");
                alter(admin, ConfigResource.Type.TOPIC, "t", "retention.ms", "2000");
                alter(admin, ConfigResource.Type.BROKER, "", "log.cleaner.backoff.ms", "16000");
                alter(
                        admin,
                        ConfigResource.Type.BROKER,
                        "1",
                        "listener.name.plaintext.ssl.keystore.password",
                        "quite secret");
                alter(admin, ConfigResource.Type.GROUP, "g", "consumer.session.timeout.ms", "46000");
                create(admin, "u", 1);
                admin.deleteTopics(List.of("t")).all().get(20, TimeUnit.SECONDS);
            }
            for (var line : List.of(
                    "INFO Topic t grows from 1 to 3 partitions",
                    "INFO Configuration of topic t altered: retention.ms (unset) -> 1000",
                    "INFO Configuration of topic t altered: retention.ms 1000 -> 2000",
                    "INFO Configuration of all brokers altered: log.cleaner.backoff.ms (unset) -> 16000",
                    "INFO Configuration of broker 1 altered: listener.name.plaintext.ssl.keystore.password (unset) -> [hidden]",
                    "INFO Configuration of group g altered: consumer.session.timeout.ms (unset) -> 46000",
                    "INFO [BrokerServer id=1] Kafka Server started",
                    "INFO [BrokerServer id=1] shutting down",
                    "INFO [BrokerServer id=1] shut down completed")) {
                assertEquals(
                        1,
                        log.lines().stream().filter(line::equals).count(),
                        () -> line + " in\n" + String.join("\n", log.lines()));
            }
            assertEquals(List.of(), log.lines("quite secret"));
            assertEquals(
                    5, log.lines("altered").size(), () -> log.lines("altered").toString());
        }
        try (var log = CapturedLog.of("io.barnabas");
                var broker = TestBroker.start(logDir)) {
            assertEquals(List.of(), log.lines("altered"), "nothing changes by a start");
        }
    }

    @Test
    void topicConfigsWithoutEffectAreToldWhenTheyAreSetAndAtAStart() throws Exception {
        try (var log = CapturedLog.of("io.barnabas")) {
            try (var broker = TestBroker.start(logDir);
                    var admin = Admin.create(broker.clientSettings())) {
                var configs = Map.of("preallocate", "true", "retention.ms", "1000", "local.retention.ms", "-2");
                admin.createTopics(List.of(new NewTopic("t", 1, (short) 1).configs(configs)))
                        .all()
                        .get(20, TimeUnit.SECONDS);
                create(admin, "u", 1);
                alter(admin, ConfigResource.Type.TOPIC, "t", "retention.ms", "2000");
                alter(admin, ConfigResource.Type.TOPIC, "u", "local.retention.ms", "100");
                alter(admin, ConfigResource.Type.TOPIC, "u", "preallocate", "true");
            }
            assertEquals(
                    List.of(
                            "WARN The configuration preallocate=true of topic t is accepted but has no effect in this version.",
                            "WARN The configuration local.retention.ms=100 of topic u is accepted but has no effect in this version.",
                            "WARN The configuration preallocate=true of topic u is accepted but has no effect in this version."),
                    log.lines("has no effect"));
        }
        try (var log = CapturedLog.of("io.barnabas");
                var broker = TestBroker.start(logDir)) {
            assertEquals(
                    List.of(
                            "WARN The configuration local.retention.ms=100 of topic u is accepted but has no effect in this version.",
                            "WARN The configuration preallocate=true of topic t and 1 more is accepted but has no effect in this"
                                    + " version."),
                    log.lines("has no effect"));
        }
    }

    @Test
    void aPartitionDirectoryThatVanishedIsNotMadeAnewInSilence() throws Exception {
        try (var log = CapturedLog.of("io.barnabas")) {
            try (var broker = TestBroker.start(logDir);
                    var admin = Admin.create(broker.clientSettings())) {
                create(admin, "kept", 2);
            }
            assertEquals(List.of(), log.lines("gone"), "a first creation is no loss");
            delete(logDir.resolve("kept-1"));
            TestBroker.start(logDir).close();
            var lines = log.lines("kept-1");
            assertEquals(1, lines.size(), lines::toString);
            assertTrue(
                    lines.get(0).startsWith("WARN ")
                            && lines.get(0).contains(logDir.resolve("kept-1").toString()),
                    lines::toString);
            TestBroker.start(logDir).close();
            assertEquals(1, log.lines("kept-1").size());
        }
    }

    @Test
    void manyCoordinatorsBecomeReadyInFewLinesAndARefusalIsNotRepeated() throws Exception {
        try (var log = CapturedLog.of("io.barnabas")) {
            try (var broker = TestBroker.start(
                            logDir,
                            Map.of("offsets.topic.num.partitions", "50", "offsets.topic.replication.factor", "3"));
                    var consumer = consumer(broker)) {
                assertEquals(
                        1,
                        log.lines("WARN offsets.topic.replication.factor is 3").size(),
                        log.lines()::toString);
                await(() -> {
                    consumer.poll(Duration.ofMillis(50));
                    return !log.lines("__consumer_offsets was not created").isEmpty();
                });
                for (int again = 0; again < 20; again++) {
                    consumer.poll(Duration.ofMillis(50));
                }
                assertEquals(1, log.lines("__consumer_offsets was not created").size());
                assertEquals(List.of(), log.lines("CreateTopics: __consumer_offsets"));
            }
            try (var broker = TestBroker.start(logDir, Map.of("offsets.topic.num.partitions", "50"));
                    var consumer = consumer(broker)) {
                assertEquals(
                        1, log.lines("WARN offsets.topic.replication.factor").size());
                await(() -> {
                    consumer.poll(Duration.ofMillis(50));
                    return !log.lines("Coordinators of").isEmpty();
                });
            }
            try (var broker = TestBroker.start(logDir, Map.of("offsets.topic.num.partitions", "50"))) {
                await(() -> !log.lines("Coordinators of 50 partitions of __consumer_offsets are ready (0-49)")
                        .isEmpty());
            }
        }
    }

    @Test
    void aBrokerThatServesIsHealthyAndReady() throws Exception {
        var url = Pattern.compile("are at (http://\\S+)");
        var http = HttpClient.newHttpClient();
        try (var log = CapturedLog.of("io.barnabas");
                var broker = TestBroker.start(logDir, Map.of("admin.listeners", "127.0.0.1:0"));
                var admin = Admin.create(broker.clientSettings())) {
            create(admin, "t", 3);
            await(() -> !log.lines("/readyz are at").isEmpty());
            var found = url.matcher(log.lines("/readyz are at").get(0));
            assertTrue(found.find());
            for (var path : List.of("/healthz", "/readyz")) {
                var request = HttpRequest.newBuilder(URI.create(found.group(1) + path));
                var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
                assertEquals(200, answer.statusCode(), answer.body());
            }
        }
    }

    private static KafkaConsumer<String, String> consumer(TestBroker broker) {
        var settings = broker.clientSettings();
        settings.put("group.id", "g");
        var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        consumer.subscribe(List.of("t"));
        return consumer;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it never happened");
            Thread.sleep(20);
        }
    }

    private static void create(Admin admin, String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all()
                .get(20, TimeUnit.SECONDS);
    }

    private static void alter(Admin admin, ConfigResource.Type type, String name, String key, String value)
            throws Exception {
        var change = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(type, name), List.of(change)))
                .all()
                .get(20, TimeUnit.SECONDS);
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
