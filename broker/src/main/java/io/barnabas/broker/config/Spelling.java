package io.barnabas.broker.config;

import java.util.Collection;
import java.util.Optional;

/** Finds the name a mistyped one most likely meant. */
final class Spelling {

    private Spelling() {}

    static Optional<String> nearest(String name, Collection<String> names) {
        String best = null;
        var bestDistance = Math.max(2, name.length() / 5) + 1;
        for (var candidate : names) {
            var distance = distance(name, candidate, bestDistance);
            if (distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Edits between two names; gives up at the limit. */
    private static int distance(String left, String right, int limit) {
        if (Math.abs(left.length() - right.length()) >= limit) {
            return limit;
        }
        var row = new int[right.length() + 1];
        for (var j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (var i = 1; i <= left.length(); i++) {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j < row.length; j++) {
                var above = row[j];
                var replace = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replace, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[right.length()];
    }
}
