package io.barnabas.broker;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import io.barnabas.broker.testing.CapturedLog;
import io.barnabas.broker.testing.TestBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What /metrics tells of logs, log directories and compaction. */
class LogMetricsIT {
    private static final Map<String, String> SETTINGS = Map.of(
            "admin.listeners",
            "127.0.0.1:0",
            "log.cleaner.backoff.ms",
            "50",
            "log.cleaner.min.cleanable.ratio",
            "0.01");

    @TempDir
    Path logDir;

    private final HttpClient http = HttpClient.newHttpClient();
    private String url;

    @Test
    void logsAndCompactionAreMeasured() throws Exception {
        try (var log = CapturedLog.of("io.barnabas");
                var broker = TestBroker.start(logDir, SETTINGS);
                var admin = Admin.create(broker.clientSettings())) {
            await(() -> !log.lines("/readyz are at").isEmpty());
            url = url(log.lines("/readyz are at").get(0));
            var configs = Map.of("cleanup.policy", "compact", "internal.segment.bytes", "2000", "flush.messages", "10");
            admin.createTopics(List.of(new NewTopic("t", 2, (short) 1).configs(configs)))
                    .all()
                    .get(20, TimeUnit.SECONDS);
            produce(broker);
            await(() -> metric("kafka_log_logcleaner_cleaner_recopy_percent") > 0);
            assertTrue(metric("kafka_log_logcleaner_cleaner_recopy_percent") < 100);
            assertEquals(100, metric("kafka_log_log_logendoffset{topic=\"t\",partition=\"1\",}"));
            assertEquals(0, metric("kafka_log_log_logendoffset{topic=\"t\",partition=\"0\",}"));
            assertEquals(0, metric("kafka_log_log_logstartoffset{topic=\"t\",partition=\"1\",}"));
            assertTrue(metric("kafka_log_log_size{topic=\"t\",partition=\"1\",}") > 100);
            assertTrue(metric("kafka_log_log_numlogsegments{topic=\"t\",partition=\"1\",}") > 1);
            assertTrue(metric("kafka_log_logflushstats_logflushrateandtimems_count") >= 10);
            assertTrue(metric("kafka_log_logflushstats_logflushrateandtimems_sum") > 0);
            assertTrue(metric("kafka_log_logcleanermanager_time_since_last_run_ms") >= 0);
            var directory = "{logDirectory=\"" + logDir + "\",}";
            for (var name : List.of(
                    "kafka_log_logcleaner_max_buffer_utilization_percent",
                    "kafka_log_logcleaner_max_clean_time_secs",
                    "kafka_log_logcleaner_max_compaction_delay_secs",
                    "kafka_log_logcleaner_deadthreadcount",
                    "kafka_log_logcleanermanager_uncleanable_partitions_count" + directory,
                    "kafka_log_logcleanermanager_uncleanable_bytes" + directory,
                    "kafka_log_logmanager_logdirectoryoffline" + directory,
                    "kafka_log_logmanager_logdirectorycordoned" + directory,
                    "kafka_log_logmanager_cordonedlogdirectorycount",
                    "kafka_log_logmanager_offlinelogdirectorycount",
                    "kafka_server_replicamanager_offlinereplicacount")) {
                assertEquals(0, metric(name), name);
            }
            assertTrue(metric("kafka_log_logcleanermanager_max_dirty_percent") >= 0);
            assertEquals(2, metric("kafka_server_replicamanager_partitioncount"));
        }
    }

    @Test
    void veryManyPartitionsAreListedByTopic() throws Exception {
        try (var log = CapturedLog.of("io.barnabas");
                var broker = TestBroker.start(logDir, SETTINGS);
                var admin = Admin.create(broker.clientSettings())) {
            await(() -> !log.lines("/readyz are at").isEmpty());
            url = url(log.lines("/readyz are at").get(0));
            admin.createTopics(List.of(new NewTopic("t", LogMetrics.MOST_PARTITIONS, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
            assertEquals(1, metric("kafka_log_log_numlogsegments{topic=\"t\",partition=\"4999\",}"));
            admin.createTopics(List.of(new NewTopic("u", 2, (short) 1))).all().get(20, TimeUnit.SECONDS);
            assertEquals(2, metric("kafka_log_log_numlogsegments{topic=\"u\",}"));
            assertEquals(LogMetrics.MOST_PARTITIONS, metric("kafka_log_log_numlogsegments{topic=\"t\",}"));
            assertEquals(0, metric("kafka_log_log_size{topic=\"t\",}"));
            assertEquals(
                    0,
                    page().lines().filter(line -> line.contains("partition=")).count());
        }
    }

    private static void produce(TestBroker broker) throws Exception {
        try (var producer =
                new KafkaProducer<>(broker.clientSettings(), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>("t", 1, "k" + i % 3, "v".repeat(200)))
                        .get();
            }
        }
    }

    private static String url(String line) {
        var found = Pattern.compile("are at (http://\\S+)").matcher(line);
        assertTrue(found.find(), line);
        return found.group(1);
    }

    private String page() throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create(url + "/metrics")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private double metric(String name) throws Exception {
        var page = page();
        return page.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in\n" + page));
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, "it never happened");
            Thread.sleep(20);
        }
    }
}
