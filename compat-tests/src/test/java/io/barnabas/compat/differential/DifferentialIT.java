package io.barnabas.compat.differential;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.barnabas.compat.cluster.BrokerPair;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Every scenario on a real Apache Kafka and on Barnabas: equal answers, to the letter of Kafka's JSON form.
 * {@code -Dscenario=REGEX} runs those in whose name it is found; {@code -Dpeer=APACHE_KAFKA} compares
 * Kafka with itself, which shows what a scenario leaves to chance.
 */
class DifferentialIT {
    /** Small bounds, so that no scenario has to wait for long or to have many members. */
    private static final Map<String, String> SETTINGS = Map.of(
            "group.max.size", "4",
            "group.consumer.max.size", "3",
            "group.min.session.timeout.ms", "300",
            "group.consumer.min.session.timeout.ms", "500",
            "group.consumer.min.heartbeat.interval.ms", "100");

    private static final Map<Map<String, String>, BrokerPair> PAIRS = new HashMap<>();
    private static int pairs;

    @TempDir
    private static Path home;

    @AfterAll
    static void stop() {
        PAIRS.values().forEach(BrokerPair::close);
    }

    @TestFactory
    Stream<DynamicTest> sameAnswers() {
        var wanted = Pattern.compile(System.getProperty("scenario", ""));
        return scenarios().stream()
                .filter(scenario -> wanted.matcher(scenario.name()).find())
                .map(scenario -> DynamicTest.dynamicTest(scenario.name(), () -> {
                    var lines = pair(scenario.settings())
                            .both(broker -> scenario.transcriptOn(broker.port()).lines());
                    assertEquals("", Transcript.difference(lines.get(0), lines.get(1)));
                }));
    }

    /** Scenarios with settings of their own stand together: beside the usual brokers, one other pair is up at most. */
    private static BrokerPair pair(Map<String, String> settings) {
        PAIRS.entrySet().removeIf(pair -> {
            boolean isOver = !pair.getKey().isEmpty() && !pair.getKey().equals(settings);
            if (isOver) {
                pair.getValue().close();
            }
            return isOver;
        });
        return PAIRS.computeIfAbsent(settings, key -> {
            var all = new HashMap<>(SETTINGS);
            all.putAll(key);
            return BrokerPair.started(home.resolve("pair-" + ++pairs), all);
        });
    }

    @Test
    void thereAreEnoughScenariosAndEachHasItsOwnName() {
        Set<String> names = new HashSet<>();
        scenarios().forEach(scenario -> assertTrue(names.add(scenario.name()), scenario.name()));
        System.out.println(names.size() + " scenarios, of them about groups: "
                + groupScenarios().size());
        assertTrue(groupScenarios().size() >= 90, groupScenarios().size() + " scenarios about groups");
    }

    static List<Scenario> scenarios() {
        return Stream.of(
                        ClientScenarios.all(),
                        TopicScenarios.all(),
                        ProduceScenarios.all(),
                        FetchScenarios.all(),
                        OffsetScenarios.all(),
                        LogScenarios.all(),
                        groupScenarios(),
                        ReassignmentScenarios.all(),
                        ConfigScenarios.all(),
                        BrokerConfigScenarios.all(),
                        LogConfigScenarios.all())
                .flatMap(List::stream)
                .toList();
    }

    /** Those about the group coordinator: members, committed offsets, administration, moves between the protocols. */
    static List<Scenario> groupScenarios() {
        return Stream.of(
                        GroupScenarios.all(),
                        ClassicMemberScenarios.all(),
                        StaticMemberScenarios.all(),
                        CommitScenarios.all(),
                        GroupAdminScenarios.all(),
                        ConsumerGroupScenarios.all(),
                        ConsumerMemberScenarios.all(),
                        ConsumerOptionScenarios.all(),
                        MigrationScenarios.all(),
                        MixedGroupScenarios.all(),
                        GroupSettingScenarios.all(),
                        ConsumerOptionScenarios.onBrokersWithARack())
                .flatMap(List::stream)
                .toList();
    }
}
