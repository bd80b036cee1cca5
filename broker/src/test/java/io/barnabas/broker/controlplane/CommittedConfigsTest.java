package io.barnabas.broker.controlplane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigDefinition;
import io.barnabas.broker.config.ConfigDescription;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.broker.config.ConfigTable;
import io.barnabas.broker.config.DynamicConfigs;
import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.metadata.ConfigRecord;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Whatever value the metadata log holds for a config, the broker goes on; and what it would have to leave aside is refused before it is
 * written, in a request as in the file.
 */
class CommittedConfigsTest {
    private static final Map<String, String> FILE = Map.of(
            "process.roles", "broker,controller",
            "node.id", "1",
            "controller.quorum.bootstrap.servers", "localhost:9093",
            "listeners", "PLAINTEXT://:9092,CONTROLLER://:9093",
            "advertised.listeners", "PLAINTEXT://localhost:9092",
            "controller.listener.names", "CONTROLLER",
            "log.dirs", "/tmp/a");

    /** Ends of the ranges of both tables, and what is of no type or of another. */
    private static final List<String> TEXTS = List.of(
            "-9223372036854775808",
            "-2147483648",
            "-2147483649",
            "-3",
            "-2",
            "-1",
            "0",
            "1",
            "2",
            "3",
            "9",
            "10",
            "14",
            "100",
            "1048575",
            "1048576",
            "1048577",
            "2147483647",
            "2147483648",
            "9223372036854775807",
            "9223372036854775808",
            "-0.5",
            "0.5",
            "NaN",
            "Infinity",
            "1e300",
            "",
            " ",
            ",",
            "abc",
            "true",
            "delete",
            "compact",
            "delete,compact",
            "gzip",
            "producer",
            "CreateTime",
            "LogAppendTime",
            "fsync",
            "PLAINTEXT://:1,PLAINTEXT://:1",
            "PLAINTEXT",
            "A:B");

    @Test
    void noBrokerConfigOfTheMetadataStopsIt() {
        var failures = new ArrayList<String>();
        var file = BrokerConfig.of(FILE);
        for (var key : brokerKeys()) {
            // A key that cannot change at run time is ignored whatever its value.
            for (var text : key.dynamic() ? TEXTS : TEXTS.subList(0, 1)) {
                for (var resource : List.of("", "1")) {
                    var image = image(ResourceType.BROKER, resource, key.name(), text);
                    noting(failures, key.name() + "=" + text + " of '" + resource + "'", () -> {
                        var config = new NodeConfig(file, line -> {}).at(image);
                        readEverything(config, Map.of());
                    });
                }
            }
        }
        assertEquals(List.of(), failures, () -> String.join("\n", failures));
    }

    @Test
    void noTopicConfigOfTheMetadataStopsIt() {
        var failures = new ArrayList<String>();
        var file = BrokerConfig.of(FILE);
        for (var key : ConfigTable.TOPIC.all()) {
            for (var text : TEXTS) {
                noting(
                        failures,
                        key.name() + "=" + text,
                        () -> readEverything(file, Map.of(key.name(), text, "no.such.key", text)));
            }
        }
        assertEquals(List.of(), failures, () -> String.join("\n", failures));
    }

    @Test
    void whatIsTakenIsUsed() {
        var failures = new ArrayList<String>();
        var file = BrokerConfig.of(FILE);
        for (var key : brokerKeys()) {
            for (var text : TEXTS) {
                for (var resource : List.of("", "1")) {
                    var proposed = Map.of(key.name(), text);
                    if (DynamicConfigs.refusal(file, proposed, !resource.isEmpty())
                            .isEmpty()) {
                        var config = new NodeConfig(file, line -> {})
                                .at(image(ResourceType.BROKER, resource, key.name(), text));
                        if (!text.equals(config.layers().text(key.name()))) {
                            failures.add(key.name() + "=" + text + " of '" + resource + "'");
                        }
                    }
                }
            }
        }
        assertEquals(List.of(), failures, () -> "taken, then ignored:\n" + String.join("\n", failures));
    }

    @Test
    void aFileIsRefusedOrWorks() {
        var failures = new ArrayList<String>();
        for (var key : ConfigTable.BROKER.all()) {
            for (var text : TEXTS) {
                var values = new TreeMap<>(FILE);
                values.put(key.name(), text);
                BrokerConfig config;
                try {
                    config = BrokerConfig.of(values);
                } catch (ConfigException refused) {
                    continue;
                }
                noting(failures, key.name() + "=" + text, () -> readEverything(config, Map.of()));
            }
        }
        assertEquals(List.of(), failures, () -> String.join("\n", failures));
    }

    @Test
    void whatIsLeftAsideIsSaidOnceWithWhatIsUsed() {
        var lines = new ArrayList<String>();
        var config = new NodeConfig(BrokerConfig.of(FILE), lines::add);
        var image = image(ResourceType.BROKER, "", "log.flush.interval.ms", "-1")
                .apply(record(ResourceType.BROKER, "1", "log.retention.bytes", "many"));
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    Long.MAX_VALUE,
                    TopicSettings.of(config.at(image), Map.of()).log().flushMs());
            config.at(MetadataImage.EMPTY);
        }
        assertEquals(
                List.of(
                        "The configuration log.flush.interval.ms=-1 of all brokers is ignored: Invalid value -1 for"
                                + " configuration flush.ms: Value must be at least 0 (log.flush.interval.ms is its default)."
                                + " In its place: flush.ms=9223372036854775807",
                        "The configuration log.retention.bytes=many of broker 1 is ignored: Invalid value many for"
                                + " configuration log.retention.bytes: Not a number of type LONG. In its place:"
                                + " log.retention.bytes=-1"),
                lines);
    }

    /** All that is made of a configuration while metadata is applied, and what clients may ask of it. */
    private static void readEverything(BrokerConfig config, Map<String, String> ofTopic) {
        TopicSettings.of(config, ofTopic);
        Compaction.settings(config);
        ConfigTable.BROKER_DYNAMIC_ONLY.all().forEach(key -> config.value(key.name()));
        var description = new ConfigDescription(config);
        // Reads every key.
        description.broker();
        description.brokerDefaults();
        description.topic(ofTopic);
        description.group(Map.of());
        config.listeners();
    }

    private static List<ConfigDefinition> brokerKeys() {
        var keys = new ArrayList<>(ConfigTable.BROKER.all());
        keys.addAll(ConfigTable.BROKER_DYNAMIC_ONLY.all());
        return keys;
    }

    private static MetadataImage image(ResourceType type, String resource, String name, String value) {
        return MetadataImage.EMPTY.apply(record(type, resource, name, value));
    }

    private static ConfigRecord record(ResourceType type, String resource, String name, String value) {
        return new ConfigRecord()
                .resourceType(type.id())
                .resourceName(resource)
                .name(name)
                .value(value);
    }

    private static void noting(List<String> failures, String what, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            failures.add(what + ": " + e);
        }
    }
}
