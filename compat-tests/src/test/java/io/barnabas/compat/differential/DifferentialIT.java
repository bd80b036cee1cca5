package io.barnabas.compat.differential;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Every scenario on a real Apache Kafka and on Barnabas: equal answers, to the letter of Kafka's JSON form.
 * {@code -Dscenario=NAME,NAME} runs those whose name contains a NAME; {@code -Dpeer=APACHE_KAFKA} compares
 * Kafka with itself, which shows what a scenario leaves to chance.
 */
class DifferentialIT {
    private static ChildBroker kafka;
    private static ChildBroker peer;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        kafka = ChildBroker.started(Product.APACHE_KAFKA, home.resolve("kafka"), Map.of());
        // -Dpeer=APACHE_KAFKA compares Kafka with itself: whatever differs then is for the transcript to mask.
        var product = Product.valueOf(System.getProperty("peer", "BARNABAS"));
        peer = ChildBroker.started(product, home.resolve("peer"), Map.of());
    }

    @AfterAll
    static void stop() {
        Stream.of(kafka, peer).filter(broker -> broker != null).forEach(ChildBroker::close);
    }

    @TestFactory
    Stream<DynamicTest> sameAnswers() {
        var wanted = List.of(System.getProperty("scenario", "").split(",", -1));
        return scenarios().stream()
                .filter(scenario -> wanted.stream().anyMatch(scenario.name()::contains))
                .map(scenario ->
                        DynamicTest.dynamicTest(scenario.name(), () -> assertEquals("", difference(scenario))));
    }

    /** The first lines that differ, Kafka's before ours; empty if there are none. */
    private static String difference(Scenario scenario) {
        var expected = scenario.transcriptOn(kafka.port()).lines().toList();
        var actual = scenario.transcriptOn(peer.port()).lines().toList();
        var difference = new StringBuilder();
        for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
            var theirs = i < expected.size() ? expected.get(i) : "(no more)";
            var ours = i < actual.size() ? actual.get(i) : "(no more)";
            if (!theirs.equals(ours)) {
                difference
                        .append("\nKafka: ")
                        .append(theirs)
                        .append("\npeer:  ")
                        .append(ours);
            }
        }
        return difference.isEmpty() ? "" : scenario.name() + difference;
    }

    @Test
    void thereAreEnoughScenariosAndEachHasItsOwnName() {
        Set<String> names = new HashSet<>();
        scenarios().forEach(scenario -> assertTrue(names.add(scenario.name()), scenario.name()));
        assertTrue(names.size() >= 60, "only " + names.size() + " scenarios");
    }

    static List<Scenario> scenarios() {
        return Stream.of(
                        ClientScenarios.all(),
                        TopicScenarios.all(),
                        ProduceScenarios.all(),
                        FetchScenarios.all(),
                        OffsetScenarios.all(),
                        LogScenarios.all(),
                        ReassignmentScenarios.all(),
                        GroupScenarios.all(),
                        ConsumerGroupScenarios.all(),
                        MigrationScenarios.all(),
                        ConfigScenarios.all(),
                        LogConfigScenarios.all())
                .flatMap(List::stream)
                .toList();
    }
}
