package io.barnabas.broker.groupview;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

import io.barnabas.broker.telemetry.AdminEndpoint;
import io.barnabas.broker.telemetry.Telemetry;
import io.barnabas.broker.testing.Batches;
import io.barnabas.broker.testing.CapturedLog;
import io.barnabas.broker.testing.Damage;
import io.barnabas.storage.log.LogConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Lag where something is wrong: a damaged log, shards that do not answer. */
class LagsTest {
    private static final int SEGMENT_BYTES = 200;

    @TempDir
    Path logDir;

    private GroupWorld world;
    private AdminEndpoint endpoint;

    @BeforeEach
    void open() throws Exception {
        world = new GroupWorld(logDir);
        var telemetry = new Telemetry();
        telemetry.source(new Lags(world.groups, world.partitions, 1_000, System::currentTimeMillis));
        endpoint =
                AdminEndpoint.open("127.0.0.1", 0, telemetry, Optional::empty, Optional::empty, (path, query) -> null);
    }

    @AfterEach
    void close() throws Exception {
        endpoint.close();
        world.close();
    }

    @Test
    void aDamagedBatchHidesTheAgeOfItsRecordsOnly() throws Exception {
        var partition =
                world.topic(LogConfig.builder().segmentBytes(SEGMENT_BYTES).build());
        for (int i = 0; i < 6; i++) {
            world.append(partition, Batches.of("x".repeat(50)));
        }
        assertTrue(partition.log().view().segmentCount() > 2);
        world.commit("whole", 5);
        world.commit("damaged", 0);
        Damage.ofBatchLength(logDir, partition.name(), 0, 5);
        var page = scrape();
        assertEquals(List.of("damaged", "whole"), groups(page, "kafka_consumergroup_lag"));
        assertEquals(List.of("whole"), groups(page, "kafka_consumergroup_lag_seconds"));
        assertEquals(0, omitted(page));
    }

    /** One after the other would take as long as all together: after a while the rest is not asked. */
    @Test
    void shardsThatDoNotAnswerAreWaitedForOnlyForAWhile() throws Exception {
        world.topic(LogConfig.DEFAULTS);
        for (int i = 0; i < 100; i++) {
            world.commit("g" + i, 0);
        }
        for (int partition = 1; partition < GroupWorld.OFFSETS_PARTITIONS; partition++) {
            world.block(partition);
        }
        try (var log = CapturedLog.of(Lags.class.getName())) {
            var page = scrape();
            int known = groups(page, "kafka_consumergroup_lag").size();
            assertTrue(known > 0 && known < 100, () -> known + " known");
            assertEquals(100 - known, omitted(page));
            int asked = log.lines("is not known").size();
            assertTrue(asked > 0 && asked < GroupWorld.OFFSETS_PARTITIONS - 1, () -> asked + " asked");
        }
        world.release();
        var page = scrape();
        assertEquals(100, groups(page, "kafka_consumergroup_lag").size());
        assertEquals(0, omitted(page));
    }

    private String scrape() throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + "/metrics"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** Those that have a series of this name, in order. */
    private static List<String> groups(String page, String name) {
        var found = new TreeSet<String>();
        var series = Pattern.compile("^" + name + "\\{consumergroup=\"([^\"]*)\"", Pattern.MULTILINE)
                .matcher(page);
        while (series.find()) {
            found.add(series.group(1));
        }
        return List.copyOf(found);
    }

    private static int omitted(String page) {
        var found = Pattern.compile("^barnabas_consumergroup_lag_omitted (\\d+)", Pattern.MULTILINE)
                .matcher(page);
        assertTrue(found.find(), page);
        return Integer.parseInt(found.group(1));
    }
}
