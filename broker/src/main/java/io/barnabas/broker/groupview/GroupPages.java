package io.barnabas.broker.groupview;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.broker.shard.RebalanceEntry;
import io.barnabas.broker.telemetry.AdminEndpoint;
import io.barnabas.protocol.message.ListGroupsResponse.ListedGroup;

/**
 * /groups: the groups this broker coordinates and how they rebalanced last, so many of them as {@code ?limit=} says. /groups/NAME/rebalances:
 * the last rebalances of one. Tables for people, what {@code barnabas groups} prints. Any thread; waits for the workers.
 */
public final class GroupPages implements AdminEndpoint.Pages {
    private static final long WAIT_MS = 5_000;
    private static final String GROUPS = "/groups";
    private static final String REBALANCES = "/rebalances";
    private static final Pattern LIMIT = Pattern.compile("limit=(\\d{1,6})");
    private static final int DEFAULT_LIMIT = 1_000;
    /** All rows are in memory, each as wide as the widest. */
    private static final int HIGHEST_LIMIT = 10_000;

    private final GroupCoordinator groups;

    public GroupPages(GroupCoordinator groups) {
        this.groups = groups;
    }

    @Override
    public Answer page(String path, String query) {
        if (path.equals(GROUPS)) {
            int limit = limit(query);
            return limit >= 1 && limit <= HIGHEST_LIMIT
                    ? all(limit)
                    : new Answer(
                            400, "/groups takes ?limit=N, the most groups to show, from 1 to " + HIGHEST_LIMIT + ".");
        }
        boolean ofOne = path.startsWith(GROUPS + "/")
                && path.endsWith(REBALANCES)
                && path.length() > GROUPS.length() + 1 + REBALANCES.length();
        return ofOne ? one(path.substring(GROUPS.length() + 1, path.length() - REBALANCES.length())) : null;
    }

    /** 0 if the query says something else. */
    private static int limit(String query) {
        if (query == null || query.isEmpty()) {
            return DEFAULT_LIMIT;
        }
        var asked = LIMIT.matcher(query);
        return asked.matches() ? Integer.parseInt(asked.group(1)) : 0;
    }

    private Answer all(int limit) {
        var asked = new TreeMap<Integer, CompletableFuture<Optional<List<ListedGroup>>>>();
        for (int partition : groups.partitions()) {
            asked.put(
                    partition,
                    groups.read(
                            partition,
                            shard -> Optional.of(shard.list(List.of(), List.of())),
                            notLoaded -> Optional.empty()));
        }
        var listed = new TreeMap<String, ListedGroup>();
        var loaded = new TreeSet<Integer>();
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MS);
        try {
            for (var answer : asked.entrySet()) {
                var found = answer.getValue().get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (found.isPresent()) {
                    loaded.add(answer.getKey());
                    found.get().forEach(group -> listed.put(group.groupId(), group));
                }
            }
        } catch (TimeoutException | ExecutionException e) {
            return new Answer(503, "The group coordinator does not answer: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer(503, "The broker is shutting down.");
        }
        var timelines = groups.timelines().all();
        var ids = new TreeSet<>(listed.keySet());
        ids.addAll(timelines.keySet());
        var table = new Table("GROUP", "PROTOCOL", "STATE", "REBALANCES", "LAST-BEGAN", "DURATION-MS", "LAST-CAUSE");
        for (String id : ids.stream().limit(limit).toList()) {
            var group = listed.get(id);
            var entries = timelines.getOrDefault(id, List.of());
            var last = entries.isEmpty() ? null : entries.get(entries.size() - 1);
            table.add(
                    id,
                    group == null ? "-" : group.groupType(),
                    group == null ? absent(id, loaded) : group.groupState(),
                    Integer.toString(entries.size()),
                    last == null ? "-" : began(last),
                    last == null ? "-" : duration(last),
                    last == null ? "-" : cause(last));
        }
        int leftOff = ids.size() - limit;
        return new Answer(
                200,
                leftOff <= 0
                        ? table.text()
                        : table.text() + "\n" + leftOff + " more left off; " + limit
                                + " are shown, limit=N shows up to " + HIGHEST_LIMIT);
    }

    private String absent(String groupId, Set<Integer> loaded) {
        return loaded.contains(groups.partitionOf(groupId)) ? "gone" : "not loaded here";
    }

    private Answer one(String escaped) {
        String id;
        try {
            id = URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return new Answer(400, "The group's name is not escaped as in a URL: " + e.getMessage());
        }
        var entries = groups.timelines().of(id);
        if (entries.isEmpty()) {
            return new Answer(
                    404, "No rebalance of group " + Table.printable(id) + " is known here since the broker started.");
        }
        var table =
                new Table("BEGAN", "DURATION-MS", "OUTCOME", "PROTOCOL", "GENERATION", "MEMBERS", "CAUSE", "DETAIL");
        for (var entry : entries) {
            table.add(
                    began(entry),
                    duration(entry),
                    entry.outcome().text(),
                    entry.protocol(),
                    Integer.toString(entry.generation()),
                    entry.membersBefore() + "->" + entry.members(),
                    cause(entry),
                    entry.detail());
        }
        return new Answer(200, table.text());
    }

    private static String began(RebalanceEntry entry) {
        return Instant.ofEpochMilli(entry.beganEpochMs()).toString();
    }

    private static String duration(RebalanceEntry entry) {
        return entry.outcome() == RebalanceEntry.Outcome.UNDER_WAY ? "-" : Long.toString(entry.durationMs());
    }

    private static String cause(RebalanceEntry entry) {
        return entry.cause().text() + (entry.furtherCauses() == 0 ? "" : " (+" + entry.furtherCauses() + ")");
    }

    /** Columns as wide as what is in them, which is cut if it is very long: each row takes as much as the longest. */
    private static final class Table {
        private static final int MOST_CELL_CHARS = 200;
        private static final String CUT = "...";

        private final List<String[]> rows = new ArrayList<>();
        private final int[] widths;

        Table(String... heads) {
            widths = new int[heads.length];
            add(heads);
        }

        void add(String... cells) {
            for (int i = 0; i < cells.length; i++) {
                cells[i] = printable(cells[i]);
                widths[i] = Math.max(widths[i], cells[i].length());
            }
            rows.add(cells);
        }

        /** Names are the clients' own: nothing in them may steer a terminal or fill the memory. */
        static String printable(String text) {
            String cut =
                    text.length() <= MOST_CELL_CHARS ? text : text.substring(0, MOST_CELL_CHARS - CUT.length()) + CUT;
            return cut.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
        }

        String text() {
            var text = new StringBuilder();
            for (var row : rows) {
                text.append(text.isEmpty() ? "" : "\n");
                for (int i = 0; i < row.length; i++) {
                    text.append(row[i]);
                    if (i < row.length - 1) {
                        text.append(" ".repeat(widths[i] + 2 - row[i].length()));
                    }
                }
            }
            return text.toString();
        }
    }
}
