package io.barnabas.broker.coordinator.group;

import java.util.Map;
import java.util.function.Function;

import io.barnabas.broker.coordinator.group.assignor.Assignor;

/**
 * What the operator sets for consumer groups (KIP-848).
 *
 * @param maxSize {@code group.consumer.max.size}, in members
 * @param assignors {@code group.consumer.assignors}, by name, in the order of preference; not empty
 * @param migration {@code group.consumer.migration.policy}
 * @param regexRefreshIntervalMs {@code group.consumer.regex.refresh.interval.ms}
 * @param pace of each group
 */
public record ConsumerGroupConfig(
        int maxSize,
        Map<String, Assignor> assignors,
        Migration migration,
        int regexRefreshIntervalMs,
        Function<String, Pace> pace) {
    String defaultAssignor() {
        return assignors.keySet().iterator().next();
    }

    /** Which groups may change their protocol while they have members. */
    public enum Migration {
        DISABLED(false, false),
        UPGRADE(true, false),
        DOWNGRADE(false, true),
        BIDIRECTIONAL(true, true);

        private final boolean up;
        private final boolean down;

        Migration(boolean up, boolean down) {
            this.up = up;
            this.down = down;
        }

        boolean allowsUpgrade() {
            return up;
        }

        boolean allowsDowngrade() {
            return down;
        }
    }

    /**
     * A group's times: its own configs, or the broker's.
     *
     * @param sessionTimeoutMs a member not heard of for so long is removed
     * @param heartbeatIntervalMs what members are told
     * @param assignmentIntervalMs assignments are computed at most this often; 0: at once
     */
    public record Pace(int sessionTimeoutMs, int heartbeatIntervalMs, int assignmentIntervalMs) {}
}
