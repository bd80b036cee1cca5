package io.barnabas.broker.tool;

import java.nio.file.Path;
import java.util.Map;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DirectoryIdentityTest {

    @TempDir
    Path dir;

    private BrokerConfig config(int nodeId, String voters) {
        return BrokerConfig.of(Map.of(
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
                dir.resolve("logs").toString()));
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
}
