package io.barnabas.broker.coordinator.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which topics the members of a consumer group subscribe to, by name and by regular expression. */
final class Interest {
    /** How many members name each topic. */
    private final Map<String, Integer> named;
    /** How many regular expressions stand for each topic. */
    private final Map<String, Integer> matched;
    /** How many members use each regular expression. */
    private final Map<String, Integer> regexes;

    private final Map<String, ResolvedRegex> resolved;

    Interest() {
        this(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>());
    }

    private Interest(
            Map<String, Integer> named,
            Map<String, Integer> matched,
            Map<String, Integer> regexes,
            Map<String, ResolvedRegex> resolved) {
        this.named = named;
        this.matched = matched;
        this.regexes = regexes;
        this.resolved = resolved;
    }

    Interest copy() {
        return new Interest(
                new HashMap<>(named), new HashMap<>(matched), new HashMap<>(regexes), new HashMap<>(resolved));
    }

    /** As it will be when one member's subscription has changed, and a regular expression nobody uses any more is forgotten. */
    Interest afterChange(MemberProfile before, MemberProfile after) {
        var next = copy();
        next.replace(before, after);
        if (before.hasRegex() && !next.regexes.containsKey(before.regex())) {
            next.resolve(before.regex(), null);
        }
        return next;
    }

    /** @param before null for a new member; @param after null for one that goes */
    void replace(MemberProfile before, MemberProfile after) {
        if (before != null) {
            before.topics().forEach(topic -> count(named, topic, -1));
            if (before.hasRegex()) {
                count(regexes, before.regex(), -1);
            }
        }
        if (after != null) {
            after.topics().forEach(topic -> count(named, topic, 1));
            if (after.hasRegex()) {
                count(regexes, after.regex(), 1);
            }
        }
    }

    /** @param next null to forget it */
    void resolve(String regex, ResolvedRegex next) {
        var before = next == null ? resolved.remove(regex) : resolved.put(regex, next);
        if (before != null) {
            before.topics().forEach(topic -> count(matched, topic, -1));
        }
        if (next != null) {
            next.topics().forEach(topic -> count(matched, topic, 1));
        }
    }

    private static void count(Map<String, Integer> counts, String key, int step) {
        counts.merge(key, step, (a, b) -> a + b == 0 ? null : a + b);
    }

    boolean includes(String topic) {
        return named.containsKey(topic) || matched.containsKey(topic);
    }

    /** A copy. */
    Set<String> topics() {
        var topics = new HashSet<>(named.keySet());
        topics.addAll(matched.keySet());
        return topics;
    }

    /** What one member subscribes to, as far as it is known; not to be changed. */
    Set<String> topicsOf(MemberProfile member) {
        var found = member.hasRegex() ? resolved.get(member.regex()) : null;
        if (found == null || found.topics().isEmpty()) {
            return member.topics();
        }
        if (member.topics().isEmpty()) {
            return found.topics();
        }
        var both = new HashSet<>(member.topics());
        both.addAll(found.topics());
        return both;
    }

    /** Whether all of so many members subscribe to the same. */
    boolean isHomogeneous(int members) {
        if (regexes.isEmpty()) {
            return matched.isEmpty() && named.values().stream().allMatch(count -> count == members);
        }
        return regexes.values().iterator().next() == members
                && named.isEmpty()
                && matched.values().stream().allMatch(count -> count == 1);
    }

    /** The regular expressions in use and how many members use them; a live view. */
    Map<String, Integer> regexes() {
        return regexes;
    }

    /** Null if it was not resolved yet. */
    ResolvedRegex resolved(String regex) {
        return resolved.get(regex);
    }

    /** A live view. */
    Map<String, ResolvedRegex> resolved() {
        return resolved;
    }
}
