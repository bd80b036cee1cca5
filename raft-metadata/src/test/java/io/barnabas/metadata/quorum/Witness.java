package io.barnabas.metadata.quorum;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sees what all nodes are told, over all their lives, and writes down what must not be. */
final class Witness {
    private record Committed(long term, String value) {}

    private final Map<Long, Integer> leaders = new ConcurrentHashMap<>();
    private final Map<Long, Committed> log = new ConcurrentHashMap<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();

    List<String> violations() {
        return violations;
    }

    int terms() {
        return leaders.size();
    }

    void leads(int node, long term) {
        var other = leaders.putIfAbsent(term, node);
        if (other != null) {
            violations.add("nodes " + other + " and " + node + " both begin to lead in term " + term);
        }
    }

    void follows(int node, int leader, long term) {
        var known = leaders.get(term);
        if (known != null && known != leader) {
            violations.add("node " + node + " follows " + leader + " in term " + term + ", led by " + known);
        }
    }

    void committed(int node, long before, long index, long term, String value) {
        if (index <= before) {
            violations.add("node " + node + " is told of entry " + index + " after " + before);
        }
        var entry = new Committed(term, value);
        var known = log.putIfAbsent(index, entry);
        if (known != null && !known.equals(entry)) {
            violations.add("entry " + index + " is " + entry + " on node " + node + ", and was " + known);
        }
    }

    /** A proposal was acknowledged with an index. */
    void acknowledged(long index, String value) {
        var known = log.get(index);
        if (known == null || !known.value().equals(value)) {
            violations.add(value + " was acknowledged as entry " + index + ", which is " + known);
        }
    }

    void failed(int node, Throwable failure) {
        violations.add("node " + node + " failed: " + failure);
    }
}
