package io.barnabas.compat.differential;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ClientMetricsConfigs;
import io.barnabas.broker.config.ConfigDescription;
import io.barnabas.broker.config.ConfigTable;
import io.barnabas.broker.config.DescribedConfig;
import io.barnabas.broker.config.DynamicConfigs;
import io.barnabas.broker.config.EffectiveKeys;
import io.barnabas.broker.config.GroupConfigs;
import io.barnabas.compat.cluster.OwnKeys;
import kafka.server.ConfigHelper;
import kafka.server.DynamicLogConfig;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Configs that are set at run time: what is refused, with which sentence, and what is described then, against Kafka's own classes. */
class DynamicConfigFactsTest {
    private static final Map<String, String> STOCK = Map.of(
            "process.roles", "broker,controller",
            "node.id", "1",
            "controller.quorum.bootstrap.servers", "localhost:9093",
            "listeners", "PLAINTEXT://:9092,CONTROLLER://:9093",
            "advertised.listeners", "PLAINTEXT://localhost:9092",
            "controller.listener.names", "CONTROLLER",
            "log.retention.hours", "100",
            "log.dirs", "/tmp/a");

    /** Checked in Kafka by what only a running broker has: the scenarios of BrokerConfigScenarios have them. Or read at the start only. */
    private static final Set<String> ELSEWHERE = Set.of(
            "listener.security.protocol.map",
            "listeners",
            "log.cleaner.threads",
            "max.connection.creation.rate",
            "max.connections",
            "num.recovery.threads.per.data.dir",
            "producer.id.expiration.ms",
            "transaction.partition.verification.enable");

    private static final List<String> TEXTS = List.of(
            "-9223372036854775808",
            "-2147483648",
            "-3",
            "-2",
            "-1",
            "0",
            "1",
            "2",
            "3",
            "4",
            "9",
            "10",
            "17",
            "18",
            "22",
            "23",
            "1048575",
            "1048576",
            "1048577",
            "2147483647",
            "2147483648",
            "9223372036854775807",
            "0.5",
            "-0.5",
            "1.5",
            "abc",
            "true",
            "delete",
            "compact,delete",
            "gzip",
            "CreateTime");

    private static KafkaConfig kafka() {
        return new KafkaConfig(new HashMap<>(STOCK), false);
    }

    private static Properties properties(Map<String, String> values) {
        var properties = new Properties();
        properties.putAll(values);
        return properties;
    }

    @Test
    void theSameBrokerConfigsAreRefusedWithTheSameSentence() {
        var cases = List.of(
                Map.of("log.retention.ms", "1000"),
                Map.of("log.retention.ms", "soon"),
                Map.of("log.retention.hours", "7"),
                Map.of("node.id", "3"),
                Map.of("message.max.bytes", "-1"),
                Map.of("min.insync.replicas", "0"),
                Map.of("compression.type", "rar"),
                Map.of("log.cleanup.policy", "delete,delete"),
                Map.of("ssl.keystore.location", "/x"),
                Map.of("listener.name.internal.ssl.keystore.location", "/x"),
                Map.of("listener.name.internal.max.connections", "7"),
                Map.of("listener.name.internal.max.connections", "x"),
                Map.of("leader.replication.throttled.rate", "7"),
                Map.of("leader.replication.throttled.rate", "-7"),
                Map.of("some.plugins.key", "x"),
                Map.<String, String>of());
        var ours = BrokerConfig.of(STOCK);
        var differences = new ArrayList<String>();
        for (var proposed : cases) {
            for (boolean ofOneBroker : new boolean[] {true, false}) {
                var expected = refusal(() -> DynamicBrokerConfig.validateConfigs(properties(proposed), ofOneBroker));
                var actual = DynamicConfigs.refusal(ours, proposed, ofOneBroker).orElse(null);
                note(differences, proposed + (ofOneBroker ? " of one broker" : " of all"), expected, actual);
            }
        }
        assertEquals(List.of(), differences, () -> String.join("\n", differences));
    }

    /** At the start and at run time, but for the words with which Scala begins. */
    @Test
    void theSameCordonsAreRefusedWithTheSameSentence() {
        var differences = new ArrayList<String>();
        for (var dirs : List.of(
                "", "*", "/tmp/a", "/tmp/a/", "/tmp/a,/tmp/a", "/b,/tmp/a,/c", "*,/tmp/a", "*,/b", "/tmp/a,,")) {
            var file = new HashMap<>(STOCK);
            file.put("cordoned.log.dirs", dirs);
            var expected = refusal(() -> new KafkaConfig(file, false));
            expected = expected == null ? null : expected.replace("requirement failed: ", "");
            note(differences, "'" + dirs + "' in the file", expected, refusal(() -> BrokerConfig.of(file)));
            var proposed = Map.of("cordoned.log.dirs", dirs);
            note(
                    differences,
                    "'" + dirs + "' at run time",
                    expected,
                    DynamicConfigs.refusal(BrokerConfig.of(STOCK), proposed, true)
                            .orElse(null));
        }
        assertEquals(List.of(), differences, () -> String.join("\n", differences));
    }

    /** All keys with an effect that may change at run time, at and beyond the ends of their ranges. */
    @Test
    void theSameValuesAreRefused() {
        var kafka = kafka();
        kafka.dynamicConfig().initialize(scala.Option.empty());
        kafka.dynamicConfig()
                .addBrokerReconfigurable((kafka.server.BrokerReconfigurable) new DynamicLogConfig(null, null));
        var ours = BrokerConfig.of(STOCK);
        var differences = new ArrayList<String>();
        var harmful = new TreeSet<String>();
        for (var key : ConfigTable.BROKER.all()) {
            if (!key.dynamic()
                    || key.own()
                    || !EffectiveKeys.isEffective(key.name())
                    || ELSEWHERE.contains(key.name())) {
                continue;
            }
            for (var text : TEXTS) {
                for (boolean ofOneBroker : new boolean[] {true, false}) {
                    var proposed = Map.of(key.name(), text);
                    var expected = refusal(() -> kafka.dynamicConfig().validate(properties(proposed), ofOneBroker));
                    var actual =
                            DynamicConfigs.refusal(ours, proposed, ofOneBroker).orElse(null);
                    if (expected == null && refusal(() -> defaultsOfTopics(proposed)) != null) {
                        harmful.add(key.name() + (actual == null ? " is taken" : ""));
                    } else if ((expected == null) != (actual == null)) {
                        note(differences, proposed + (ofOneBroker ? " of one broker" : " of all"), expected, actual);
                    }
                }
            }
        }
        assertEquals(List.of(), differences, () -> String.join("\n", differences));
        assertEquals(
                Set.of("log.flush.interval.ms"), harmful, "taken by Kafka, which then cannot apply it: ours refuse it");
    }

    private static void defaultsOfTopics(Map<String, String> dynamic) {
        var values = new HashMap<Object, Object>(STOCK);
        values.putAll(dynamic);
        new LogConfig(new KafkaConfig(values, false).extractLogConfigMap());
    }

    /** The same at a start: all keys with an effect, in the file. */
    @Test
    void theSameFilesAreRefused() {
        var differences = new ArrayList<String>();
        for (var key : ConfigTable.BROKER.all()) {
            // Ours tells of an unknown assignor when the coordinator begins.
            if (key.own()
                    || !EffectiveKeys.BROKER.contains(key.name())
                    || key.name().equals("group.consumer.assignors")) {
                continue;
            }
            for (var text : TEXTS) {
                var values = new HashMap<>(STOCK);
                values.put(key.name(), text);
                var expected = refusal(() -> new LogConfig(
                        new KafkaConfig(new HashMap<Object, Object>(values), false).extractLogConfigMap()));
                var actual = refusal(() -> BrokerConfig.of(values));
                if ((expected == null) != (actual == null)) {
                    note(differences, key.name() + "=" + text, expected, actual);
                }
            }
        }
        assertEquals(List.of(), differences, () -> String.join("\n", differences));
    }

    @Test
    void theSameGroupConfigsAreRefusedWithTheSameSentence() {
        var kafka = kafka();
        var broker = BrokerConfig.of(STOCK);
        var differences = new ArrayList<String>();
        for (var key : new TreeSet<>(GroupConfig.CONFIG_DEF.names())) {
            for (var text : List.of("-1", "0", "1", "2", "100", "5000", "50000", "70000", "10000000", "latest", "x")) {
                var proposed = Map.of(key, text);
                var expected = refusal(
                        () -> GroupConfig.validate(proposed, kafka.groupCoordinatorConfig(), kafka.shareGroupConfig()));
                note(
                        differences,
                        proposed.toString(),
                        expected,
                        GroupConfigs.refusal(broker, proposed).orElse(null));
            }
        }
        var unknown = Map.of("no.such", "1");
        note(
                differences,
                "unknown",
                refusal(() -> GroupConfig.validate(unknown, kafka.groupCoordinatorConfig(), kafka.shareGroupConfig())),
                GroupConfigs.refusal(broker, unknown).orElse(null));
        assertEquals(List.of(), differences, () -> String.join("\n", differences));
    }

    @Test
    void theSameSubscriptionsAreRefusedWithTheSameSentence() {
        var differences = new ArrayList<String>();
        for (var proposed : List.of(
                Map.of("interval.ms", "99"),
                Map.of("interval.ms", "100"),
                Map.of("interval.ms", "3600001"),
                Map.of("interval.ms", "x"),
                Map.of("match", "client_id=a.*, client_software_name=b"),
                Map.of("match", "client_id"),
                Map.of("match", "who=me"),
                Map.of("match", "client_id=["),
                Map.of("metrics", "a,a"),
                Map.of("no.such", "1"))) {
            var expected = refusal(
                    () -> org.apache.kafka.server.metrics.ClientMetricsConfigs.validate("subscription", proposed));
            var ours = ClientMetricsConfigs.refusal("subscription", proposed);
            note(differences, proposed.toString(), expected, ours == null ? null : ours.message());
        }
        assertEquals(List.of(), differences, () -> String.join("\n", differences));
    }

    private static void note(List<String> differences, String what, String expected, String actual) {
        if (!Objects.equals(expected, actual)) {
            differences.add(what + "\n  kafka: " + expected + "\n  ours:  " + actual);
        }
    }

    private static String refusal(Runnable validation) {
        try {
            validation.run();
            return null;
        } catch (RuntimeException e) {
            return e.getMessage();
        }
    }

    @Test
    void whatIsSetAtRunTimeIsDescribedTheSame() {
        var ofCluster = Map.of("log.retention.ms", "5000", "message.max.bytes", "2000", "some.plugins.key", "y");
        var ofBroker = Map.of("message.max.bytes", "3000", "listener.name.internal.ssl.keystore.password", "secret");
        var kafka = kafka();
        kafka.dynamicConfig().initialize(scala.Option.empty());
        kafka.dynamicConfig().updateDefaultConfig(properties(ofCluster), false);
        kafka.dynamicConfig().updateBrokerConfig(1, properties(ofBroker), false);
        var helper = new ConfigHelper(
                null, kafka, (org.apache.kafka.metadata.ConfigRepository) resource -> new Properties());
        var ours = new ConfigDescription(BrokerConfig.of(STOCK).withDynamic(ofCluster, ofBroker));
        compare(describe(helper, "1"), ours.broker());
        compare(describe(helper, ""), ours.brokerDefaults());
    }

    private static List<DescribeConfigsResourceResult> describe(ConfigHelper helper, String name) {
        var resource = new DescribeConfigsResource().setResourceType((byte) 4).setResourceName(name);
        var result = helper.describeConfigs(
                        CollectionConverters.asScala(List.of(resource)).toList(), true, false)
                .head();
        assertEquals(0, result.errorCode(), result::errorMessage);
        return result.configs();
    }

    private static void compare(List<DescribeConfigsResourceResult> kafka, List<DescribedConfig> ours) {
        var expected = new TreeMap<String, String>();
        for (var entry : kafka) {
            var synonyms = entry.synonyms().stream()
                    .map(synonym -> synonym.name() + "=" + synonym.value() + "@" + synonym.source())
                    .toList();
            expected.put(
                    entry.name(),
                    entry.value() + " " + entry.configSource() + " " + entry.readOnly() + " " + entry.isSensitive()
                            + " " + entry.configType() + " " + synonyms);
        }
        var actual = new TreeMap<String, String>();
        for (var entry : ours) {
            var synonyms = entry.synonyms().stream()
                    .map(synonym -> synonym.name() + "=" + synonym.value() + "@"
                            + synonym.source().id())
                    .toList();
            actual.put(
                    entry.name(),
                    entry.value() + " " + entry.source().id() + " " + entry.readOnly() + " " + entry.sensitive() + " "
                            + (entry.type() == null ? 0 : entry.type().id()) + " " + synonyms);
        }
        actual.keySet().removeAll(OwnKeys.NAMES);
        assertTrue(expected.size() > 1);
        assertEquals(lines(expected), lines(actual));
    }

    private static String lines(Map<String, String> entries) {
        var text = new StringBuilder();
        entries.forEach(
                (name, line) -> text.append(name).append(": ").append(line).append('\n'));
        return text.toString();
    }
}
