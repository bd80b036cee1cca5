package io.barnabas.broker.telemetry;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ProduceResponse;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TelemetryTest {

    private final Telemetry telemetry = new Telemetry();
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void kafkasNamesAppearOnTheMetricsPage() throws Exception {
        telemetry.topic("orders").appended(10, 2_000);
        telemetry.topic("old").appended(1, 5);
        telemetry.forgetTopic("old");
        telemetry.request("Produce").answered((short) 12, 900_000, 2_100, 60, refusedInOneOfTwo());
        telemetry.gauge("kafka_server_replicamanager_partitioncount", "Partitions here", () -> 6);
        telemetry
                .counter("barnabas_connections_total", "Connections", "listener", "PLAINTEXT")
                .increment();
        try (var endpoint = AdminEndpoint.open(
                "127.0.0.1", 0, telemetry, Optional::empty, Optional::empty, (path, query) -> null)) {
            var body = get(endpoint, "/metrics").body();
            for (var line : new String[] {
                "kafka_server_brokertopicmetrics_messagesin_total 11.0",
                "kafka_server_brokertopicmetrics_bytesin_total{topic=\"orders\",} 2000.0",
                "kafka_network_requestmetrics_requests_total{request=\"Produce\",version=\"12\",} 1.0",
                "kafka_network_requestmetrics_errors_total{request=\"Produce\",error=\"NONE\",} 1.0",
                "kafka_network_requestmetrics_errors_total{request=\"Produce\",error=\"CORRUPT_MESSAGE\",} 1.0",
                "kafka_network_requestmetrics_totaltimems_count{request=\"Produce\",} 1.0",
                "kafka_network_requestmetrics_totaltimems_bucket{request=\"Produce\",le=\"1.024\",} 1.0",
                "kafka_network_requestmetrics_totaltimems_bucket{request=\"Produce\",le=\"0.512\",} 0.0",
                "kafka_server_replicamanager_partitioncount 6.0",
                "barnabas_connections_total{listener=\"PLAINTEXT\",} 1.0",
            }) {
                assertTrue(body.contains(line + "\n"), () -> line + " is not in\n" + body);
            }
            assertTrue(body.contains("process_cpu_seconds_total "), body);
        }
    }

    private static ProduceResponse refusedInOneOfTwo() {
        var topic = new ProduceResponse.TopicProduceResponse().name("orders");
        topic.partitionResponses().add(new ProduceResponse.PartitionProduceResponse());
        topic.partitionResponses()
                .add(new ProduceResponse.PartitionProduceResponse().errorCode(ErrorCode.CORRUPT_MESSAGE.code()));
        return new ProduceResponse().responses(List.of(topic));
    }

    @Test
    void healthAndReadinessFollowTheBroker() throws Exception {
        var unhealthy = new AtomicReference<Optional<String>>(Optional.empty());
        var notReady = new AtomicReference<>(Optional.of("The broker is not there yet."));
        try (var endpoint =
                AdminEndpoint.open("127.0.0.1", 0, telemetry, unhealthy::get, notReady::get, (path, query) -> null)) {
            assertEquals(200, get(endpoint, "/healthz").statusCode());
            assertEquals(503, get(endpoint, "/readyz").statusCode());
            assertEquals(
                    "The broker is not there yet.\n", get(endpoint, "/readyz").body());
            notReady.set(Optional.empty());
            assertEquals(200, get(endpoint, "/readyz").statusCode());
            unhealthy.set(Optional.of("It hangs."));
            assertEquals(503, get(endpoint, "/healthz").statusCode());
            assertEquals("It hangs.\n", get(endpoint, "/healthz").body());
            assertEquals(404, get(endpoint, "/other").statusCode());
        }
    }

    @Test
    void headIsAnsweredWithoutABodyAndWithoutAWarning() throws Exception {
        var warnings = new ConcurrentLinkedQueue<String>();
        var watch = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                    warnings.add(entry.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        var logger = Logger.getLogger("com.sun.net.httpserver");
        logger.addHandler(watch);
        try (var endpoint = AdminEndpoint.open(
                "127.0.0.1", 0, telemetry, Optional::empty, Optional::empty, (path, query) -> null)) {
            for (var path : List.of("/metrics", "/healthz", "/readyz")) {
                var answer = ask("HEAD", endpoint, path);
                assertEquals(200, answer.statusCode(), path);
                assertEquals("", answer.body(), path);
            }
            assertEquals(404, ask("HEAD", endpoint, "/other").statusCode());
            assertEquals(405, ask("POST", endpoint, "/metrics").statusCode());
        } finally {
            logger.removeHandler(watch);
        }
        assertEquals(List.of(), List.copyOf(warnings));
    }

    @Test
    void aScrapeThatHangsKeepsNobodyFromHealth() throws Exception {
        var reached = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        telemetry.source(() -> {
            reached.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return List.of(Family.untyped("things_count", "Things", "kind").add(3, "a\"b"));
        });
        try (var endpoint = AdminEndpoint.open(
                "127.0.0.1", 0, telemetry, Optional::empty, Optional::empty, (path, query) -> null)) {
            var first = CompletableFuture.supplyAsync(() -> {
                try {
                    return get(endpoint, "/metrics");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertTrue(reached.await(20, TimeUnit.SECONDS));
            assertEquals(503, get(endpoint, "/metrics").statusCode());
            assertEquals(200, get(endpoint, "/healthz").statusCode());
            release.countDown();
            var answer = first.get(20, TimeUnit.SECONDS);
            assertEquals(200, answer.statusCode());
            assertTrue(
                    answer.body().contains("# TYPE things_count untyped\nthings_count{kind=\"a\\\"b\",} 3.0\n"),
                    answer.body());
        } finally {
            release.countDown();
        }
    }

    @Test
    void aPageThatHangsKeepsNobodyFromHealth() throws Exception {
        var reached = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        AdminEndpoint.Pages pages = (path, query) -> {
            reached.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return new AdminEndpoint.Pages.Answer(200, "late");
        };
        try (var endpoint = AdminEndpoint.open("127.0.0.1", 0, telemetry, Optional::empty, Optional::empty, pages)) {
            var first = http.sendAsync(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + "/groups"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertTrue(reached.await(20, TimeUnit.SECONDS));
            assertEquals(503, get(endpoint, "/groups").statusCode());
            assertEquals(503, get(endpoint, "/metrics").statusCode());
            assertEquals(200, get(endpoint, "/healthz").statusCode());
            release.countDown();
            assertEquals("late\n", first.get(20, TimeUnit.SECONDS).body());
            assertEquals(200, get(endpoint, "/metrics").statusCode());
        } finally {
            release.countDown();
        }
    }

    @Test
    void aSourceThatFailsLeavesTheOthersOnThePage() throws Exception {
        telemetry.source(() -> {
            throw new IllegalStateException("for a test");
        });
        telemetry.source(() -> List.of(Family.gauge("things", "Things").add(3)));
        try (var endpoint = AdminEndpoint.open(
                "127.0.0.1", 0, telemetry, Optional::empty, Optional::empty, (path, query) -> null)) {
            for (int scrape = 0; scrape < 2; scrape++) {
                var answer = get(endpoint, "/metrics");
                assertEquals(200, answer.statusCode());
                assertTrue(answer.body().contains("things 3.0\n"), answer.body());
            }
        }
    }

    @Test
    void aTakenPortIsAnIoException() throws Exception {
        try (var endpoint = AdminEndpoint.open(
                "127.0.0.1", 0, telemetry, Optional::empty, Optional::empty, (path, query) -> null)) {
            assertThrows(
                    IOException.class,
                    () -> AdminEndpoint.open(
                            "127.0.0.1",
                            endpoint.port(),
                            telemetry,
                            Optional::empty,
                            Optional::empty,
                            (path, query) -> null));
        }
    }

    @Test
    void durationsFallIntoDoublingBuckets() {
        var histogram = new TimeHistogram();
        for (var ns : new long[] {0, 16_000, 17_000, 32_000, Long.MAX_VALUE}) {
            histogram.record(ns);
        }
        assertEquals(2, histogram.count(0));
        assertEquals(2, histogram.count(1));
        assertEquals(1, histogram.count(TimeHistogram.BUCKETS - 1));
        assertEquals(0.016, TimeHistogram.upperBoundMs(0));
    }

    private HttpResponse<String> get(AdminEndpoint endpoint, String path) throws Exception {
        return ask("GET", endpoint, path);
    }

    private HttpResponse<String> ask(String method, AdminEndpoint endpoint, String path) throws Exception {
        var uri = URI.create("http://127.0.0.1:" + endpoint.port() + path);
        return http.send(
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
