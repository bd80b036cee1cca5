package io.barnabas.broker.tool;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StorageToolTest {

    @TempDir
    Path dir;

    private record Answer(int code, String text) {}

    private static Answer run(String... args) {
        var bytes = new ByteArrayOutputStream();
        var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        var code = StorageTool.run(List.of(args), out, out);
        return new Answer(code, bytes.toString(StandardCharsets.UTF_8));
    }

    private String config(String quorum) throws IOException {
        return Files.writeString(
                        dir.resolve("server.properties"), """
                        process.roles=broker,controller
                        node.id=1
                        listeners=PLAINTEXT://:9092,CONTROLLER://:9093
                        controller.listener.names=CONTROLLER
                        log.dirs=%s,%s
                        %s
                        """.formatted(dir.resolve("a"), dir.resolve("b"), quorum))
                .toString();
    }

    @Test
    void formatsInfoAndRefusesASecondTime() throws IOException {
        var config = config("controller.quorum.bootstrap.servers=localhost:9093");
        assertEquals(1, run("info", "-c", config).code());
        var formatted = run("format", "-t", "abc", "-c", config, "--standalone");
        assertEquals(0, formatted.code(), formatted::text);
        assertTrue(
                formatted
                        .text()
                        .contains("Formatting metadata directory " + dir.resolve("a")
                                + " with metadata.version 4.3-IV0."),
                formatted::text);
        var info = run("info", "--config=" + config);
        assertEquals(0, info.code());
        assertTrue(info.text().contains("Found metadata: {cluster.id=abc, directory.id="), info::text);
        assertEquals(
                "Log directory " + dir.resolve("a") + " is already formatted. Use --ignore-formatted to ignore this"
                        + " directory and format the others.\n",
                run("format", "-t", "abc", "-c", config, "-s").text());
        assertEquals(
                "All of the log directories are already formatted.\n",
                run("format", "-t", "abc", "-c", config, "-s", "-g").text());
        assertEquals(
                "Invalid cluster.id in: " + dir.resolve("a").resolve("meta.properties")
                        + ". Expected other, but read abc\n",
                run("format", "-t", "other", "-c", config, "-s", "-g").text());
    }

    @Test
    void quorumOptionsAreCheckedAsInKafka() throws IOException {
        var open = config("controller.quorum.bootstrap.servers=localhost:9093");
        assertTrue(
                run("format", "-t", "x", "-c", open).text().startsWith("Because controller.quorum.voters is not set"));
        assertEquals(
                0,
                run("format", "-t", "x", "-c", open, "-I", "1@localhost:9093:JEXY6aqzQY-32P5TStzaFg")
                        .code());
        assertEquals(
                "JEXY6aqzQY-32P5TStzaFg",
                DirectoryIdentity.read(dir.resolve("a"))
                        .directoryId()
                        .orElseThrow()
                        .toString());
        var fixed = config("controller.quorum.voters=1@localhost:9093");
        assertTrue(run("format", "-t", "x", "-c", fixed, "-s").text().startsWith("You cannot specify"));
        assertEquals(0, run("format", "-t", "x", "-c", fixed, "-g").code());
    }

    @Test
    void versionsAndFeatures() {
        assertEquals("""
                metadata.version=30 (4.3-IV0)
                kraft.version=1
                transaction.version=2
                group.version=1
                eligible.leader.replicas.version=1
                share.version=1
                streams.version=1
                """, run("version-mapping").text());
        assertTrue(
                run("version-mapping", "-r", "3.9").text().startsWith("metadata.version=21 (3.9)\nkraft.version=1\n"));
        assertEquals(1, run("version-mapping", "-r", "9.9").code());
        assertEquals(
                "kraft.version=1 has no dependencies.\nmetadata.version=30 (4.3-IV0) has no dependencies.\n",
                run("feature-dependencies", "-f", "kraft.version=1", "-f", "metadata.version=30")
                        .text());
        assertEquals(1, run("feature-dependencies", "-f", "foo=1").code());
    }

    @Test
    void idsAreRandomAndMistakesAreExplained() {
        var id = run("random-uuid").text().trim();
        assertEquals(22, id.length());
        assertNotEquals(id, run("random-uuid").text().trim());
        var missing = run("format", "-c", "x");
        assertEquals(1, missing.code());
        assertTrue(missing.text().contains("argument --cluster-id/-t is required"), missing::text);
        assertEquals(1, run().code());
        assertEquals(1, run("nonsense").code());
        assertEquals(0, run("--help").code());
        assertEquals(1, run("info", "-c", "/nowhere/server.properties").code());
    }

    @Test
    void anEmptyClusterIdAndADamagedIdentityAreRefused() throws IOException {
        var config = config("controller.quorum.voters=1@localhost:9093");
        var empty = run("format", "-t", "", "-c", config);
        assertEquals(1, empty.code());
        assertTrue(empty.text().startsWith("The cluster id must not be empty"), empty::text);
        var file = Files.createDirectory(dir.resolve("a")).resolve("meta.properties");
        for (var content : List.of("version=1\nnode.id=1\n", "version=1\nnode.id=1\ncluster.id=\n", "version=9")) {
            Files.writeString(file, content);
            for (var command : List.of("format", "info")) {
                var answer =
                        command.equals("info") ? run("info", "-c", config) : run("format", "-t", "x", "-c", config);
                assertEquals(1, answer.code());
                assertEquals(2, answer.text().split("meta\\.properties", -1).length, answer::text);
                assertTrue(!answer.text().contains("Exception"), answer::text);
            }
        }
    }
}
