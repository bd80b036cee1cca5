package io.barnabas.broker.coordinator.group;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

import io.barnabas.protocol.TopicPartition;

/** Values by topic and partition. */
final class GroupOffsets<V> {
    private final Map<String, Map<Integer, V>> topics = new HashMap<>();

    V get(String topic, int partition) {
        var partitions = topics.get(topic);
        return partitions == null ? null : partitions.get(partition);
    }

    /** What was there before; null if nothing was. */
    V put(String topic, int partition, V value) {
        return topics.computeIfAbsent(topic, name -> new HashMap<>()).put(partition, value);
    }

    /** Null if there was none. */
    V remove(String topic, int partition) {
        var partitions = topics.get(topic);
        if (partitions == null) {
            return null;
        }
        var removed = partitions.remove(partition);
        if (partitions.isEmpty()) {
            topics.remove(topic);
        }
        return removed;
    }

    boolean isEmpty() {
        return topics.isEmpty();
    }

    /** Live view: do not change the offsets while walking through it. */
    Map<String, Map<Integer, V>> topics() {
        return topics;
    }

    void forEach(BiConsumer<TopicPartition, V> action) {
        topics.forEach((topic, partitions) ->
                partitions.forEach((partition, value) -> action.accept(new TopicPartition(topic, partition), value)));
    }
}
