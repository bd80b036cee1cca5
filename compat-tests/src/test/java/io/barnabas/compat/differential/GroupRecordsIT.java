package io.barnabas.compat.differential;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.barnabas.compat.cluster.BrokerPair;
import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.programs.InThisJvm;
import io.barnabas.compat.programs.Outcome;
import io.barnabas.compat.programs.Program;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.barnabas.compat.differential.ClassicMember.settle;
import static io.barnabas.compat.differential.ConsumerGroupSteps.commit;
import static io.barnabas.compat.differential.ConsumerGroupSteps.deleteOffsets;
import static io.barnabas.compat.differential.ConsumerGroupSteps.hear;
import static io.barnabas.compat.differential.ConsumerGroupSteps.join;
import static io.barnabas.compat.differential.ConsumerGroupSteps.ready;
import static io.barnabas.compat.differential.ConsumerGroupSteps.regex;
import static io.barnabas.compat.differential.ConsumerGroupSteps.stay;
import static io.barnabas.compat.differential.ConsumerGroupSteps.untilEpoch;
import static io.barnabas.compat.differential.MigrationScenarios.classicJoin;
import static io.barnabas.compat.differential.MigrationScenarios.stable;
import static io.barnabas.compat.differential.MigrationScenarios.subscription;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What groups leave behind in {@code __consumer_offsets}: the same lives of groups at Apache Kafka and at Barnabas, and
 * then what stock programs print of both logs, in the order in which it was written. What is volatile is masked: ids,
 * times, checksums, and places in the log, since beside the groups there are others that wait for the brokers.
 */
class GroupRecordsIT {
    private static final String FORMATTERS = "org.apache.kafka.tools.consumer.";
    private static final Pattern RECORD = Pattern.compile("(.*(?: payload: |\"value\":))(\\{.*})(}|)");
    private static final Pattern TOMBSTONE = Pattern.compile(" key: (\\{\"type\":\"\\d+\").* payload: <DELETE>$");
    private static final Pattern CHANCE = Pattern.compile(
            "\\b(baseOffset|lastOffset|offset|count|baseSequence|lastSequence|sequence|position|size|CreateTime|crc):"
                    + " \\d+");
    private static final ObjectMapper JSON = new ObjectMapper();

    private static BrokerPair brokers;
    /** Of each broker, what its runs call the ids that it drew. */
    private static List<List<Transcript>> played;

    @BeforeAll
    static void play(@TempDir Path home) {
        InThisJvm.quiet();
        brokers = BrokerPair.started(
                home,
                Map.of(
                        "offsets.topic.num.partitions", "1",
                        "offsets.retention.check.interval.ms", "1000"));
        played = brokers.both(broker ->
                lives().stream().map(life -> life.transcriptOn(broker.port())).toList());
    }

    @AfterAll
    static void stop() {
        brokers.close();
    }

    @Test
    void dumpLogPrintsTheSame() {
        List<List<String>> printed = List.of(dumped(0), dumped(1));
        assertTrue(printed.get(0).size() > 100, "only " + printed.get(0).size() + " lines");
        assertEquals("", Transcript.difference(printed.get(0), printed.get(1)));
    }

    @Test
    void consoleConsumerPrintsTheSame() {
        for (String formatter : List.of("OffsetsMessageFormatter", "GroupMetadataMessageFormatter")) {
            List<List<String>> printed = List.of(consumed(0, formatter), consumed(1, formatter));
            assertTrue(printed.get(0).size() > 10, "only " + printed.get(0).size() + " lines of " + formatter);
            assertEquals("", Transcript.difference(printed.get(0), printed.get(1)), formatter);
        }
    }

    /** Groups that become empty have an offset that does not expire, or else they would be gone at any time. */
    private static List<Scenario> lives() {
        return List.of(
                new Scenario("classic", session -> {
                    ready(session, 2);
                    session.quietly(GroupSteps.commit(session, "g"), 9);
                    var a = ClassicMember.of(session, "g", "a").metadata(subscription(session));
                    var b = ClassicMember.of(session, "g", "b").metadata(subscription(session, 1));
                    settle(a, b);
                    a.commits();
                    b.leaves();
                    a.joins();
                    a.syncs(a);
                    session.quietly(a.committing(), 6);
                    a.leaves();
                }),
                new Scenario("connect", session -> {
                    ready(session, 2);
                    session.quietly(GroupSteps.commit(session, "g"), 9);
                    var a = ClassicMember.of(session, "g", "a").type("connect").metadata(new byte[] {1, -1});
                    settle(a);
                    a.leaves();
                }),
                new Scenario("static", session -> {
                    ready(session, 2);
                    session.quietly(GroupSteps.commit(session, "g"), 9);
                    settle(ClassicMember.of(session, "g", "a").instance("i"));
                    var again = ClassicMember.of(session, "g", "b").instance("i");
                    again.joins();
                    again.syncs(again);
                    again.leaves();
                }),
                new Scenario("simple", session -> {
                    ready(session, 2);
                    session.quietly(GroupSteps.commit(session, "simple"), 9);
                    session.quietly(GroupSteps.commit(session, "simple"), 2);
                    var request = new OffsetDeleteRequestData().setGroupId(session.name("simple"));
                    request.topics()
                            .add(new OffsetDeleteRequestTopic()
                                    .setName(session.name("t"))
                                    .setPartitions(List.of(new OffsetDeleteRequestPartition().setPartitionIndex(1))));
                    session.quietly(request, 0);
                    session.quietly(new DeleteGroupsRequestData().setGroupsNames(List.of(session.name("simple"))), 2);
                }),
                new Scenario("consumer", session -> {
                    ready(session, 4);
                    hear(session, join(session, "a").setInstanceId("i").setRackId("r"), 1);
                    session.quietly(commit(session, "a", 2, 0, 1), 9);
                    session.quietly(join(session, "b").setServerAssignor("range"), 1);
                    untilEpoch(session, "b", 2, 3);
                    hear(session, stay(session, "b", -1), 1);
                    untilEpoch(session, "a", 2, 4);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                    hear(session, join(session, "c").setInstanceId("i"), 1);
                    hear(session, stay(session, "c", -1).setInstanceId("i"), 1);
                    session.quietly(deleteOffsets(session, "t"), 0);
                    session.quietly(new DeleteGroupsRequestData().setGroupsNames(List.of(session.name("g"))), 2);
                }),
                new Scenario("regex", session -> {
                    ready(session, 2);
                    session.quietly(GroupSteps.commit(session, "g"), 9);
                    hear(session, regex(session, "a", session.name("[tu]")), 1);
                    untilEpoch(session, "a", 1, 2);
                    hear(session, stay(session, "a", -1), 1);
                }),
                new Scenario("moves", session -> {
                    ready(session, 2);
                    session.quietly(GroupSteps.commit(session, "g"), 9);
                    var classic = stable(session, null);
                    hear(session, join(session, "b").setSubscribedTopicNames(List.of()), 1);
                    session.quietly(commit(session, "b", 2), 9);
                    hear(session, stay(session, "b", -1), 1);
                    session.quietly(classicJoin(session, classic, null), 9);
                    session.quietly(GroupSteps.leave(session, "g", classic), 5);
                    hear(session, join(session, "c"), 1);
                }),
                new Scenario("expiry", session -> {
                    GroupSteps.ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(GroupSettingScenarios.shortLived(session, "simple", "t"), 4);
                    GroupSettingScenarios.untilDead(session, "simple");
                }));
    }

    /**
     * What kafka-dump-log prints of one broker's log: first how the batches are described, then the records in order.
     * How many requests share a batch is chance.
     */
    private static List<String> dumped(int broker) {
        var batches = new TreeSet<String>();
        var records = new ArrayList<String>();
        for (String line : rawDump(broker)) {
            String masked = CHANCE.matcher(line).replaceAll("$1: *");
            if (line.startsWith("baseOffset: ")) {
                batches.add(masked);
            } else if (line.contains(" key: ") && isOfALife(line)) {
                records.add(masked(broker, masked));
            }
        }
        ConsumerGroupSteps.sortTombstones(records, TOMBSTONE);
        var all = new ArrayList<>(batches);
        all.addAll(records);
        return all;
    }

    private static List<String> rawDump(int broker) {
        Path log = brokers.both(ChildBroker::dataDir).get(broker).resolve("__consumer_offsets-0");
        try (var files = Files.list(log)) {
            var segments = files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .map(Path::toString)
                    .toList();
            Outcome outcome =
                    InThisJvm.run(Program.DUMP_LOG, "", "--offsets-decoder", "--files", String.join(",", segments));
            assertEquals(0, outcome.status(), outcome.toString());
            return outcome.out().lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> consumed(int broker, String formatter) {
        long records =
                rawDump(broker).stream().filter(line -> line.contains(" key: ")).count();
        // By partition, since a group would write into the log that it reads.
        Outcome outcome = InThisJvm.run(
                Program.CONSOLE_CONSUMER,
                "",
                "--bootstrap-server",
                brokers.both(ChildBroker::bootstrapServers).get(broker),
                "--topic",
                "__consumer_offsets",
                "--partition",
                "0",
                "--offset",
                "earliest",
                "--max-messages",
                Long.toString(records),
                "--formatter",
                FORMATTERS + formatter);
        assertEquals(0, outcome.status(), outcome.toString());
        // Formatters print no line ends.
        return outcome.out()
                .replace("{\"key\":", "\n{\"key\":")
                .lines()
                .filter(line -> !line.isEmpty() && isOfALife(line))
                .map(line -> masked(broker, line))
                .toList();
    }

    /** Groups are called by their lives; others wait for the brokers, however often they have to. */
    private static boolean isOfALife(String line) {
        return lives().stream().anyMatch(life -> line.contains("\":\"" + life.name() + "-"));
    }

    private static String masked(int broker, String line) {
        UnaryOperator<String> names = text -> {
            String named = text;
            for (Transcript transcript : played.get(broker)) {
                named = transcript.masked(named);
            }
            return named;
        };
        Matcher parts = RECORD.matcher(line);
        String sorted = parts.matches() ? parts.group(1) + sorted(parts.group(2), names) + parts.group(3) : line;
        return ConsumerGroupSteps.masked(names.apply(sorted));
    }

    /** Arrays that stand in the order of a hash table of drawn ids get one of their own. */
    private static String sorted(String value, UnaryOperator<String> names) {
        try {
            JsonNode json = JSON.readTree(value);
            ConsumerGroupSteps.sorted(json.path("data"), names);
            return json.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(value, e);
        }
    }
}
