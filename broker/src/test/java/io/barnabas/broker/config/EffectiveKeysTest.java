package io.barnabas.broker.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A key that is said to have an effect is looked at somewhere, by its own name or by that of the topic key it is the default of. */
class EffectiveKeysTest {
    /** Files that name keys without acting on them. */
    private static final Set<String> TABLES =
            Set.of("EffectiveKeys.java", "ConfigSynonyms.java", "ConfigChecks.java", "DynamicConfigs.java");

    @Test
    void everyEffectiveKeyIsReadSomewhere() throws IOException {
        var sources = sources();
        var idle = new ArrayList<String>();
        for (var key : EffectiveKeys.BROKER) {
            assertTrue(ConfigTable.BROKER.contains(key), key);
            if (!sources.contains('"' + key + '"')
                    && topicKeys(key).stream().noneMatch(topicKey -> sources.contains('"' + topicKey + '"'))) {
                idle.add(key);
            }
        }
        for (var key : EffectiveKeys.RUN_TIME_ONLY) {
            assertTrue(ConfigTable.BROKER_DYNAMIC_ONLY.contains(key), key);
            assertTrue(sources.contains('"' + key + '"'), key);
        }
        assertEquals(List.of(), idle);
    }

    private static List<String> topicKeys(String brokerKey) {
        return ConfigSynonyms.topicFamilies().entrySet().stream()
                .filter(family -> family.getValue().contains(brokerKey))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static String sources() throws IOException {
        try (var files = Files.walk(Path.of(".."), 12)) {
            return files.filter(path -> path.toString().contains("src/main/java")
                            && path.toString().endsWith(".java"))
                    .filter(path -> !TABLES.contains(path.getFileName().toString()))
                    .map(EffectiveKeysTest::text)
                    .collect(Collectors.joining());
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
