package io.barnabas.compat.cluster;

import java.util.Set;
import java.util.regex.Pattern;

/** Configuration keys that Kafka does not have: left out wherever answers are compared. */
public final class OwnKeys {
    public static final Set<String> NAMES =
            Set.of("admin.listeners", "durability", "group.lag.max.series", "log.dir.min.free.bytes");

    private static final Pattern LINE = Pattern.compile("(?m)^ *(" + String.join("|", NAMES) + ") ?=.*\\n?");

    private OwnKeys() {}

    /** A text without the lines that tell of them. */
    public static String strip(String text) {
        return LINE.matcher(text).replaceAll("");
    }
}
