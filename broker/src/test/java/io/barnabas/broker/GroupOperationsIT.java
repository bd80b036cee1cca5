package io.barnabas.broker;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.yammer.metrics.core.MetricsRegistry;
import io.barnabas.broker.testing.CapturedLog;
import io.barnabas.broker.testing.RawClient;
import io.barnabas.broker.testing.TestBroker;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponse;
import io.barnabas.protocol.message.JoinGroupRequest;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorRuntimeMetrics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What operators see of groups: metrics, lag, the timeline of rebalances, log lines. */
class GroupOperationsIT {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final long DEADLINE_S = 40;
    private static final int SESSION_MS = 1_000;
    private static final String MANAGER = "kafka_coordinator_group_groupmetadatamanager_";
    private static final String COORDINATOR = "kafka_server_group_coordinator_metrics_";
    private static final Map<String, String> BRISK = Map.of(
            "admin.listeners", "127.0.0.1:0",
            "group.min.session.timeout.ms", "100",
            "group.consumer.min.heartbeat.interval.ms", "100",
            "group.consumer.heartbeat.interval.ms", "100",
            "group.consumer.min.session.timeout.ms", "1000",
            "group.consumer.session.timeout.ms", "2000",
            "group.consumer.assignment.interval.ms", "0");

    @TempDir
    Path logDir;

    private final HttpClient http = HttpClient.newHttpClient();
    private CapturedLog log;
    private TestBroker broker;
    private Admin admin;
    private String url;

    @BeforeEach
    void start() throws Exception {
        start(BRISK);
    }

    private void start(Map<String, String> overrides) throws Exception {
        log = CapturedLog.of("io.barnabas");
        broker = TestBroker.start(logDir, overrides);
        admin = Admin.create(broker.clientSettings());
        await(() -> !log.lines("/readyz are at").isEmpty());
        var found = Pattern.compile("are at (http://\\S+)")
                .matcher(log.lines("/readyz are at").get(0));
        assertTrue(found.find());
        url = found.group(1);
    }

    @AfterEach
    void stop() {
        admin.close(Duration.ofSeconds(5));
        broker.close();
        log.close();
    }

    @Test
    void aClassicGroupThroughJoinsLeavesAndATimeout() throws Exception {
        create("t", 2);
        produce("t", 0, 10);
        produce("t", 1, 5);
        var members = new ArrayList<KafkaConsumer<String, String>>();
        try (var stranger = new RawClient(broker.port())) {
            members.add(consumer("shop", "classic"));
            pollUntilAssigned(members, 2);
            commit(members.get(0), 0, 4);
            awaitMetric("kafka_consumergroup_lag{consumergroup=\"shop\",topic=\"t\",partition=\"0\",}", 6);
            assertTrue(
                    metric("kafka_consumergroup_lag_seconds{consumergroup=\"shop\",topic=\"t\",partition=\"0\",}") > 0);
            commit(members.get(0), 1, 5);
            awaitMetric("kafka_consumergroup_lag{consumergroup=\"shop\",topic=\"t\",partition=\"1\",}", 0);
            awaitMetric("kafka_consumergroup_lag_seconds{consumergroup=\"shop\",topic=\"t\",partition=\"1\",}", 0);
            awaitMetric(MANAGER + "numoffsets", 2);
            awaitMetric(MANAGER + "numgroups", 1);
            awaitMetric(MANAGER + "numgroupsstable", 1);
            awaitMetric(COORDINATOR + "group_count{protocol=\"classic\",}", 1);
            awaitMetric(COORDINATOR + "group_count{protocol=\"consumer\",}", 0);
            awaitMetric(COORDINATOR + "num_partitions{state=\"active\",}", 3);
            awaitMetric(COORDINATOR + "num_partitions{state=\"loading\",}", 0);
            awaitMetric(COORDINATOR + "num_partitions{state=\"failed\",}", 0);
            assertEquals(2, metric(COORDINATOR + "offset_commit_count"));
            assertTrue(metric(COORDINATOR + "offset_commit_rate") > 0);
            assertTrue(metric(COORDINATOR + "partition_load_time_max") >= 0);

            members.add(consumer("shop", "classic"));
            pollUntilAssigned(members, 2);
            // One that is never heard of again; it joins as clients of old did, in one step.
            stranger.send(oldJoin("shop"), 3);
            pollUntil(members, () -> told("shop").stream().anyMatch(line -> line.contains("2->3")));
            pollUntil(members, () -> told("shop").stream()
                    .anyMatch(line -> line.contains("member timed out") && line.contains(" stable ")));
            members.remove(1).close();
            pollUntilAssigned(members, 2);
            members.remove(0).close();
            await(() -> metric(MANAGER + "numgroupsempty") == 1);
        } finally {
            members.forEach(KafkaConsumer::close);
        }
        var told = told("shop");
        assertEquals(
                List.of(
                        "stable classic 0->1 member joined",
                        "stable classic 1->2 member joined",
                        "stable classic 2->3 member joined",
                        "stable classic 3->2 member timed out",
                        "stable classic 2->1 member left",
                        "empty classic 1->0 member left"),
                told.stream().map(GroupOperationsIT::essence).toList(),
                told::toString);
        assertEquals(5, metric(COORDINATOR + "group_completed_rebalance_count"));
        assertEquals(
                5, log.lines("Stabilized").size(), () -> log.lines("Group shop").toString());
        assertTrue(log.lines("Stabilized").get(1).contains("members 1 -> 2, cause: member joined"));

        admin.deleteConsumerGroupOffsets("shop", Set.of(new TopicPartition("t", 1)))
                .all()
                .get(20, TimeUnit.SECONDS);
        assertEquals(1, metric(COORDINATOR + "offset_deletion_count"));
        assertEquals(1, metric(MANAGER + "numoffsets"));
        admin.deleteConsumerGroups(List.of("shop")).all().get(20, TimeUnit.SECONDS);
        assertEquals(0, metric(MANAGER + "numoffsets"));
        assertFalse(get("/metrics").body().contains("consumergroup=\"shop\""));
        assertTrue(get("/groups").body().contains("gone"), get("/groups").body());
    }

    @Test
    void aConsumerGroupThroughJoinsLeavesAndATimeout() throws Exception {
        create("t", 4);
        produce("t", 3, 7);
        var members = new ArrayList<KafkaConsumer<String, String>>();
        try (var stranger = new RawClient(broker.port())) {
            members.add(consumer("new", "consumer"));
            pollUntilAssigned(members, 4);
            commit(members.get(0), 3, 6);
            awaitMetric("kafka_consumergroup_lag{consumergroup=\"new\",topic=\"t\",partition=\"3\",}", 1);
            awaitMetric(COORDINATOR + "consumer_group_count{state=\"Stable\",}", 1);
            awaitMetric(COORDINATOR + "group_count{protocol=\"consumer\",}", 1);
            awaitMetric(MANAGER + "numgroups", 0);
            members.add(consumer("new", "consumer"));
            pollUntil(members, () -> stable("new", 2));
            var joined = stranger.call(
                    new ConsumerGroupHeartbeatRequest()
                            .groupId("new")
                            .memberId(Uuid.random().toString())
                            .rebalanceTimeoutMs(60_000)
                            .subscribedTopicNames(List.of("t"))
                            .topicPartitions(List.of()),
                    1,
                    ConsumerGroupHeartbeatResponse.class);
            assertEquals(0, joined.errorCode(), joined::toString);
            pollUntil(members, () -> told("new").stream()
                    .anyMatch(
                            line -> line.contains("timed out") && line.contains(" stable ") || line.contains("(+1)")));
            pollUntil(members, () -> stable("new", 2));
            members.remove(1).close();
            pollUntil(members, () -> stable("new", 1));
            members.remove(0).close();
            await(() -> metric(COORDINATOR + "consumer_group_count{state=\"Empty\",}") == 1);
        } finally {
            members.forEach(KafkaConsumer::close);
        }
        var told = told("new");
        var essence = told.stream().map(GroupOperationsIT::essence).toList();
        assertEquals("stable consumer 0->1 member joined", essence.get(0), told::toString);
        assertEquals("stable consumer 1->2 member joined", essence.get(1), told::toString);
        // The stranger never takes its partitions, so the rebalance it causes may end only when it has timed out.
        assertTrue(
                essence.get(2).contains(" consumer 2->") && essence.get(2).contains("member joined"), told::toString);
        assertEquals("stable consumer 2->1 member left", essence.get(essence.size() - 2), told::toString);
        assertEquals("empty consumer 1->0 member left", essence.get(essence.size() - 1), told::toString);
        assertEquals(1, log.lines("Member removed").size());
        assertEquals(3, metric(COORDINATOR + "consumer_group_rebalance_count"), "as Kafka counts");
        assertEquals(0, metric(COORDINATOR + "group_completed_rebalance_count"));
    }

    @Test
    void lagIsOfWhatCanStillBeConsumed() throws Exception {
        create("t", 1);
        long nowMs = System.currentTimeMillis();
        try (var producer =
                new KafkaProducer<>(broker.clientSettings(), new StringSerializer(), new StringSerializer())) {
            for (long ageS : List.of(4_000L, 3_000L, 2_000L, 1_000L)) {
                producer.send(new ProducerRecord<>("t", 0, nowMs - ageS * 1_000, "k", "v"))
                        .get(20, TimeUnit.SECONDS);
            }
        }
        var partition = new TopicPartition("t", 0);
        commitFor("old", 0);
        commitFor("later", 2);
        commitFor("done", 4);
        commitFor("beyond", 9);
        awaitLag("old", 4, 4_000);
        awaitLag("later", 2, 2_000);
        awaitLag("done", 0, 0);
        awaitLag("beyond", 0, 0);

        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(3)))
                .all()
                .get(20, TimeUnit.SECONDS);
        awaitLag("old", 4, 1_000);

        // A topic of the same name is another one.
        admin.deleteTopics(List.of("t")).all().get(20, TimeUnit.SECONDS);
        create("t", 1);
        produce("t", 0, 1);
        await(() -> Double.isNaN(metric(lagOf("kafka_consumergroup_lag", "old"))));
        commitFor("old", 0);
        awaitLag("old", 1, 0);
    }

    private void commitFor(String group, long offset) throws Exception {
        admin.alterConsumerGroupOffsets(group, Map.of(new TopicPartition("t", 0), new OffsetAndMetadata(offset)))
                .all()
                .get(20, TimeUnit.SECONDS);
    }

    private static String lagOf(String name, String group) {
        return name + "{consumergroup=\"" + group + "\",topic=\"t\",partition=\"0\",}";
    }

    /** @param ageS the time lag is this, and as long as the test took more */
    private void awaitLag(String group, long offsets, long ageS) throws Exception {
        awaitMetric(lagOf("kafka_consumergroup_lag", group), offsets);
        await(() -> {
            double found = metric(lagOf("kafka_consumergroup_lag_seconds", group));
            return found >= ageS && found < ageS + 900;
        });
    }

    @Test
    void lagIsBoundedAndCanBeSwitchedOff() throws Exception {
        create("t", 6);
        for (int partition = 0; partition < 6; partition++) {
            produce("t", partition, 1);
        }
        for (var group : List.of("g1", "g2")) {
            var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
            for (int partition = 0; partition < 6; partition++) {
                offsets.put(new TopicPartition("t", partition), new OffsetAndMetadata(0));
            }
            admin.alterConsumerGroupOffsets(group, offsets).all().get(20, TimeUnit.SECONDS);
        }
        assertEquals(
                12,
                get("/metrics")
                        .body()
                        .lines()
                        .filter(line -> line.startsWith("kafka_consumergroup_lag{"))
                        .count());
        assertEquals(0, metric("barnabas_consumergroup_lag_omitted"));
        for (var limit : List.of(8, 0)) {
            stop();
            var overrides = new HashMap<>(BRISK);
            overrides.put("group.lag.max.series", limit.toString());
            start(overrides);
            awaitMetric(MANAGER + "numoffsets", 12);
            assertEquals(
                    (long) limit,
                    get("/metrics")
                            .body()
                            .lines()
                            .filter(line -> line.startsWith("kafka_consumergroup_lag{"))
                            .count());
            if (limit > 0) {
                assertEquals(4, metric("barnabas_consumergroup_lag_omitted"));
            }
        }
    }

    @Test
    void aGroupWithAVeryLongNameFillsNoPage() throws Exception {
        create("t", 1);
        produce("t", 0, 2);
        commitFor("x".repeat(30_000), 0);
        commitFor("short", 0);
        awaitMetric(lagOf("kafka_consumergroup_lag", "short"), 2);
        var body = get("/metrics").body();
        assertEquals(
                1,
                body.lines()
                        .filter(line -> line.startsWith("kafka_consumergroup_lag{"))
                        .count());
        assertEquals(1, metric("barnabas_consumergroup_lag_omitted"));
        var groups = get("/groups").body();
        assertTrue(groups.contains("xxx...  ") && groups.length() < 2_000, groups);
    }

    /** Kafka's own classes say what they would register. */
    @Test
    void theNamesAreThoseOfKafkasBeans() throws Exception {
        var expected = new TreeSet<String>();
        var registry = new MetricsRegistry();
        try (var metrics = new Metrics();
                var group = new GroupCoordinatorMetrics(registry, metrics);
                var runtime = new GroupCoordinatorRuntimeMetrics(metrics)) {
            for (var name : metrics.metrics().keySet()) {
                if (name.group().equals(GroupCoordinatorMetrics.METRICS_GROUP)) {
                    var labels = new StringBuilder();
                    name.tags().forEach((tag, value) -> labels.append(tag)
                            .append("=\"")
                            .append(value)
                            .append("\","));
                    expected.add(
                            COORDINATOR + name.name().replace('-', '_') + (labels.isEmpty() ? "" : "{" + labels + "}"));
                }
            }
            for (var name : registry.allMetrics().keySet()) {
                expected.add(
                        "kafka_coordinator_group_" + (name.getType() + "_" + name.getName()).toLowerCase(Locale.ROOT));
            }
        }
        // Groups of kinds that are not served yet, and what describes Kafka's own threads and buffers.
        expected.removeIf(name -> Pattern.compile("share|streams|_event_|_batch_|_background_|thread_idle")
                .matcher(name)
                .find());
        var found = get("/metrics")
                .body()
                .lines()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .filter(name -> name.startsWith(MANAGER) || name.startsWith(COORDINATOR))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(expected, found);
        assertTrue(found.size() > 25, found::toString);
    }

    private boolean stable(String group, int members) {
        var told = told(group);
        var last = told.get(told.size() - 1);
        return last.contains(" stable ") && last.contains("->" + members + " ");
    }

    private static JoinGroupRequest oldJoin(String group) {
        var request = new JoinGroupRequest()
                .groupId(group)
                .protocolType("consumer")
                .sessionTimeoutMs(SESSION_MS)
                .rebalanceTimeoutMs(60_000);
        for (var name : List.of("range", "cooperative-sticky")) {
            request.protocols()
                    .add(new JoinGroupRequest.JoinGroupRequestProtocol()
                            .name(name)
                            // Version 0: no topics, no user data.
                            .metadata(new byte[] {0, 0, 0, 0, 0, 0, -1, -1, -1, -1}));
        }
        return request;
    }

    /** Without times and numbers that vary. */
    private static String essence(String line) {
        var matcher = Pattern.compile(
                        "(stable|empty|under way|interrupted)\\s+(classic|consumer)\\s+\\d+\\s+(\\d+->\\d+)\\s+(.*?)\\s\\s.*")
                .matcher(line);
        assertTrue(matcher.find(), line);
        return matcher.group(1) + " " + matcher.group(2) + " " + matcher.group(3) + " " + matcher.group(4);
    }

    /** The lines of the timeline, without the heads; oldest first. */
    private List<String> told(String group) {
        var answer = get("/groups/" + group + "/rebalances");
        return answer.statusCode() == 404
                ? List.of()
                : answer.body().lines().skip(1).toList();
    }

    private HttpResponse<String> get(String path) {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create(url + path)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (Exception e) {
            throw new AssertionError(path, e);
        }
    }

    /** NaN if there is none. */
    private double metric(String series) {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    private void awaitMetric(String series, double value) throws Exception {
        await(() -> metric(series) == value);
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, "it never happened");
            Thread.sleep(20);
        }
    }

    private void create(String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all()
                .get(20, TimeUnit.SECONDS);
    }

    private void produce(String topic, int partition, int count) {
        try (var producer =
                new KafkaProducer<>(broker.clientSettings(), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, partition, "k", "v" + i));
            }
        }
    }

    private KafkaConsumer<String, String> consumer(String group, String protocol) {
        var settings = broker.clientSettings();
        settings.put("group.id", group);
        settings.put("group.protocol", protocol);
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "earliest");
        if (protocol.equals("classic")) {
            settings.put("heartbeat.interval.ms", 100);
        }
        var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        consumer.subscribe(List.of("t"));
        return consumer;
    }

    private static void commit(KafkaConsumer<String, String> member, int partition, long offset) {
        member.commitSync(Map.of(new TopicPartition("t", partition), new OffsetAndMetadata(offset)));
    }

    private static void pollUntilAssigned(List<KafkaConsumer<String, String>> members, int partitions)
            throws Exception {
        pollUntil(
                members,
                () -> members.stream().allMatch(member -> !member.assignment().isEmpty())
                        && members.stream()
                                        .mapToInt(member -> member.assignment().size())
                                        .sum()
                                == partitions);
    }

    private static void pollUntil(List<KafkaConsumer<String, String>> members, Condition condition) throws Exception {
        await(() -> {
            members.forEach(member -> member.poll(POLL));
            return condition.holds();
        });
    }
}
