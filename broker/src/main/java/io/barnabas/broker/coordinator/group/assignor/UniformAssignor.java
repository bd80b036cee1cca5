package io.barnabas.broker.coordinator.group.assignor;

import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

import io.barnabas.protocol.Uuid;

/**
 * Gives every member about as many partitions, and lets as many as it can stay where they are. The default. Racks play no part in
 * it, as they do not in Kafka 4.3.1.
 */
public final class UniformAssignor implements Assignor {
    public static final String NAME = "uniform";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Map<Uuid, Set<Integer>>> assign(GroupSpec group, ToIntFunction<Uuid> partitionCounts) {
        if (group.members().isEmpty()) {
            return Map.of();
        }
        return group.homogeneous()
                ? new EqualShares(group, partitionCounts).assign()
                : new BalancedShares(group, partitionCounts).assign();
    }
}
