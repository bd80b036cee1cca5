package io.barnabas.broker.tool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.protocol.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DirectoryIdentityTest {

    @TempDir
    Path dir;

    private BrokerConfig config(int nodeId, String voters) {
        return BrokerConfig.of(properties(nodeId, voters));
    }

    private Map<String, String> properties(int nodeId, String voters) {
        return Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                Integer.toString(nodeId),
                "controller.quorum.voters",
                voters,
                "listeners",
                "PLAINTEXT://:0,CONTROLLER://:0",
                "controller.listener.names",
                "CONTROLLER",
                "log.dirs",
                dir.resolve("logs").toString());
    }

    @Test
    void theOnlyVoterFormatsItselfOnce() {
        var config = config(1, "1@localhost:9093");
        assertEquals(DirectoryIdentity.ensure(config), DirectoryIdentity.ensure(config));
        var other = assertThrows(ConfigException.class, () -> DirectoryIdentity.ensure(config(2, "2@localhost:9093")));
        assertTrue(other.getMessage().startsWith("Invalid node.id in: "), other::getMessage);
    }

    @Test
    void oneOfSeveralVotersMustBeFormatted() {
        var thrown = assertThrows(
                ConfigException.class, () -> DirectoryIdentity.ensure(config(1, "1@a:9093,2@b:9093,3@c:9093")));
        assertEquals(
                "No `meta.properties` found in " + dir.resolve("logs")
                        + " (have you run `kafka-storage.sh` to format the directory?)",
                thrown.getMessage());
    }

    @Test
    void aDirectoryThatLostItsIdentityIsNotGivenANewOne() throws IOException {
        var config = config(1, "1@localhost:9093");
        var clusterId = DirectoryIdentity.ensure(config);
        var logs = dir.resolve("logs");
        Files.createDirectory(logs.resolve("kept-0"));
        Files.delete(logs.resolve("meta.properties"));
        var thrown = assertThrows(ConfigException.class, () -> DirectoryIdentity.ensure(config));
        assertTrue(
                thrown.getMessage().startsWith("No `meta.properties` found in " + logs + " ")
                        && thrown.getMessage().contains("kept-0"),
                thrown::getMessage);
        assertFalse(Files.exists(logs.resolve("meta.properties")));

        DirectoryIdentity.format(logs, clusterId, 1, Uuid.random());
        assertEquals(clusterId, DirectoryIdentity.ensure(config));
    }

    @Test
    void oneDirectoryOfSeveralThatLostItsIdentityIsRefusedAndAnEmptyOneJoins() throws IOException {
        var two = new HashMap<>(properties(1, "1@localhost:9093"));
        two.put("log.dirs", dir.resolve("logs") + "," + dir.resolve("more"));
        var clusterId = DirectoryIdentity.ensure(config(1, "1@localhost:9093"));
        var more = Files.createDirectory(dir.resolve("more"));
        Files.createDirectories(more.resolve("__consumer_offsets-7"));
        var thrown = assertThrows(ConfigException.class, () -> DirectoryIdentity.ensure(BrokerConfig.of(two)));
        assertTrue(
                thrown.getMessage().contains(more.toString())
                        && thrown.getMessage().contains("--cluster-id " + clusterId),
                thrown::getMessage);

        Files.delete(more.resolve("__consumer_offsets-7"));
        Files.createDirectory(more.resolve("gone-0.a21cde-delete"));
        assertEquals(clusterId, DirectoryIdentity.ensure(BrokerConfig.of(two)));
        assertEquals(clusterId, DirectoryIdentity.clusterId(DirectoryIdentity.read(more)));
    }

    @Test
    void anUnusableFileIsNamedOnce() throws IOException {
        var file = Files.createDirectory(dir.resolve("logs")).resolve("meta.properties");
        for (var content : List.of("nonsense", "version=1\ncluster.id=x\n", "version=1\nnode.id=x\ncluster.id=y\n")) {
            Files.writeString(file, content);
            var thrown =
                    assertThrows(ConfigException.class, () -> DirectoryIdentity.ensure(config(1, "1@localhost:9093")));
            assertEquals(2, thrown.getMessage().split(Pattern.quote(file.toString()), -1).length, thrown::getMessage);
        }
    }
}
