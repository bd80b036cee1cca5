package io.barnabas.broker.coordinator.group;

import java.util.Set;

/**
 * What topics a regular expression stood for.
 *
 * @param version of the topics it was compared with
 * @param timestampMs wall-clock time of that
 */
record ResolvedRegex(Set<String> topics, long version, long timestampMs) {
    static final ResolvedRegex NOTHING = new ResolvedRegex(Set.of(), -1, -1);
}
