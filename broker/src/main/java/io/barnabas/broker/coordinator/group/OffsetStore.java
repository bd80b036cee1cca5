package io.barnabas.broker.coordinator.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.record.RecordBatch;

/**
 * Committed offsets of all groups of the shard, and those that transactions have not committed yet. Changed by records and
 * transaction markers only, in the log's order.
 */
final class OffsetStore {
    private final Map<String, GroupOffsets<Entry>> committed = new HashMap<>();
    private final Map<Long, Map<String, GroupOffsets<Entry>>> uncommitted = new HashMap<>();
    /** Producers with an open transaction, by what they would commit. */
    private final Map<String, GroupOffsets<Set<Long>>> openTransactions = new HashMap<>();

    private final GroupCounts counts;
    private long sequence;

    OffsetStore(GroupCounts counts) {
        this.counts = counts;
    }

    /** @param sequence order in the log: a transaction's offset does not replace one that was recorded after it */
    private record Entry(CommittedOffset offset, long sequence) {}

    /** Null if there is none. */
    CommittedOffset get(String group, String topic, int partition) {
        var offsets = committed.get(group);
        var entry = offsets == null ? null : offsets.get(topic, partition);
        return entry == null ? null : entry.offset;
    }

    boolean isUnstable(String group, String topic, int partition) {
        var open = openTransactions.get(group);
        return open != null && open.get(topic, partition) != null;
    }

    boolean hasOffsets(String group) {
        return committed.containsKey(group);
    }

    boolean hasOpenTransactions(String group) {
        return openTransactions.containsKey(group);
    }

    /** A copy. */
    GroupOffsets<CommittedOffset> of(String group) {
        var copy = new GroupOffsets<CommittedOffset>();
        var offsets = committed.get(group);
        if (offsets != null) {
            offsets.topics()
                    .forEach((topic, partitions) ->
                            partitions.forEach((partition, entry) -> copy.put(topic, partition, entry.offset)));
        }
        return copy;
    }

    /** Committed offsets of a group. */
    void forEach(String group, BiConsumer<TopicPartition, CommittedOffset> action) {
        var offsets = committed.get(group);
        if (offsets != null) {
            offsets.forEach((partition, entry) -> action.accept(partition, entry.offset));
        }
    }

    /** Partitions of a topic that a group has offsets in, committed or not, unless they are of another topic by that name. */
    Set<Integer> partitionsOf(String group, String topic, Uuid id) {
        var partitions = new TreeSet<Integer>();
        addPartitionsOf(committed, group, topic, id, partitions);
        uncommitted.values().forEach(groups -> addPartitionsOf(groups, group, topic, id, partitions));
        return partitions;
    }

    private static void addPartitionsOf(
            Map<String, GroupOffsets<Entry>> groups, String group, String topic, Uuid id, Set<Integer> found) {
        var offsets = groups.get(group);
        var partitions = offsets == null ? null : offsets.topics().get(topic);
        if (partitions != null) {
            partitions.forEach((partition, entry) -> {
                if (entry.offset.isOfTopic(id)) {
                    found.add(partition);
                }
            });
        }
    }

    /** What a group has, committed or not. A copy. */
    Set<TopicPartition> partitionsOf(String group) {
        var partitions = new TreeSet<TopicPartition>();
        var offsets = committed.get(group);
        if (offsets != null) {
            offsets.forEach((partition, entry) -> partitions.add(partition));
        }
        var open = openTransactions.get(group);
        if (open != null) {
            open.forEach((partition, producers) -> partitions.add(partition));
        }
        return partitions;
    }

    /** Groups with offsets of either kind. A copy. */
    Set<String> groups() {
        var groups = new TreeSet<>(committed.keySet());
        groups.addAll(openTransactions.keySet());
        return groups;
    }

    void put(String group, String topic, int partition, CommittedOffset offset, long producerId) {
        var entry = new Entry(offset, sequence++);
        if (producerId == RecordBatch.NO_PRODUCER_ID) {
            put(group, topic, partition, entry);
            return;
        }
        uncommitted
                .computeIfAbsent(producerId, id -> new HashMap<>())
                .computeIfAbsent(group, id -> new GroupOffsets<>())
                .put(topic, partition, entry);
        var open = openTransactions.computeIfAbsent(group, id -> new GroupOffsets<>());
        var producers = open.get(topic, partition);
        if (producers == null) {
            producers = new HashSet<>();
            open.put(topic, partition, producers);
        }
        producers.add(producerId);
    }

    private void put(String group, String topic, int partition, Entry entry) {
        var before =
                committed.computeIfAbsent(group, id -> new GroupOffsets<>()).put(topic, partition, entry);
        if (before == null) {
            counts.add(GroupCounts.Count.OFFSETS, 1);
        }
    }

    /** A tombstone: also ends what transactions would still have committed there. */
    void remove(String group, String topic, int partition) {
        if (remove(committed, group, topic, partition) != null) {
            counts.add(GroupCounts.Count.OFFSETS, -1);
        }
        var producers = remove(openTransactions, group, topic, partition);
        if (producers != null) {
            for (long producer : producers) {
                var offsets = uncommitted.get(producer);
                if (offsets != null) {
                    remove(offsets, group, topic, partition);
                }
            }
        }
    }

    private static <V> V remove(Map<String, GroupOffsets<V>> groups, String group, String topic, int partition) {
        var offsets = groups.get(group);
        if (offsets == null) {
            return null;
        }
        var removed = offsets.remove(topic, partition);
        if (offsets.isEmpty()) {
            groups.remove(group);
        }
        return removed;
    }

    void endTransaction(long producerId, boolean commit) {
        var ended = uncommitted.remove(producerId);
        if (ended == null) {
            return;
        }
        ended.forEach((group, offsets) -> offsets.forEach((partition, entry) -> {
            closeTransaction(group, partition, producerId);
            if (commit) {
                commit(group, partition, entry);
            }
        }));
    }

    private void closeTransaction(String group, TopicPartition partition, long producerId) {
        var open = openTransactions.get(group);
        var producers = open == null ? null : open.get(partition.topic(), partition.partition());
        if (producers != null && producers.remove(producerId) && producers.isEmpty()) {
            remove(openTransactions, group, partition.topic(), partition.partition());
        }
    }

    private void commit(String group, TopicPartition partition, Entry entry) {
        var offsets = committed.get(group);
        var existing = offsets == null ? null : offsets.get(partition.topic(), partition.partition());
        if (existing == null || existing.sequence < entry.sequence) {
            put(group, partition.topic(), partition.partition(), entry);
        }
    }
}
