package io.barnabas.broker.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Keeps the tables of docs/configuration.md true. Run with -Ddocs.write=true to write them anew. */
class ConfigurationDocTest {

    private static final Path FILE = Path.of("../docs/configuration.md");

    @Test
    void theTablesSayWhatTheCodeKnows() throws IOException {
        var text = Files.readString(FILE);
        var expected = between(text, "effective", effective());
        expected = between(expected, "idle", idle());
        expected = between(expected, "topic", topic());
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(FILE, expected);
        }
        assertEquals(expected, Files.readString(FILE), "docs/configuration.md is stale: run with -Ddocs.write=true");
    }

    private static String effective() {
        return "| key | type | default | may change while running |\n|---|---|---|---|\n"
                + ConfigTable.BROKER.all().stream()
                        .filter(key -> EffectiveKeys.BROKER.contains(key.name()))
                        .map(key -> "| " + key.name() + " | " + key.type() + " | "
                                + (key.required() ? "must be set" : shown(key.defaultText())) + " | "
                                + mode(key.updateMode()) + " |\n")
                        .collect(Collectors.joining());
    }

    private static String idle() {
        return ConfigTable.BROKER.all().stream()
                        .filter(key -> !EffectiveKeys.BROKER.contains(key.name()) && !key.internal())
                        .map(ConfigDefinition::name)
                        .collect(Collectors.joining(", "))
                + "\n";
    }

    private static String topic() {
        return "| key | type | default | effect |\n|---|---|---|---|\n"
                + ConfigTable.TOPIC.all().stream()
                        .filter(key -> !key.internal())
                        .map(key -> "| " + key.name() + " | " + key.type() + " | " + shown(key.defaultText()) + " | "
                                + (EffectiveKeys.TOPIC.contains(key.name()) ? "yes" : "none") + " |\n")
                        .collect(Collectors.joining());
    }

    private static String shown(String text) {
        return text == null || text.isEmpty() ? "none" : "`" + text + "`";
    }

    private static String mode(UpdateMode mode) {
        return switch (mode) {
            case READ_ONLY -> "no";
            case PER_BROKER -> "per broker";
            case CLUSTER_WIDE -> "for all brokers or per broker";
        };
    }

    private static String between(String text, String name, String content) {
        var start = "<!-- " + name + " -->\n";
        var end = "<!-- /" + name + " -->";
        return text.substring(0, text.indexOf(start) + start.length()) + content + text.substring(text.indexOf(end));
    }
}
