package io.barnabas.broker.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.barnabas.broker.config.DescribedConfig.Synonym;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TopicConfigsTest {

    private static BrokerConfig broker(String... pairs) {
        var values = new HashMap<>(BrokerConfigTest.stock());
        for (var i = 0; i < pairs.length; i += 2) {
            values.put(pairs[i], pairs[i + 1]);
        }
        return BrokerConfig.of(values);
    }

    private static DescribedConfig find(List<DescribedConfig> entries, String name) {
        return entries.stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void brokerUnitsAreConverted() {
        var broker = broker("log.retention.hours", "2", "log.roll.hours", "3");
        assertEquals(7_200_000L, TopicConfigs.value("retention.ms", broker, Map.of()));
        assertEquals(10_800_000L, TopicConfigs.value("segment.ms", broker, Map.of()));
        assertEquals(60_000L, TopicConfigs.value("retention.ms", broker("log.retention.minutes", "1"), Map.of()));
        assertEquals(-1L, TopicConfigs.value("retention.ms", broker("log.retention.hours", "-1"), Map.of()));
        assertEquals(5L, TopicConfigs.value("retention.ms", broker, Map.of("retention.ms", "5")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            no.such.key | 1 | Unknown topic config name: no.such.key
            retention.ms | abc | Invalid value abc for configuration retention.ms: Not a number of type LONG
            retention.ms | -2 | Invalid value -2 for configuration retention.ms: Value must be at least -1
            cleanup.policy | shred | Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete
            cleanup.policy | delete,,compact | Configuration 'cleanup.policy' values must not be empty.
            compression.type | rar | Invalid value rar for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer
            compression.gzip.level | 0 | Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1
            min.cleanable.dirty.ratio | 1.5 | Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1
            remote.storage.enable | true | Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.
            """)
    void refusalsAreKafkas(String key, String value, String sentence) {
        assertEquals(Optional.of(sentence), TopicConfigs.refusal(broker(), Map.of(), Map.of(key, value)));
    }

    @Test
    void combinationsAreChecked() {
        var conflict = Map.of("min.compaction.lag.ms", "10", "max.compaction.lag.ms", "5");
        assertEquals(
                Optional.of("conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)"),
                TopicConfigs.refusal(broker(), Map.of(), conflict));
        assertEquals(
                Optional.empty(),
                TopicConfigs.refusal(broker(), Map.of(), Map.of("cleanup.policy", "compact, delete")));
        assertEquals(Optional.empty(), TopicConfigs.refusal(broker(), Map.of(), Map.of("cleanup.policy", "")));
        var withNull = new HashMap<String, String>();
        withNull.put("retention.ms", null);
        assertEquals(
                Optional.of("Null value not supported for topic configs: retention.ms"),
                TopicConfigs.refusal(broker(), Map.of(), withNull));
    }

    @Test
    void aTopicIsDescribedWithItsSynonymsInOrder() {
        var config = broker("log.segment.bytes", "2000000")
                .withDynamic(Map.of("log.segment.bytes", "3000000"), Map.of("log.segment.bytes", "4000000"));
        var entry = find(new ConfigDescription(config).topic(Map.of("segment.bytes", "5000000")), "segment.bytes");
        assertEquals("5000000", entry.value());
        assertEquals(ConfigSource.TOPIC, entry.source());
        assertEquals(
                List.of(
                        new Synonym("segment.bytes", "5000000", ConfigSource.TOPIC),
                        new Synonym("log.segment.bytes", "4000000", ConfigSource.DYNAMIC_BROKER),
                        new Synonym("log.segment.bytes", "3000000", ConfigSource.DYNAMIC_DEFAULT_BROKER),
                        new Synonym("log.segment.bytes", "2000000", ConfigSource.STATIC_BROKER),
                        new Synonym("log.segment.bytes", "1073741824", ConfigSource.DEFAULT)),
                entry.synonyms());
        assertEquals(34, new ConfigDescription(config).topic(Map.of()).size());
    }

    @Test
    void retentionByHoursHasADefaultSourceAsInKafka() {
        var entry = find(new ConfigDescription(broker("log.retention.hours", "2")).topic(Map.of()), "retention.ms");
        assertEquals("7200000", entry.value());
        assertEquals(ConfigSource.DEFAULT, entry.source());
        assertTrue(entry.synonyms().isEmpty());
    }

    @Test
    void aBrokerHidesSecretsAndUnknownKeys() {
        var entries =
                new ConfigDescription(broker("ssl.keystore.password", "secret", "my.plugin.key", "secret")).broker();
        for (var name : List.of("ssl.keystore.password", "my.plugin.key")) {
            var entry = find(entries, name);
            assertNull(entry.value());
            assertTrue(entry.sensitive());
            assertTrue(entry.synonyms().stream().allMatch(synonym -> synonym.value() == null));
        }
        assertTrue(find(entries, "node.id").readOnly());
        assertEquals(ConfigType.INT, find(entries, "node.id").type());
        assertTrue(entries.stream().noneMatch(entry -> entry.name().equals("log.initial.task.delay.ms")));
    }

    @Test
    void groupsInheritFromTheBroker() {
        var entries = new ConfigDescription(broker("group.consumer.session.timeout.ms", "50000"))
                .group(Map.of("share.auto.offset.reset", "earliest"));
        assertEquals("50000", find(entries, "consumer.session.timeout.ms").value());
        assertEquals(
                ConfigSource.STATIC_BROKER,
                find(entries, "consumer.session.timeout.ms").source());
        assertEquals(
                ConfigSource.GROUP, find(entries, "share.auto.offset.reset").source());
        assertEquals(
                "300000",
                find(new ConfigDescription(broker()).clientMetrics(Map.of()), "interval.ms")
                        .value());
    }
}
