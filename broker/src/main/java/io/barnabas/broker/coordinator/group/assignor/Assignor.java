package io.barnabas.broker.coordinator.group.assignor;

import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

import io.barnabas.protocol.Uuid;

/** Spreads the partitions of the subscribed topics over a group's members. Stateless. */
public interface Assignor {
    /** What clients and {@code group.consumer.assignors} call it. */
    String name();

    /**
     * @param partitionCounts of every subscribed topic
     * @return for each member topic → partitions, without empty topics; to be kept unchanged by the caller
     */
    Map<String, Map<Uuid, Set<Integer>>> assign(GroupSpec group, ToIntFunction<Uuid> partitionCounts);
}
