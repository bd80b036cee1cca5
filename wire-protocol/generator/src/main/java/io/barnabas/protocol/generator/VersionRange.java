package io.barnabas.protocol.generator;

/**
 * An inclusive range of message versions as the schemas write it: {@code "3"}, {@code "2-5"}, {@code "1+"} or
 * {@code "none"}.
 */
record VersionRange(int lowest, int highest) {
    static final VersionRange NONE = new VersionRange(0, -1);

    static VersionRange parse(String text) {
        var trimmed = text.trim();
        if (trimmed.equals("none")) {
            return NONE;
        }
        if (trimmed.endsWith("+")) {
            return new VersionRange(Integer.parseInt(trimmed.substring(0, trimmed.length() - 1)), Short.MAX_VALUE);
        }
        int dash = trimmed.indexOf('-');
        if (dash < 0) {
            int only = Integer.parseInt(trimmed);
            return new VersionRange(only, only);
        }
        return new VersionRange(
                Integer.parseInt(trimmed.substring(0, dash)), Integer.parseInt(trimmed.substring(dash + 1)));
    }

    boolean isEmpty() {
        return highest < lowest;
    }

    boolean contains(VersionRange other) {
        return other.isEmpty() || (lowest <= other.lowest && highest >= other.highest);
    }

    VersionRange and(VersionRange other) {
        var both = new VersionRange(Math.max(lowest, other.lowest), Math.min(highest, other.highest));
        return both.isEmpty() ? NONE : both;
    }

    /** Java source that is true for the versions of this range, given that the version is within {@code known}. */
    String condition(VersionRange known) {
        var effective = and(known);
        if (effective.isEmpty()) {
            return "false";
        }
        if (contains(known)) {
            return "true";
        }
        if (effective.lowest <= known.lowest) {
            return "version <= " + effective.highest;
        }
        if (effective.highest >= known.highest) {
            return "version >= " + effective.lowest;
        }
        return "version >= " + effective.lowest + " && version <= " + effective.highest;
    }
}
