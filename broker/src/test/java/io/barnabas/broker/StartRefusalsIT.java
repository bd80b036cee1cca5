package io.barnabas.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.barnabas.broker.testing.RawClient;
import io.barnabas.broker.testing.TestBroker;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsResponse;
import io.barnabas.protocol.message.MetadataRequest;
import io.barnabas.protocol.message.MetadataResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is in the way of a start is told in one sentence, with exit code 1. */
class StartRefusalsIT {
    private static final int DEADLINE_S = 60;

    @TempDir
    Path home;

    private final Map<String, String> properties = new LinkedHashMap<>();

    /** The sentence on standard error. */
    private String refusal(String key, String value) throws Exception {
        properties.putIfAbsent("process.roles", "broker,controller");
        properties.putIfAbsent("node.id", "1");
        properties.putIfAbsent("controller.quorum.voters", "1@127.0.0.1:9093");
        properties.putIfAbsent("listeners", "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0");
        properties.putIfAbsent("controller.listener.names", "CONTROLLER");
        properties.putIfAbsent("log.dirs", home.resolve("data").toString());
        properties.putIfAbsent("admin.listeners", "");
        properties.put(key, value);
        var lines = new ArrayList<String>();
        properties.forEach((name, set) -> lines.add(name + "=" + set));
        var file = Files.write(home.resolve("server.properties"), lines);
        var errors = home.resolve("errors");
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 24) {
            // As the start script does.
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), file.toString()));
        var process = new ProcessBuilder(command)
                .redirectError(errors.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertTrue(process.waitFor(DEADLINE_S, TimeUnit.SECONDS), () -> "it started with " + properties);
            var text = Files.readString(errors).strip();
            assertEquals(1, process.exitValue(), text);
            assertFalse(text.isEmpty());
            assertEquals(1, text.lines().count(), text);
            assertFalse(text.contains("Exception"), text);
            return text;
        } finally {
            process.destroyForcibly();
        }
    }

    private void assertRefused(String key, String value, String... words) throws Exception {
        var sentence = refusal(key, value);
        for (var word : words) {
            assertTrue(sentence.contains(word), () -> "\"" + word + "\" is not in: " + sentence);
        }
    }

    @Test
    void directoriesThatCannotBeUsed() throws Exception {
        var file = Files.writeString(home.resolve("file"), "no directory");
        assertRefused("log.dirs", file.toString(), file.toString());
        assertRefused(
                "log.dirs",
                file.resolve("below").toString(),
                file.resolve("below").toString());
        assertRefused("log.dirs", "/proc/barnabas", "/proc/barnabas");
        assertRefused("log.dirs", "");
    }

    @Test
    void directoriesOfOthers() throws Exception {
        var other = Files.createDirectories(home.resolve("other"));
        Files.write(
                other.resolve("meta.properties"),
                List.of("version=1", "cluster.id=4L6g3nShT-eMCtK--X86sw", "node.id=7"));
        assertRefused("log.dirs", other.toString(), "7", other.toString());
        var third = Files.createDirectories(home.resolve("third"));
        Files.write(
                third.resolve("meta.properties"),
                List.of("version=1", "cluster.id=5L6g3nShT-eMCtK--X86sw", "node.id=1"));
        Files.write(
                other.resolve("meta.properties"),
                List.of("version=1", "cluster.id=4L6g3nShT-eMCtK--X86sw", "node.id=1"));
        assertRefused("log.dirs", other + "," + third, "5L6g3nShT-eMCtK--X86sw");
        Files.writeString(other.resolve("meta.properties"), "nonsense");
        assertRefused("log.dirs", other.toString(), "meta.properties");
    }

    @Test
    void whatIsMissingBesidePartitionsIsNotMadeAnew() throws Exception {
        var data = home.resolve("data");
        try (var broker = TestBroker.start(data);
                var client = new RawClient(broker.port())) {
            var request = new CreateTopicsRequest().timeoutMs(10_000);
            request.topics()
                    .add(new CreateTopicsRequest.CreatableTopic()
                            .name("kept")
                            .numPartitions(1)
                            .replicationFactor((short) 1));
            assertEquals(
                    0,
                    client.call(request, 7, CreateTopicsResponse.class)
                            .topics()
                            .get(0)
                            .errorCode());
        }
        var metadata = data.resolve("__cluster_metadata-1");
        var elsewhere = home.resolve("elsewhere");
        Files.move(metadata, elsewhere);
        assertRefused("log.dirs", data.toString(), metadata.toString(), "kept-0", "restore");
        Files.createDirectory(metadata);
        assertRefused("log.dirs", data.toString(), metadata.toString(), "kept-0", "restore");
        Files.delete(metadata);
        Files.move(elsewhere, metadata);

        var identity = data.resolve("meta.properties");
        var content = Files.readAllBytes(identity);
        Files.delete(identity);
        assertRefused("log.dirs", data.toString(), "No `meta.properties` found in " + data, "restore");
        assertFalse(Files.exists(identity));

        Files.write(identity, content);
        try (var broker = TestBroker.start(data);
                var client = new RawClient(broker.port())) {
            var topics = client.call(new MetadataRequest().topics(null), 9, MetadataResponse.class)
                    .topics();
            assertEquals("kept", topics.get(0).name());
        }
    }

    @Test
    void aPortInUse() throws IOException, Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var address = "127.0.0.1:" + taken.getLocalPort();
            assertRefused(
                    "listeners", "PLAINTEXT://" + address + ",CONTROLLER://127.0.0.1:0", "" + taken.getLocalPort());
        }
    }

    @Test
    void nonsense() throws Exception {
        assertRefused("num.partitions", "many", "num.partitions", "many");
        properties.remove("num.partitions");
        assertRefused("process.roles", "king", "process.roles", "king");
        properties.remove("process.roles");
        assertRefused("listeners", "PLAINTEXT:/127.0.0.1", "listeners");
        properties.remove("listeners");
        assertRefused("node.id", "-5", "node.id");
        properties.remove("node.id");
        assertRefused("log.segment.bytes", "3", "log.segment.bytes");
        properties.remove("log.segment.bytes");
        assertRefused("log.cleanup.policy", "shred", "log.cleanup.policy", "shred");
    }
}
