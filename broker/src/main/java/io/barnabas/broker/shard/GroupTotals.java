package io.barnabas.broker.shard;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import io.barnabas.broker.coordinator.group.GroupCounts;
import io.barnabas.broker.coordinator.group.GroupCounts.Count;

/**
 * The counts of all shards of this broker, and what shards that are gone had done: totals never go back. Any thread; the lock is taken
 * when a shard comes or goes, and by who reads.
 */
public final class GroupTotals {
    private final List<GroupCounts> shards = new ArrayList<>();
    private final Map<Count, Long> retired = new EnumMap<>(Count.class);

    synchronized void add(GroupCounts shard) {
        shards.add(shard);
    }

    /** The shard counts no more: its groups are not here any longer, what it has done stays done. */
    synchronized void retire(GroupCounts shard) {
        if (shards.removeIf(known -> known == shard)) {
            for (var count : Count.values()) {
                if (count.isTotal()) {
                    retired.merge(count, shard.get(count), Long::sum);
                }
            }
        }
    }

    public synchronized long get(Count count) {
        long sum = retired.getOrDefault(count, 0L);
        for (var shard : shards) {
            sum += shard.get(count);
        }
        return sum;
    }
}
