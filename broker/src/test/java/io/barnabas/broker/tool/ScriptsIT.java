package io.barnabas.broker.tool;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The scripts of bin/ in the distribution that the package phase has just unpacked. Ends only brokers that it started, by a node id of their own. */
class ScriptsIT {

    private static final Path BIN = bin();

    @TempDir
    Path dir;

    private record Answer(int code, String text) {}

    private static Path bin() {
        try (var found = Files.find(Path.of("target"), 4, (path, attributes) -> path.endsWith("bin/barnabas"))) {
            return found.findFirst().orElseThrow().toAbsolutePath().getParent();
        } catch (IOException e) {
            throw new IllegalStateException("No unpacked distribution under target", e);
        }
    }

    private Answer run(Map<String, String> environment, Path script, String... args) throws Exception {
        var command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(args));
        var output = dir.resolve("output");
        var builder = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("KAFKA_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        var process = builder.start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the script does not end");
        } finally {
            process.destroyForcibly();
        }
        return new Answer(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    @Test
    void theStorageToolRunsThroughALinkAndFromAPathWithSpaces() throws Exception {
        var link = Files.createSymbolicLink(
                Files.createDirectory(dir.resolve("with space")).resolve("storage"), BIN.resolve("kafka-storage.sh"));
        var answer = run(Map.of(), link, "random-uuid");
        assertEquals(0, answer.code(), answer::text);
        assertTrue(answer.text().matches("[A-Za-z0-9_-]{22}\\R"), answer::text);
    }

    @Test
    void formatsADirectoryWithTheSampleConfiguration() throws Exception {
        var sample = Files.readString(BIN.resolveSibling("config").resolve("server.properties"))
                .replace("/var/lib/barnabas", dir.resolve("data").toString());
        var file = Files.writeString(dir.resolve("server.properties"), sample).toString();
        var answer = run(Map.of(), BIN.resolve("barnabas"), "format", "-t", "some-id", "-c", file, "--standalone");
        assertEquals(0, answer.code(), answer::text);
        assertEquals("some-id", DirectoryIdentity.clusterId(DirectoryIdentity.read(dir.resolve("data"))));
    }

    @Test
    void jvmOptionsAreHonouredAndLog4jsAreNot() throws Exception {
        var answer = run(
                Map.of("KAFKA_OPTS", "-Dsome=thing -showversion", "KAFKA_LOG4J_OPTS", "-Dlog4j2=x"),
                BIN.resolve("kafka-storage.sh"),
                "random-uuid");
        assertEquals(0, answer.code(), answer::text);
        assertTrue(answer.text().contains("KAFKA_LOG4J_OPTS is ignored"), answer::text);
        assertTrue(answer.text().contains(System.getProperty("java.version")), answer::text);
    }

    @Test
    void mistakesAreOneSentenceAndANonZeroExit() throws Exception {
        var noFile = run(Map.of(), BIN.resolve("kafka-server-start.sh"), "nowhere.properties");
        assertEquals(1, noFile.code());
        assertEquals(
                "barnabas: The configuration file nowhere.properties does not exist or cannot be read.\n",
                noFile.text());
        assertEquals(1, run(Map.of(), BIN.resolve("kafka-server-start.sh")).code());
        assertEquals(1, run(Map.of(), BIN.resolve("barnabas"), "dance").code());
        var noJava = run(Map.of("JAVA_HOME", "/nowhere"), BIN.resolve("kafka-storage.sh"), "random-uuid");
        assertEquals(1, noJava.code());
        assertTrue(noJava.text().contains("JAVA_HOME is /nowhere"), noJava::text);
    }

    @Test
    void wrongCallsSayWhatIsWrongAtOnce() throws Exception {
        var file = Files.writeString(dir.resolve("some.properties"), "").toString();
        assertWrongCall("kafka-server-start.sh", "usage: barnabas start", "-daemon", file, "--overide", "a=b");
        assertWrongCall("kafka-server-start.sh", "is nothing", "-daemon", file, "--override");
        assertWrongCall("kafka-server-start.sh", "no = in abc", "-daemon", file, "--override", "abc");
        assertWrongCall("kafka-server-start.sh", "no key in =b", file, "--override==b");
        assertWrongCall("kafka-server-start.sh", "before the configuration file", file, "-daemon");
        assertWrongCall("kafka-server-start.sh", "a=b", file, "a=b");
        assertWrongCall("kafka-server-stop.sh", "--node-id needs", "--node-id");
        assertWrongCall("kafka-server-stop.sh", "--node-id needs", "--node-id=");
        assertWrongCall("kafka-server-stop.sh", "--process-role needs", "--process-role=king");
        assertWrongCall("kafka-server-stop.sh", "no option --all", "--all");
    }

    private void assertWrongCall(String script, String words, String... args) throws Exception {
        var answer = run(Map.of("LOG_DIR", dir.resolve("never").toString()), BIN.resolve(script), args);
        assertEquals(1, answer.code(), answer::text);
        assertTrue(answer.text().contains(words) && answer.text().contains("usage: "), answer::text);
        assertFalse(Files.exists(dir.resolve("never")), "it started something");
    }

    @Test
    void theClassDataArchiveMadeAtPackageTimeFits() throws Exception {
        var answer = run(Map.of("KAFKA_OPTS", "-Xshare:on"), BIN.resolve("kafka-storage.sh"), "random-uuid");
        assertEquals(0, answer.code(), answer::text);
        try (var libs = Files.newDirectoryStream(BIN.resolveSibling("libs"), "*.jsa")) {
            assertTrue(libs.iterator().hasNext(), "no archive");
        }
    }

    @Test
    void aBrokerIsStartedInTheBackgroundAndStoppedByItsNodeId() throws Exception {
        var nodeId = Integer.toString(ThreadLocalRandom.current().nextInt(100_000_000, 900_000_000));
        var file = Files.writeString(dir.resolve("node.properties"), """
                process.roles=broker,controller
                node.id=%1$s
                controller.quorum.voters=%1$s@127.0.0.1:9093
                listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0
                controller.listener.names=CONTROLLER
                listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
                admin.listeners=
                log.dirs=%2$s
                """.formatted(nodeId, dir.resolve("data")));
        var logs = dir.resolve("logs");
        var started = run(
                Map.of("LOG_DIR", logs.toString()),
                BIN.resolve("kafka-server-start.sh"),
                "-daemon",
                dir.relativize(file).toString(),
                "--override",
                "num.partitions=3");
        assertEquals(new Answer(0, ""), started);
        var console = logs.resolve("barnabas.out");
        try {
            awaitText(console, "Kafka Server started");
            var second = run(
                    Map.of("LOG_DIR", logs.toString()),
                    BIN.resolve("kafka-server-start.sh"),
                    "-daemon",
                    file.toString());
            assertEquals(new Answer(0, ""), second);
            awaitText(console, "Failed to acquire ");
            assertTrue(
                    Files.readString(console).contains("Transitioning from RECOVERY to RUNNING"),
                    "the second start took the lines of the first");
        } finally {
            var stopped = run(Map.of(), BIN.resolve("kafka-server-stop.sh"), "--node-id=" + nodeId);
            assertEquals(0, stopped.code(), stopped::text);
        }
        awaitText(console, "[BrokerServer id=" + nodeId + "] shut down completed");
        awaitText(console, "Terminating process due to signal SIGTERM");
        awaitText(dir.resolve("data").resolve(".kafka_cleanshutdown"), "");
        var foreground = run(
                Map.of("LOG_DIR", logs.toString()),
                BIN.resolve("barnabas"),
                "start",
                file.toString(),
                "--override",
                "listeners=PLAINTEXT://127.0.0.1:0");
        assertEquals(1, foreground.code(), foreground::text);
        assertTrue(foreground.text().contains("controller.listener.names"), foreground::text);
    }

    private static void awaitText(Path file, String text) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.exists(file) || !Files.readString(file).contains(text)) {
            assertTrue(System.nanoTime() < deadline, () -> file + " never had: " + text);
            Thread.sleep(50);
        }
    }

    @Test
    void groupsAreAskedOfTheAdminEndpoint() throws Exception {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        var answer = run(Map.of(), BIN.resolve("barnabas"), "groups", "--admin", "http://127.0.0.1:" + port);
        assertEquals(1, answer.code(), answer::text);
        assertTrue(answer.text().contains("is it what admin.listeners of the broker says?"), answer::text);
        assertEquals(
                0, run(Map.of(), BIN.resolve("barnabas"), "groups", "--help").code());
    }

    @Test
    void stoppingWhatIsNotThereSaysSoAsKafkaDoes() throws Exception {
        var answer = run(Map.of(), BIN.resolve("kafka-server-stop.sh"), "--node-id=918273645");
        assertEquals(new Answer(1, "No kafka server to stop\n"), answer);
    }
}
