package io.barnabas.compat.programs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * kafkajs, a client in JavaScript: node, and the package in {@code target/kafkajs}, where npm puts it at the first
 * run (from its own cache, if it has had it before).
 */
final class KafkaJs {
    private static final String VERSION = "2.2.4";
    private static final Path HOME = Path.of("target", "kafkajs").toAbsolutePath();
    private static final Path PACKAGE =
            HOME.resolve("node_modules").resolve("kafkajs").resolve("package.json");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private KafkaJs() {}

    /** Gets it if it is not there; says why it cannot be had. */
    static Optional<String> missing() throws InterruptedException {
        try {
            Files.createDirectories(HOME);
            if (Files.exists(PACKAGE)) {
                return Optional.empty();
            }
            List<String> install = List.of(
                    "npm",
                    "install",
                    "--prefix",
                    HOME.toString(),
                    "--prefer-offline",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "kafkajs@" + VERSION);
            try (var npm = ChildProcess.start(HOME, "npm", null, install)) {
                Outcome outcome = npm.await(PATIENCE);
                return outcome.status() == 0
                        ? Optional.empty()
                        : Optional.of("npm cannot install kafkajs " + VERSION + ": " + outcome.err());
            }
        } catch (IOException e) {
            return Optional.of("node and npm are not installed: " + e.getMessage());
        } catch (IllegalStateException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** The command line of a member of a group. */
    static List<String> member(String bootstrapServers, String group, String topic) {
        // Beside the package, for node looks for packages where the script is.
        Path script = HOME.resolve("member.js");
        try (var source = KafkaJs.class.getResourceAsStream("/kafkajs/member.js")) {
            Files.write(script, source.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of("node", script.toString(), bootstrapServers, group, topic);
    }
}
