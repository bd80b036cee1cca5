package io.barnabas.broker.tool;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What bin/barnabas groups runs: the groups of a broker and their last rebalances, as its admin endpoint tells them. */
public final class GroupsTool {
    private static final String GROUP = "--group";
    private static final String ADMIN = "--admin";
    private static final String LIMIT = "--limit";
    private static final String DEFAULT_ADMIN = "http://127.0.0.1:9644";
    private static final int TIMEOUT_MS = 10_000;
    private static final String USAGE = String.join(
            System.lineSeparator(),
            "usage: barnabas groups [--group GROUP | --limit N] [--admin URL]",
            "  the groups that a broker coordinates and how they rebalanced last; with --group the last rebalances of one.",
            "  N is the most groups to show, 1000 if not given; a last line says how many are left off.",
            "  URL is that of the broker's admin.listeners, " + DEFAULT_ADMIN + " if not given.");

    private GroupsTool() {}

    public static void main(String[] args) {
        System.exit(run(Arrays.asList(args), System.out, System.err));
    }

    /** @return the exit code */
    static int run(List<String> args, PrintStream out, PrintStream err) {
        if (args.contains("--help") || args.contains("-h")) {
            out.println(USAGE);
            return 0;
        }
        String admin = DEFAULT_ADMIN;
        try {
            var options = Arguments.parse(args, List.of(GROUP, ADMIN, LIMIT), List.of());
            if (options.has(GROUP) && options.has(LIMIT)) {
                throw new Arguments.UsageException("--limit is for the list of groups, not for the rebalances of one.");
            }
            admin = options.last(ADMIN).orElse(DEFAULT_ADMIN);
            var path = options.last(GROUP)
                    .map(group -> "/groups/" + escaped(group) + "/rebalances")
                    .orElse("/groups"
                            + options.last(LIMIT)
                                    .map(limit -> "?limit=" + escaped(limit))
                                    .orElse(""));
            String server = (admin.contains("://") ? admin : "http://" + admin).replaceAll("/+$", "");
            return show(URI.create(server + path), out, err);
        } catch (Arguments.UsageException e) {
            err.println(USAGE);
            err.println("barnabas groups: " + e.getMessage());
        } catch (IOException | IllegalArgumentException | ClassCastException e) {
            err.println("The admin endpoint " + admin + " cannot be asked (" + e.getMessage()
                    + "); is it what admin.listeners of the broker says?");
        }
        return 1;
    }

    private static String escaped(String group) {
        return URLEncoder.encode(group, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static int show(URI page, PrintStream out, PrintStream err) throws IOException {
        var connection = (HttpURLConnection) page.toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MS);
        connection.setReadTimeout(TIMEOUT_MS);
        boolean found = connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        try (InputStream body = found ? connection.getInputStream() : connection.getErrorStream()) {
            if (body != null) {
                body.transferTo(found ? out : err);
            }
        }
        out.flush();
        return found ? 0 : 1;
    }
}
