package io.barnabas.broker.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Every key of one kind of resource. The facts stand in {@code configs.tsv}; loading only finds the rows, a row is parsed
 * when it is first asked for, because a start asks for a few dozen of them. Any thread.
 */
public final class ConfigTable {

    /** Keys of server.properties. */
    public static final ConfigTable BROKER;
    /** Keys that exist only as dynamic broker configs. */
    public static final ConfigTable BROKER_DYNAMIC_ONLY;

    public static final ConfigTable TOPIC;
    public static final ConfigTable GROUP;
    public static final ConfigTable CLIENT_METRICS;

    static {
        var tables = load();
        BROKER = tables.get("broker");
        BROKER_DYNAMIC_ONLY = tables.get("broker-dynamic");
        TOPIC = tables.get("topic");
        GROUP = tables.get("group");
        CLIENT_METRICS = tables.get("client-metrics");
    }

    /** name → row text, replaced by its definition once parsed; the map itself never changes its keys. */
    private final Map<String, Row> rows = new HashMap<>();

    private static final class Row {
        private final String text;
        private volatile ConfigDefinition definition;

        Row(String text) {
            this.text = text;
        }

        ConfigDefinition definition() {
            var known = definition;
            if (known == null) {
                known = ConfigDefinition.of(text);
                definition = known;
            }
            return known;
        }
    }

    private ConfigTable() {}

    public Optional<ConfigDefinition> find(String name) {
        var row = rows.get(name);
        return row == null ? Optional.empty() : Optional.of(row.definition());
    }

    /** @throws IllegalArgumentException if there is no such key: a bug of the caller */
    public ConfigDefinition get(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException("No such key: " + name));
    }

    public boolean contains(String name) {
        return rows.containsKey(name);
    }

    public Collection<String> names() {
        return new TreeSet<>(rows.keySet());
    }

    /** All definitions, by name. */
    public List<ConfigDefinition> all() {
        var all = new ArrayList<ConfigDefinition>(rows.size());
        for (var name : names()) {
            all.add(rows.get(name).definition());
        }
        return all;
    }

    /** The known name that a mistyped one most likely meant. */
    public Optional<String> nearest(String name) {
        return Spelling.nearest(name, names());
    }

    private static Map<String, ConfigTable> load() {
        String text;
        try (var in = ConfigTable.class.getResourceAsStream("configs.tsv")) {
            text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var tables = new HashMap<String, ConfigTable>();
        for (int start = 0, end; start < text.length(); start = end + 1) {
            end = text.indexOf('\n', start);
            if (text.charAt(start) == '#') {
                continue;
            }
            var afterScope = text.indexOf('\t', start);
            var afterName = text.indexOf('\t', afterScope + 1);
            tables.computeIfAbsent(text.substring(start, afterScope), scope -> new ConfigTable())
                    .rows
                    .put(text.substring(afterScope + 1, afterName), new Row(text.substring(afterScope + 1, end)));
        }
        return tables;
    }
}
