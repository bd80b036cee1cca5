package io.barnabas.broker.coordinator.group;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.barnabas.broker.coordinator.Decision;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a shard tells of rebalances fits the states its groups are in: every beginning has an end, and nothing moves untold. */
final class RebalanceCheck {
    private static final Set<String> AT_REST = Set.of("Stable", "Empty");

    private final Set<String> underWay = new HashSet<>();

    void hear(Decision decision) {
        for (var notice : decision.notices()) {
            switch (notice.kind()) {
                case REBALANCE_BEGUN -> {
                    assertNotNull(notice.cause(), notice::toString);
                    underWay.add(notice.groupId());
                }
                case EMPTIED -> {
                    assertNotNull(notice.cause(), notice::toString);
                    underWay.remove(notice.groupId());
                }
                case STABILIZED -> assertTrue(underWay.remove(notice.groupId()), () -> "Never begun: " + notice);
                default -> {}
            }
        }
    }

    void failOver() {
        underWay.clear();
    }

    void check(GroupShard shard) {
        for (var group : shard.list(List.of(), List.of())) {
            boolean told = underWay.contains(group.groupId());
            if (AT_REST.contains(group.groupState())) {
                assertFalse(told, () -> "The end was not told of " + group);
            } else if (!group.groupState().equals("Reconciling")) {
                // Members that will be back leave a group reconciling without a rebalance.
                assertTrue(told, () -> "The beginning was not told of " + group);
            }
        }
    }
}
