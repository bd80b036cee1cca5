package io.barnabas.broker.shard;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

import io.barnabas.broker.coordinator.Moment;
import io.barnabas.broker.coordinator.Notice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rebalances of all groups: what coordinators notice becomes log lines and timelines. In memory only, the last
 * {@link Timeline#KEPT} of each of at most {@value #MAX_GROUPS} groups: beyond that, the group that was quiet longest is forgotten.
 * Told by the workers of the coordinators, read by any thread, behind one lock, as rebalances are rare; commits and heartbeats never
 * come here.
 */
public final class Timelines {
    private static final Logger LOG = LoggerFactory.getLogger(Timelines.class);
    static final int MAX_GROUPS = 1_000;
    /** Longer ids take memory that nobody reads. */
    private static final int MAX_ID_LENGTH = 1_000;

    private final Map<String, Timeline> byGroup = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Timeline> eldest) {
            return size() > MAX_GROUPS;
        }
    };

    void hear(Notice notice, Moment now) {
        var done = remember(notice, now);
        LOG.info(
                "Group {}, generation {}, {} members: {}: {}{}",
                notice.groupId(),
                notice.generation(),
                notice.members(),
                notice.kind().text(),
                notice.detail(),
                done == null ? "" : summary(done));
    }

    private synchronized RebalanceEntry remember(Notice notice, Moment now) {
        var known = byGroup.get(notice.groupId());
        if (known == null) {
            if (!Timeline.beginsWith(notice) || notice.groupId().length() > MAX_ID_LENGTH) {
                return null;
            }
            known = new Timeline();
            byGroup.put(notice.groupId(), known);
        }
        return known.hear(notice, now);
    }

    private static String summary(RebalanceEntry done) {
        return ", after " + done.durationMs() + " ms, members " + done.membersBefore() + " -> " + done.members()
                + ", cause: " + done.cause().text()
                + (done.furtherCauses() == 0 ? "" : " and " + done.furtherCauses() + " more");
    }

    /** The coordinators of these groups are gone. */
    synchronized void interrupt(Predicate<String> groupIds, Moment now) {
        byGroup.forEach((id, timeline) -> {
            if (groupIds.test(id)) {
                timeline.interrupt(now);
            }
        });
    }

    /** Of one group, oldest first; empty if none is known. */
    public synchronized List<RebalanceEntry> of(String groupId) {
        var known = byGroup.get(groupId);
        return known == null ? List.of() : known.entries();
    }

    /** Of all groups, by their ids. A copy. */
    public synchronized Map<String, List<RebalanceEntry>> all() {
        var all = new TreeMap<String, List<RebalanceEntry>>();
        for (var entry : new ArrayList<>(byGroup.entrySet())) {
            all.put(entry.getKey(), entry.getValue().entries());
        }
        return all;
    }
}
