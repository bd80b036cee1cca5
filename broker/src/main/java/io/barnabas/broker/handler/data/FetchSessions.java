package io.barnabas.broker.handler.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The bounded set of fetch sessions ({@code max.incremental.fetch.session.cache.slots}). A new one may push out one that was
 * unused for two minutes, or an older, smaller one that has lived that long. Any thread; one short lock.
 */
public final class FetchSessions {
    static final int NONE = 0;
    private static final long EVICTABLE_AFTER_MS = 120_000;

    private final int maxSessions;
    /** By least recent use. */
    private final LinkedHashMap<Integer, FetchSession> byUse = new LinkedHashMap<>(16, 0.75f, true);

    /** @param maxSessions 0 or more; 0 means no sessions, which is always legal */
    public FetchSessions(int maxSessions) {
        this.maxSessions = maxSessions;
    }

    /** Null if there is none of this id. */
    synchronized FetchSession find(int id) {
        return byUse.get(id);
    }

    synchronized void remove(int id) {
        byUse.remove(id);
    }

    synchronized int size() {
        return byUse.size();
    }

    /** The id of a new session, or {@link #NONE} if there is no room. */
    synchronized int create(List<FetchTarget> targets, boolean usesTopicIds, long nowMs) {
        if (byUse.size() >= maxSessions && !evictFor(targets.size(), nowMs)) {
            return NONE;
        }
        int id;
        do {
            id = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
        } while (byUse.containsKey(id));
        byUse.put(id, new FetchSession(id, usesTopicIds, targets, nowMs));
        return id;
    }

    private boolean evictFor(int size, long nowMs) {
        FetchSession smallest = null;
        for (FetchSession session : byUse.values()) {
            if (nowMs - session.usedMs() > EVICTABLE_AFTER_MS) {
                byUse.remove(session.id());
                return true;
            }
            boolean settled = nowMs - session.createdMs() > EVICTABLE_AFTER_MS;
            if (settled && session.size() < size && (smallest == null || session.size() < smallest.size())) {
                smallest = session;
            }
        }
        return smallest != null && byUse.remove(smallest.id()) != null;
    }
}
