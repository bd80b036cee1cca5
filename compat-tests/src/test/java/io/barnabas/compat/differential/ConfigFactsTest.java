package io.barnabas.compat.differential;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigDefinition;
import io.barnabas.broker.config.ConfigDescription;
import io.barnabas.broker.config.ConfigTable;
import io.barnabas.broker.config.DescribedConfig;
import io.barnabas.compat.cluster.OwnKeys;
import kafka.server.ConfigHelper;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The table of keys and what DescribeConfigs says, against Kafka's own classes; documentation texts aside. */
class ConfigFactsTest {
    private static final Map<String, String> STOCK = Map.of(
            "process.roles", "broker,controller",
            "node.id", "1",
            "controller.quorum.bootstrap.servers", "localhost:9093",
            "listeners", "PLAINTEXT://:9092,CONTROLLER://:9093",
            "advertised.listeners", "PLAINTEXT://localhost:9092",
            "controller.listener.names", "CONTROLLER",
            "log.retention.hours", "100",
            "ssl.keystore.password", "secret",
            "some.plugins.key", "x",
            "log.dirs", "/tmp/a, /tmp/b");

    @Test
    void everyKeyHasKafkasTypeDefaultAndImportance() {
        compare(AbstractKafkaConfig.CONFIG_DEF, ConfigTable.BROKER);
        compare(LogConfig.configDefCopy(), ConfigTable.TOPIC);
        compare(GroupConfig.CONFIG_DEF, ConfigTable.GROUP);
        compare(ClientMetricsConfigs.configDef(), ConfigTable.CLIENT_METRICS);
    }

    @Test
    void theSameKeysAreDynamic() {
        var ours = new TreeMap<String, String>();
        for (var table : List.of(ConfigTable.BROKER, ConfigTable.BROKER_DYNAMIC_ONLY)) {
            table.all().stream()
                    .filter(ConfigDefinition::dynamic)
                    .forEach(key -> ours.put(
                            key.name(), key.updateMode().name().toLowerCase().replace('_', '-')));
        }
        ours.keySet().removeAll(OwnKeys.NAMES);
        assertEquals(new TreeMap<>(DynamicBrokerConfig.dynamicConfigUpdateModes()), ours);
    }

    @Test
    void theSameTextsAreRefusedWithTheSameSentence() {
        var texts = List.of(
                "",
                "-3",
                "-2",
                "-1",
                "0",
                "0.4",
                "1",
                "7",
                "23",
                "1000",
                "99999999999",
                "true",
                "no",
                "delete",
                "a,a",
                "a,,b",
                "*",
                "1:2",
                "gzip",
                "latest",
                "by_duration:P1D");
        compareRefusals(LogConfig.configDefCopy(), ConfigTable.TOPIC, texts);
        compareRefusals(AbstractKafkaConfig.CONFIG_DEF, ConfigTable.BROKER, texts);
        compareRefusals(GroupConfig.CONFIG_DEF, ConfigTable.GROUP, texts);
    }

    @Test
    void describedBrokerTopicAndGroupAreTheSame() {
        var kafka = new KafkaConfig(new HashMap<>(STOCK), false);
        var helper = new ConfigHelper(
                null, kafka, (org.apache.kafka.metadata.ConfigRepository) resource -> new Properties());
        var ours = new ConfigDescription(BrokerConfig.of(STOCK));
        compareEntries(describe(helper, (byte) 4, "1"), withoutOwn(ours.broker()));
        compareEntries(describe(helper, (byte) 32, "some-group"), ours.group(Map.of()));
        compareEntries(describe(helper, (byte) 16, "some-subscription"), ours.clientMetrics(Map.of()));

        var overrides = Map.of("retention.ms", "5", "cleanup.policy", "compact, delete");
        var properties = new Properties();
        properties.putAll(overrides);
        var logConfig = LogConfig.fromProps(kafka.extractLogConfigMap(), properties);
        var topic = new ArrayList<DescribeConfigsResourceResult>();
        logConfig
                .nonInternalValues()
                .forEach((name, value) ->
                        topic.add(helper.createTopicConfigEntry(logConfig, properties, true, false, name, value)));
        compareEntries(topic, withoutOwn(ours.topic(overrides)));
    }

    private static List<DescribeConfigsResourceResult> describe(ConfigHelper helper, byte type, String name) {
        var resource = new DescribeConfigsResource().setResourceType(type).setResourceName(name);
        var results = helper.describeConfigs(
                CollectionConverters.asScala(List.of(resource)).toList(), true, false);
        var result = results.head();
        assertEquals(0, result.errorCode(), result::errorMessage);
        return result.configs();
    }

    private static List<DescribedConfig> withoutOwn(List<DescribedConfig> entries) {
        return entries.stream()
                .filter(entry -> !OwnKeys.NAMES.contains(entry.name()))
                .toList();
    }

    private static void compareEntries(List<DescribeConfigsResourceResult> kafka, List<DescribedConfig> ours) {
        var expected = new TreeMap<String, String>();
        kafka.forEach(entry -> {
            var synonyms = entry.synonyms().stream()
                    .map(synonym -> synonym.name() + "=" + synonym.value() + "@" + synonym.source())
                    .toList();
            expected.put(
                    entry.name(),
                    line(entry.value(), entry.configSource(), entry.readOnly(), entry.isSensitive(), entry.configType())
                            + synonyms);
        });
        var actual = new TreeMap<String, String>();
        ours.forEach(entry -> {
            var synonyms = entry.synonyms().stream()
                    .map(synonym -> synonym.name() + "=" + synonym.value() + "@"
                            + synonym.source().id())
                    .toList();
            var type = entry.type() == null ? 0 : entry.type().id();
            actual.put(
                    entry.name(),
                    line(entry.value(), entry.source().id(), entry.readOnly(), entry.sensitive(), (byte) type)
                            + synonyms);
        });
        assertEquals(lines(expected), lines(actual));
    }

    private static String line(String value, byte source, boolean readOnly, boolean sensitive, byte type) {
        return value + " source " + source + " readOnly " + readOnly + " sensitive " + sensitive + " type " + type
                + " ";
    }

    private static String lines(Map<String, String> entries) {
        var text = new StringBuilder();
        entries.forEach(
                (name, line) -> text.append(name).append(": ").append(line).append('\n'));
        return text.toString();
    }

    private static void compare(ConfigDef kafka, ConfigTable ours) {
        var names = new HashSet<>(ours.names());
        names.removeIf(name -> ours.get(name).own());
        assertEquals(kafka.names(), names);
        kafka.configKeys().values().forEach(key -> {
            var own = ours.get(key.name);
            assertEquals(key.type.name(), own.type().name(), key.name);
            assertEquals(!key.hasDefault(), own.required(), key.name);
            var byDefault = key.hasDefault() ? ConfigDef.convertToString(key.defaultValue, key.type) : null;
            assertEquals(byDefault, own.defaultText(), key.name);
            assertEquals(key.importance.name(), own.importance().name(), key.name);
            assertEquals(key.internalConfig, own.internal(), key.name);
        });
    }

    private static void compareRefusals(ConfigDef kafka, ConfigTable ours, List<String> texts) {
        var differences = new ArrayList<String>();
        for (var key : kafka.configKeys().values()) {
            if (key.type == ConfigDef.Type.CLASS || key.name.startsWith("controller.quorum.")) {
                continue;
            }
            for (var text : texts) {
                String expected = null;
                try {
                    var value = ConfigDef.parseType(key.name, text, key.type);
                    if (key.validator instanceof ConfigDef.ValidList && value instanceof List<?> list) {
                        value = list.stream().distinct().toList();
                    }
                    if (key.validator != null) {
                        key.validator.ensureValid(key.name, value);
                    }
                } catch (ConfigException e) {
                    expected = e.getMessage();
                }
                String actual = null;
                try {
                    ours.get(key.name).parse(text);
                } catch (io.barnabas.broker.config.ConfigException e) {
                    actual = e.getMessage();
                }
                if (!java.util.Objects.equals(expected, actual)) {
                    differences.add(key.name + "=" + text + "\n  kafka: " + expected + "\n  ours:  " + actual);
                }
            }
        }
        assertEquals(List.of(), differences, () -> String.join("\n", differences));
    }
}
