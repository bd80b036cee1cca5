package io.barnabas.compat.programs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.compat.programs.Program.BROKER_API_VERSIONS;
import static io.barnabas.compat.programs.Program.CLIENT_METRICS;
import static io.barnabas.compat.programs.Program.CONFIGS;
import static io.barnabas.compat.programs.Program.CONSOLE_CONSUMER;
import static io.barnabas.compat.programs.Program.CONSOLE_PRODUCER;
import static io.barnabas.compat.programs.Program.CONSUMER_GROUPS;
import static io.barnabas.compat.programs.Program.CONSUMER_PERF_TEST;
import static io.barnabas.compat.programs.Program.DELETE_RECORDS;
import static io.barnabas.compat.programs.Program.GET_OFFSETS;
import static io.barnabas.compat.programs.Program.PRODUCER_PERF_TEST;
import static io.barnabas.compat.programs.Program.TOPICS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A user at the keyboard: the programs Apache Kafka ships, run against Apache Kafka and against Barnabas, say the same.
 * The sessions are written to {@code target/sessions}, one file per scenario and product.
 */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StockProgramsIT {
    @TempDir
    static Path folder;

    private static SideBySide brokers;

    @BeforeAll
    static void start() {
        brokers = SideBySide.started(folder, Map.of("offsets.topic.num.partitions", "3"));
    }

    @AfterAll
    static void stop() {
        brokers.close();
    }

    @Test
    void topics() throws Exception {
        brokers.same("topics", session -> {
            session.run(
                    TOPICS,
                    "--create",
                    "--topic",
                    "tp-1",
                    "--partitions",
                    "3",
                    "--replication-factor",
                    "1",
                    "--config",
                    "retention.ms=3600000",
                    "--config",
                    "cleanup.policy=delete");
            session.run(TOPICS, "--create", "--topic", "tp-2");
            session.run(TOPICS, "--create", "--topic", "tp_3.x", "--replica-assignment", "1,1");
            session.untilTopic("tp-1", 3);
            session.untilTopic("tp-2", 1);
            session.untilTopic("tp_3.x", 2);
            session.run(TOPICS, "--create", "--topic", "tp-1");
            session.run(TOPICS, "--create", "--topic", "tp-1", "--if-not-exists");
            session.run(TOPICS, "--create", "--topic", "tp_3_x");
            session.run(TOPICS, "--create", "--topic", "tp-bad/name");
            session.run(TOPICS, "--create", "--topic", ".");
            session.run(TOPICS, "--create", "--topic", "x".repeat(250));
            session.run(TOPICS, "--create", "--topic", "tp-4", "--partitions", "0");
            session.run(TOPICS, "--create", "--topic", "tp-4", "--replication-factor", "2");
            session.run(TOPICS, "--create", "--topic", "tp-4", "--replica-assignment", "7");
            session.run(TOPICS, "--create", "--topic", "tp-4", "--config", "retention.ms=soon");
            session.run(TOPICS, "--create", "--topic", "tp-4", "--config", "no.such.key=1");
            session.run(TOPICS, "--create", "--topic", "tp-4", "--config", "min.insync.replicas=0");
            session.run(TOPICS, "--list", "--topic", "tp.*");
            session.run(TOPICS, "--describe", "--topic", "tp-1");
            session.run(TOPICS, "--describe", "--topic", "tp.*");
            session.run(TOPICS, "--describe", "--topic", "tp.*", "--topics-with-overrides");
            session.run(TOPICS, "--describe", "--topic", "tp.*", "--under-replicated-partitions");
            session.run(TOPICS, "--describe", "--topic", "tp.*", "--unavailable-partitions");
            session.run(TOPICS, "--describe", "--topic", "tp-none");
            session.run(TOPICS, "--describe", "--topic", "tp-none", "--if-exists");
            session.run(TOPICS, "--describe", "--topic-id", "aaaaaaaaaaaaaaaaaaaaaA");
            session.run(TOPICS, "--alter", "--topic", "tp-1", "--partitions", "5");
            session.untilTopic("tp-1", 5);
            session.run(TOPICS, "--describe", "--topic", "tp-1");
            session.run(TOPICS, "--alter", "--topic", "tp-1", "--partitions", "4");
            session.run(TOPICS, "--alter", "--topic", "tp-1", "--partitions", "5");
            session.run(TOPICS, "--alter", "--topic", "tp-1", "--partitions", "-1");
            session.run(
                    TOPICS, "--alter", "--topic", "tp-1", "--partitions", "7", "--replica-assignment", "1,1,1,1,1,9,9");
            session.run(TOPICS, "--alter", "--topic", "tp-none", "--partitions", "4");
            session.run(TOPICS, "--delete", "--topic", "tp-2");
            session.untilNoTopic("tp-2");
            session.run(TOPICS, "--delete", "--topic", "tp-2");
            session.run(TOPICS, "--delete", "--topic", "tp-2", "--if-exists");
            session.run(TOPICS, "--list", "--topic", "tp.*", "--exclude-internal");
            session.run(TOPICS, "--describe", "--topic", "tp-2");
        });
    }

    @Test
    void consoleProducerAndConsumer() throws Exception {
        brokers.same("console", session -> {
            session.run(TOPICS, "--create", "--topic", "con");
            session.untilTopic("con", 1);
            session.feed(
                    "a:1,b:2\tk1\tfirst\nc:3\tk2\tsecond\nNULL\tk3\tno headers\nd:4\tNULL\tnull key\ne:5\tk5\tNULL\n",
                    CONSOLE_PRODUCER,
                    "--topic",
                    "con",
                    "--reader-property",
                    "parse.key=true",
                    "--reader-property",
                    "parse.headers=true",
                    "--reader-property",
                    "null.marker=NULL");
            for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
                session.feed(
                        codec + " 1\n" + codec + " 2 é ü 漢\n",
                        CONSOLE_PRODUCER,
                        "--topic",
                        "con",
                        "--compression-codec",
                        codec);
            }
            session.feed("no acks\n", CONSOLE_PRODUCER, "--topic", "con", "--request-required-acks", "0");
            // Nothing tells when a record without acks has arrived.
            session.until(admin -> logEnd(session, "con") == 16);
            session.feed("one ack\n", CONSOLE_PRODUCER, "--topic", "con", "--request-required-acks", "1", "--sync");
            session.feed("bad line\n", CONSOLE_PRODUCER, "--topic", "con", "--reader-property", "parse.key=true");
            session.run(
                    CONSOLE_CONSUMER,
                    "--topic",
                    "con",
                    "--from-beginning",
                    "--max-messages",
                    "17",
                    "--formatter-property",
                    "print.key=true",
                    "--formatter-property",
                    "print.headers=true",
                    "--formatter-property",
                    "print.partition=true",
                    "--formatter-property",
                    "print.offset=true",
                    "--formatter-property",
                    "print.timestamp=true",
                    "--formatter-property",
                    "null.literal=NULL");
            session.run(
                    CONSOLE_CONSUMER,
                    "--topic",
                    "con",
                    "--partition",
                    "0",
                    "--offset",
                    "3",
                    "--max-messages",
                    "2",
                    "--isolation-level",
                    "read_committed");
            session.run(
                    CONSOLE_CONSUMER,
                    "--topic",
                    "con",
                    "--partition",
                    "0",
                    "--offset",
                    "earliest",
                    "--max-messages",
                    "1");
            session.run(
                    CONSOLE_CONSUMER,
                    "--topic",
                    "con",
                    "--group",
                    "con-group",
                    "--from-beginning",
                    "--max-messages",
                    "10");
            session.run(CONSOLE_CONSUMER, "--topic", "con", "--group", "con-group", "--timeout-ms", "3000");
            session.run(CONSOLE_CONSUMER, "--include", "co[mn]", "--from-beginning", "--max-messages", "3");
            // The topic makes itself.
            session.feed("hello\n", CONSOLE_PRODUCER, "--topic", "con-auto");
            session.untilTopic("con-auto", 1);
            session.run(CONSOLE_CONSUMER, "--topic", "con-auto", "--from-beginning", "--max-messages", "1");
            session.run(TOPICS, "--describe", "--topic", "con-auto");
            session.feed("x\n", CONSOLE_PRODUCER, "--topic", "bad/name", "--max-block-ms", "2000");
            session.run(CONSOLE_CONSUMER, "--topic", "bad/name", "--timeout-ms", "1000");
        });
    }

    @Test
    void configs() throws Exception {
        brokers.same("configs", session -> {
            session.run(TOPICS, "--create", "--topic", "cfg");
            session.untilTopic("cfg", 1);
            topicConfig(session, "--describe");
            topicConfig(session, "--describe", "--all");
            topicConfig(session, "--alter", "--add-config", "retention.ms=61000,cleanup.policy=[compact,delete]");
            session.until(admin -> config(session, "cfg").contains("61000"));
            topicConfig(session, "--describe");
            topicConfig(session, "--alter", "--delete-config", "retention.ms");
            session.until(admin -> !config(session, "cfg").contains("61000"));
            topicConfig(session, "--describe");
            topicConfig(session, "--alter", "--delete-config", "retention.ms");
            topicConfig(session, "--alter", "--add-config", "retention.ms=never");
            topicConfig(session, "--alter", "--add-config", "no.such.key=1");
            topicConfig(session, "--alter", "--add-config", "min.insync.replicas=0");
            topicConfig(session, "--alter", "--add-config", "compression.type=brotli");
            topicConfig(session, "--alter", "--add-config", "segment.bytes=12");
            topicConfig(session, "--alter", "--add-config", "remote.storage.enable=true");
            topicConfig(session, "--alter", "--delete-config", "no.such.key");
            session.run(CONFIGS, "--describe", "--topic", "cfg-none");
            session.run(CONFIGS, "--alter", "--topic", "cfg-none", "--add-config", "retention.ms=1");
            session.run(CONFIGS, "--describe", "--broker", "1");
            session.run(CONFIGS, "--alter", "--broker-defaults", "--add-config", "log.retention.ms=7200000");
            session.until(admin -> config(session, "cfg").contains("7200000"));
            session.run(CONFIGS, "--describe", "--broker-defaults");
            session.run(CONFIGS, "--describe", "--broker", "1");
            topicConfig(session, "--describe", "--all");
            session.run(CONFIGS, "--alter", "--broker-defaults", "--delete-config", "log.retention.ms");
            session.until(admin -> !config(session, "cfg").contains("7200000"));
            session.run(CONFIGS, "--alter", "--broker", "1", "--add-config", "log.segment.bytes=3");
            session.run(CONFIGS, "--alter", "--broker", "1", "--add-config", "node.id=3");
            session.run(CONFIGS, "--alter", "--broker", "one", "--add-config", "log.retention.ms=7200000");
            session.run(CONFIGS, "--describe", "--group", "cfg-group");
            session.run(
                    CONFIGS, "--alter", "--group", "cfg-group", "--add-config", "consumer.session.timeout.ms=50000");
            session.until(admin -> listed(admin, ConfigResource.Type.GROUP).equals(List.of("cfg-group")));
            session.run(CONFIGS, "--describe", "--group", "cfg-group");
            session.run(CONFIGS, "--alter", "--group", "cfg-group", "--add-config", "consumer.session.timeout.ms=1");
            session.run(CONFIGS, "--alter", "--group", "cfg-group", "--add-config", "no.such.key=1");
            session.run(CLIENT_METRICS, "--list");
            session.run(CLIENT_METRICS, "--describe", "--name", "cfg-metrics");
            session.run(
                    CLIENT_METRICS,
                    "--alter",
                    "--name",
                    "cfg-metrics",
                    "--metrics",
                    "org.apache.kafka.producer.",
                    "--interval",
                    "30000",
                    "--match",
                    "client_id=.*");
            session.until(
                    admin -> listed(admin, ConfigResource.Type.CLIENT_METRICS).equals(List.of("cfg-metrics")));
            session.run(CLIENT_METRICS, "--list");
            session.run(CLIENT_METRICS, "--describe", "--name", "cfg-metrics");
            session.run(CLIENT_METRICS, "--describe");
            session.run(CLIENT_METRICS, "--alter", "--name", "cfg-metrics", "--interval", "1");
            session.run(CLIENT_METRICS, "--delete", "--name", "cfg-metrics");
            session.until(
                    admin -> listed(admin, ConfigResource.Type.CLIENT_METRICS).isEmpty());
            session.run(CLIENT_METRICS, "--list");
        });
    }

    @Test
    void offsets() throws Exception {
        brokers.same("offsets", session -> {
            session.run(TOPICS, "--create", "--topic", "off-1", "--partitions", "2");
            session.run(TOPICS, "--create", "--topic", "off-2");
            session.untilTopic("off-1", 2);
            session.untilTopic("off-2", 1);
            // One run each, so that every record has a time of its own.
            for (String line : List.of("a\tb\n", "c\td\n", "e\tf\n")) {
                session.feed(line, CONSOLE_PRODUCER, "--topic", "off-1", "--reader-property", "parse.key=true");
            }
            for (String time : List.of(
                    "-1", "-2", "-3", "-4", "-5", "latest", "earliest", "max-timestamp", "0", "4102444800000")) {
                session.run(GET_OFFSETS, "--topic", "off-.*", "--time", time);
            }
            session.run(GET_OFFSETS, "--topic-partitions", "off-1:1,off-2");
            session.run(GET_OFFSETS, "--topic-partitions", "off-1:0-2");
            session.run(GET_OFFSETS, "--topic", "off-1", "--partitions", "1");
            session.run(GET_OFFSETS, "--topic", "off-none");
            session.run(GET_OFFSETS, "--topic", "off-1", "--partitions", "7");
            session.run(GET_OFFSETS, "--topic", "off-1", "--time", "then");
            session.feed("one\ntwo\nthree\n", CONSOLE_PRODUCER, "--topic", "off-2");
            deleteRecords(session, "off-2", 2);
            session.run(GET_OFFSETS, "--topic", "off-2", "--time", "earliest");
            session.run(CONSOLE_CONSUMER, "--topic", "off-2", "--from-beginning", "--max-messages", "1");
            deleteRecords(session, "off-2", 1);
            deleteRecords(session, "off-2", 4);
            deleteRecords(session, "off-2", -1);
            session.run(GET_OFFSETS, "--topic", "off-2", "--time", "earliest");
        });
    }

    @Test
    void perfTools() throws Exception {
        for (var session : brokers.sessions()) {
            try (session) {
                session.run(TOPICS, "--create", "--topic", "perf", "--partitions", "3");
                session.untilTopic("perf", 3);
                Outcome produced = session.unrecorded(
                        "",
                        PRODUCER_PERF_TEST,
                        "--topic",
                        "perf",
                        "--num-records",
                        "50000",
                        "--record-size",
                        "200",
                        "--throughput",
                        "-1",
                        "--command-property",
                        "acks=all");
                assertEquals(0, produced.status(), produced.toString());
                assertTrue(produced.out().contains("50000 records sent, "), produced.toString());
                Outcome consumed = session.unrecorded(
                        "", CONSUMER_PERF_TEST, "--topic", "perf", "--num-records", "50000", "--hide-header");
                assertEquals(0, consumed.status(), consumed.toString());
                assertEquals("50000", consumed.out().split(",\\s*")[4], consumed.toString());
            }
        }
    }

    @Test
    void brokerApiVersions() {
        try (var session = brokers.peerSession()) {
            Outcome told = session.run(BROKER_API_VERSIONS);
            assertEquals(0, told.status(), told.toString());
            assertTrue(told.out().contains("(id: 1 rack: null isFenced: false) -> ("), told.toString());
            assertTrue(told.out().contains("Fetch(1): 4 to 18 [usable: 18]"), told.toString());
            assertFalse(told.out().contains("ERROR"), told.toString());
        }
    }

    @Test
    void adminClient() throws Exception {
        brokers.same("admin", AdminScenario::play);
    }

    @Test
    void kcat() throws Exception {
        assumeTrue(Kcat.present(), "kcat is not installed");
        brokers.same("kcat", session -> {
            session.run(TOPICS, "--create", "--topic", "kc", "--partitions", "3");
            session.untilTopic("kc", 3);
            session.kcat(folder, "", "-L", "-t", "kc");
            session.kcat(folder, "", "-L", "-t", "kc", "-J");
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 30; i++) {
                lines.append("key").append(i % 7).append(":value").append(i).append('\n');
            }
            session.kcat(folder, lines.toString(), "-P", "-t", "kc", "-K", ":", "-H", "from=kcat");
            for (String codec : List.of("gzip", "snappy", "lz4", "zstd")) {
                session.kcat(folder, lines.toString(), "-P", "-t", "kc", "-K", ":", "-z", codec, "-X", "acks=1");
            }
            session.kcat(folder, lines.toString(), "-P", "-t", "kc", "-K", ":", "-X", "enable.idempotence=true");
            String format = "%t %p %o %h %k %S %s\\n";
            session.kcat(folder, "", "-C", "-t", "kc", "-o", "beginning", "-e", "-f", format);
            session.kcat(folder, "", "-C", "-t", "kc", "-p", "1", "-o", "-2", "-e", "-f", format);
            session.kcat(folder, "", "-C", "-t", "kc", "-p", "1", "-o", "1", "-c", "3", "-f", format);
            session.kcat(folder, "", "-Q", "-t", "kc:0:-1", "-t", "kc:1:-2", "-t", "kc:2:0");
            String[] group = {"-e", "-f", format, "-X", "auto.offset.reset=earliest", "-G", "kc-group", "kc"};
            session.kcat(folder, "", group);
            session.kcat(folder, "", group);
            session.run(CONSUMER_GROUPS, "--describe", "--group", "kc-group");
            session.run(CONSUMER_GROUPS, "--describe", "--group", "kc-group", "--state");
            session.kcat(
                    folder,
                    "",
                    "-X",
                    "partition.assignment.strategy=cooperative-sticky",
                    "-e",
                    "-f",
                    format,
                    "-X",
                    "auto.offset.reset=earliest",
                    "-G",
                    "kc-group-2",
                    "kc");
            session.kcat(folder, "", "-C", "-t", "kc-none", "-e", "-X", "allow.auto.create.topics=false");
            session.kcat(folder, "x:y\n", "-P", "-t", "kc-new", "-K", ":");
            session.untilTopic("kc-new", 1);
            session.kcat(folder, "", "-C", "-t", "kc-new", "-o", "beginning", "-e", "-f", format);
        });
    }

    private static void topicConfig(Session session, String... what) {
        List<String> arguments = new ArrayList<>(List.of("--topic", "cfg"));
        arguments.addAll(List.of(what));
        session.run(CONFIGS, arguments.toArray(String[]::new));
    }

    private static void deleteRecords(Session session, String topic, long offset) throws IOException {
        Path file = Path.of("target", "delete-records.json");
        Files.writeString(
                file,
                "{\"version\":1,\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":0,\"offset\":" + offset
                        + "}]}");
        session.run(DELETE_RECORDS, "--offset-json-file", file.toString());
    }

    private static List<String> listed(Admin admin, ConfigResource.Type type) {
        try {
            return admin
                    .listConfigResources(Set.of(type), new ListConfigResourcesOptions())
                    .all()
                    .get(30, TimeUnit.SECONDS)
                    .stream()
                    .map(ConfigResource::name)
                    .toList();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static long logEnd(Session session, String topic) {
        String out = session.unrecorded("", GET_OFFSETS, "--topic", topic).out().strip();
        return out.isEmpty() ? -1 : Long.parseLong(out.substring(out.lastIndexOf(':') + 1));
    }

    private static String config(Session session, String topic) {
        return session.unrecorded("", CONFIGS, "--describe", "--topic", topic, "--all")
                .out();
    }
}
