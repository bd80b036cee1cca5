package io.barnabas.broker.handler.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

import io.barnabas.broker.handler.data.FetchTarget.Key;

/**
 * What a client fetches, remembered between its requests (KIP-227). Guarded by itself.
 *
 * <p>The order is the order of reading; a partition that gave data goes to the end, so that all get their turn.
 */
final class FetchSession {
    private final int id;
    private final boolean usesTopicIds;
    private final long createdMs;
    private final LinkedHashMap<Key, FetchTarget> targets = new LinkedHashMap<>();
    private int epoch = 1;
    private long usedMs;

    FetchSession(int id, boolean usesTopicIds, List<FetchTarget> targets, long nowMs) {
        this.id = id;
        this.usesTopicIds = usesTopicIds;
        this.createdMs = nowMs;
        this.usedMs = nowMs;
        for (var target : targets) {
            this.targets.put(target.key(), target);
        }
    }

    int id() {
        return id;
    }

    boolean usesTopicIds() {
        return usesTopicIds;
    }

    long createdMs() {
        return createdMs;
    }

    long usedMs() {
        return usedMs;
    }

    /** The epoch the next request must have. */
    int epoch() {
        return epoch;
    }

    int size() {
        return targets.size();
    }

    /** Epochs wrap from the largest to 1: 0 and -1 have meanings of their own. */
    static int following(int epoch) {
        return epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
    }

    void used(long nowMs) {
        usedMs = nowMs;
        epoch = following(epoch);
    }

    FetchTarget find(Key key) {
        return targets.get(key);
    }

    void add(FetchTarget target) {
        targets.put(target.key(), target);
    }

    void forget(Key key) {
        targets.remove(key);
    }

    List<FetchTarget> inOrder() {
        return new ArrayList<>(targets.values());
    }

    void moveToEnd(FetchTarget target) {
        if (targets.remove(target.key()) != null) {
            targets.put(target.key(), target);
        }
    }
}
