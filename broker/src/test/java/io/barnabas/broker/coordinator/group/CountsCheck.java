package io.barnabas.broker.coordinator.group;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import io.barnabas.broker.coordinator.group.GroupCounts.Count;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Counts that were kept along the way are what there is to count. */
final class CountsCheck {
    private CountsCheck() {}

    static void check(GroupShard shard) {
        var expected = new EnumMap<Count, Long>(Count.class);
        for (var group : shard.list(List.of(), List.of())) {
            var count = group.groupType().equals(ConsumerGroup.TYPE)
                    ? "CONSUMER_" + group.groupState().toUpperCase()
                    : "CLASSIC_"
                            + group.groupState()
                                    .replaceAll("(?<=.)([A-Z])", "_$1")
                                    .toUpperCase();
            expected.merge(Count.valueOf(count), 1L, Long::sum);
        }
        expected.put(Count.OFFSETS, (long) shard.committedAfter(null, Integer.MAX_VALUE, Integer.MAX_VALUE)
                .positions()
                .size());
        var found = new EnumMap<Count, Long>(Count.class);
        for (var count : Count.values()) {
            if (!count.isTotal() && (shard.counts().get(count) != 0 || expected.containsKey(count))) {
                found.put(count, shard.counts().get(count));
            }
        }
        assertEquals((Map<Count, Long>) expected, found);
    }
}
