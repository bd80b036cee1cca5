package io.barnabas.broker.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BrokerConfigTest {

    /** What the server.properties of a Kafka 4 release sets. */
    static Map<String, String> stock() {
        var values = new HashMap<String, String>();
        values.put("process.roles", "broker,controller");
        values.put("node.id", "1");
        values.put("controller.quorum.bootstrap.servers", "localhost:9093");
        values.put("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093");
        values.put("inter.broker.listener.name", "PLAINTEXT");
        values.put("advertised.listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093");
        values.put("controller.listener.names", "CONTROLLER");
        values.put(
                "listener.security.protocol.map",
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL");
        values.put("num.network.threads", "3");
        values.put("num.io.threads", "8");
        values.put("socket.send.buffer.bytes", "102400");
        values.put("socket.receive.buffer.bytes", "102400");
        values.put("socket.request.max.bytes", "104857600");
        values.put("log.dirs", "/tmp/kraft-combined-logs");
        values.put("num.partitions", "1");
        values.put("num.recovery.threads.per.data.dir", "2");
        values.put("offsets.topic.replication.factor", "1");
        values.put("share.coordinator.state.topic.replication.factor", "1");
        values.put("share.coordinator.state.topic.min.isr", "1");
        values.put("transaction.state.log.replication.factor", "1");
        values.put("transaction.state.log.min.isr", "1");
        values.put("log.retention.hours", "168");
        values.put("log.segment.bytes", "1073741824");
        values.put("log.retention.check.interval.ms", "300000");
        return values;
    }

    private static BrokerConfig with(String... pairs) {
        var values = stock();
        for (var i = 0; i < pairs.length; i += 2) {
            if (pairs[i + 1] == null) {
                values.remove(pairs[i]);
            } else {
                values.put(pairs[i], pairs[i + 1]);
            }
        }
        return BrokerConfig.of(values);
    }

    @Test
    void aStockFileIsUnderstood() {
        var config = with();
        assertTrue(config.isBroker() && config.isController() && config.isSingleVoter());
        assertEquals(
                List.of(new Listener("PLAINTEXT", "", 9092, SecurityProtocol.PLAINTEXT)), config.brokerListeners());
        assertEquals("CONTROLLER", config.controllerListeners().get(0).name());
        assertEquals(
                List.of(new Listener("PLAINTEXT", "localhost", 9092, SecurityProtocol.PLAINTEXT)),
                config.advertisedListeners());
        assertEquals(List.of(Path.of("/tmp/kraft-combined-logs")), config.logDirs());
        assertEquals(List.of(new HostPort("127.0.0.1", 9644)), config.adminListeners());
    }

    @Test
    void overridesWinOverTheFile(@TempDir Path dir) throws IOException {
        var lines = new StringBuilder();
        stock().forEach((key, value) ->
                lines.append(key).append('=').append(value).append('\n'));
        var file = Files.writeString(dir.resolve("server.properties"), lines);
        assertEquals(7, BrokerConfig.load(file, Map.of("num.partitions", "7")).numPartitions());
        assertThrows(ConfigException.class, () -> BrokerConfig.load(dir.resolve("absent"), Map.of()));
    }

    @Test
    void dynamicValuesOverlayInKafkasOrder() {
        var config = with("log.segment.bytes", "2000000");
        assertEquals(2_000_000, config.intValue("log.segment.bytes"));
        var clusterWide = config.withDynamic(Map.of("log.segment.bytes", "3000000"), Map.of());
        assertEquals(3_000_000, clusterWide.intValue("log.segment.bytes"));
        var own = config.withDynamic(Map.of("log.segment.bytes", "3000000"), Map.of("log.segment.bytes", "4000000"));
        assertEquals(4_000_000, own.intValue("log.segment.bytes"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            num.partitions | many | Invalid value many for configuration num.partitions: Not a number of type INT
            num.partitions | 0 | Invalid value 0 for configuration num.partitions: Value must be at least 1
            auto.create.topics.enable | yes | Invalid value yes for configuration auto.create.topics.enable: Expected value to be either true or false
            log.message.timestamp.type | Now | Invalid value Now for configuration log.message.timestamp.type: String must be one of: CreateTime, LogAppendTime
            process.roles | zookeeper | Invalid value zookeeper for configuration process.roles: String must be one of: broker, controller
            node.id | -1 | Invalid value -1 for configuration node.id: Value must be at least 0
            advertised.listeners | PLAINTEXT://0.0.0.0:1 | advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.
            """)
    void aBadValueIsOneKafkaSentence(String key, String value, String sentence) {
        assertEquals(
                sentence,
                assertThrows(ConfigException.class, () -> with(key, value)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "listeners, nonsense",
        "listeners, 'PLAINTEXT://:9092,CONTROLLER://:9092'",
        "listeners, 'PLAINTEXT://:99999,CONTROLLER://:9093'",
        "listeners, 'PLAINTEXT://:9092,PLAINTEXT://:9094,CONTROLLER://:9093'",
        "controller.listener.names, OTHER",
        "inter.broker.listener.name, MISSING",
        "controller.quorum.voters, 2@localhost:9093",
        "controller.quorum.voters, localhost:9093",
        "listener.security.protocol.map, PLAINTEXT",
        "log.dirs, 'a,,b'",
        "admin.listeners, here",
    })
    void contradictionsAreRefused(String key, String value) {
        assertThrows(ConfigException.class, () -> with(key, value));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /a, *      | When cordoned.log.dirs is set to *, it must not contain other values
            /a, /c, /d | All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : /c, /d
            /a/        | All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : /a/
            """)
    void onlyLogDirectoriesCanBeCordoned(String cordoned, String sentence) {
        var values = stock();
        values.put("log.dirs", "/a,/b");
        values.put("cordoned.log.dirs", cordoned);
        assertEquals(sentence, refusal(values));
        values.remove("cordoned.log.dirs");
        var config = BrokerConfig.of(values);
        assertEquals(
                sentence,
                DynamicConfigs.refusal(config, Map.of("cordoned.log.dirs", cordoned), true)
                        .orElse(null));
    }

    @Test
    void cordonedDirectoriesAreThoseThatAreNamed() {
        assertEquals(Set.of(), with("log.dirs", "/a,/b").cordonedLogDirs());
        assertEquals(
                Set.of(Path.of("/b")),
                with("log.dirs", "/a,/b", "cordoned.log.dirs", "/b").cordonedLogDirs());
        assertEquals(
                Set.of(Path.of("/a"), Path.of("/b")),
                with("log.dirs", "/a,/b", "cordoned.log.dirs", "*").cordonedLogDirs());
        var relative = with("log.dirs", "a/", "cordoned.log.dirs", "a/");
        assertEquals(Set.copyOf(relative.logDirs()), relative.cordonedLogDirs());
        // Set while there was a directory that is in the file no more.
        var stored = with("log.dirs", "/a,/b").withDynamic(Map.of(), Map.of("cordoned.log.dirs", "/b,/c"));
        assertEquals(Set.of(Path.of("/b")), stored.cordonedLogDirs());
    }

    @Test
    void aMissingKeyIsNamed() {
        var thrown = assertThrows(ConfigException.class, () -> with("node.id", null));
        assertEquals("Missing required configuration \"node.id\" which has no default value.", thrown.getMessage());
    }

    @Test
    void severalVotersDoNotFormatThemselves() {
        assertFalse(with("controller.quorum.voters", "1@a:1,2@b:1,3@c:1").isSingleVoter());
    }

    @Test
    void unknownAndIdleKeysAreReported() {
        var warnings = with("num.partition", "3", "num.replica.fetchers", "4").warnings();
        assertTrue(
                warnings.contains("Unknown configuration num.partition: did you mean num.partitions?"),
                warnings::toString);
        assertTrue(
                warnings.contains(
                        "The configuration num.replica.fetchers is accepted but has no effect in this version."),
                warnings::toString);
        assertTrue(with("num.replica.fetchers", "1").warnings().stream().noneMatch(w -> w.contains("fetchers")));
    }

    @Test
    void everyEffectiveKeyAndEveryDefaultOfTheTableIsSound() {
        EffectiveKeys.BROKER.forEach(key -> assertTrue(ConfigTable.BROKER.contains(key), key));
        for (var table : List.of(
                ConfigTable.BROKER,
                ConfigTable.BROKER_DYNAMIC_ONLY,
                ConfigTable.TOPIC,
                ConfigTable.GROUP,
                ConfigTable.CLIENT_METRICS)) {
            table.all().stream().filter(key -> key.defaultText() != null).forEach(key -> key.parse(key.defaultText()));
        }
    }

    @Test
    void aRefusalNamesTheKeyThatWasWritten() {
        var written = stock();
        written.put("node.id", "abc");
        assertTrue(refusal(written).contains("for configuration node.id:"), refusal(written));
        written.remove("node.id");
        written.put("broker.id", "abc");
        assertTrue(refusal(written).contains("for configuration broker.id:"), refusal(written));
        written.remove("broker.id");
        assertTrue(refusal(written).contains("\"node.id\""), refusal(written));
    }

    private static String refusal(Map<String, String> written) {
        return assertThrows(ConfigException.class, () -> BrokerConfig.of(written))
                .getMessage();
    }

    @Test
    void aDirectoryNamedTwiceCountsOnceAndIsSaid() {
        var written = stock();
        written.put("log.dirs", "/a,/b, /a");
        var config = BrokerConfig.of(written);
        assertEquals(2, config.logDirs().size());
        assertEquals(
                1,
                config.warnings().stream()
                        .filter(line -> line.contains("twice: /a,/b, /a"))
                        .count());
    }
}
