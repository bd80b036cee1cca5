package io.barnabas.broker.groupview;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.group.GroupCounts.Count;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.broker.telemetry.Family;
import io.barnabas.broker.telemetry.Rate;

/**
 * Metrics of the group coordinator by the names of Kafka's beans (kafka.coordinator.group:type=GroupMetadataManager and
 * kafka.server:type=group-coordinator-metrics). One thread at a time.
 */
public final class GroupFamilies implements Supplier<List<Family>> {
    private static final String MANAGER = "kafka_coordinator_group_groupmetadatamanager_";
    private static final String COORDINATOR = "kafka_server_group_coordinator_metrics_";

    private final GroupCoordinator groups;
    private final LongSupplier nanos;
    private final Map<Count, Rate> rates = new EnumMap<>(Count.class);

    /** @param nanos a clock that never jumps */
    public GroupFamilies(GroupCoordinator groups, LongSupplier nanos) {
        this.groups = groups;
        this.nanos = nanos;
        long now = nanos.getAsLong();
        for (var count : Count.values()) {
            if (count.isTotal()) {
                rates.put(count, new Rate(now));
            }
        }
    }

    @Override
    public List<Family> get() {
        var families = new ArrayList<Family>();
        classicGroups(families);
        byProtocol(families);
        meter(families, "offset_commit", "committed offsets", Count.OFFSET_COMMITS);
        meter(families, "offset_expiration", "expired offsets", Count.OFFSET_EXPIRATIONS);
        meter(families, "offset_deletion", "offsets deleted by administrators", Count.OFFSET_DELETIONS);
        meter(
                families,
                "group_completed_rebalance",
                "completed rebalances of classic groups",
                Count.CLASSIC_REBALANCES);
        meter(families, "consumer_group_rebalance", "rebalances of consumer groups", Count.CONSUMER_REBALANCES);
        loads(families);
        return families;
    }

    private void classicGroups(List<Family> families) {
        var totals = groups.totals();
        gauge(families, "numoffsets", "Committed offsets", totals.get(Count.OFFSETS));
        gauge(families, "numgroups", "Classic groups", classic());
        gauge(
                families,
                "numgroupspreparingrebalance",
                "Classic groups whose members are called together",
                totals.get(Count.CLASSIC_PREPARING_REBALANCE));
        gauge(
                families,
                "numgroupscompletingrebalance",
                "Classic groups that wait for their leader's assignment",
                totals.get(Count.CLASSIC_COMPLETING_REBALANCE));
        gauge(families, "numgroupsstable", "Stable classic groups", totals.get(Count.CLASSIC_STABLE));
        gauge(families, "numgroupsdead", "Dead classic groups: none, they are forgotten at once", 0);
        gauge(families, "numgroupsempty", "Classic groups without members", totals.get(Count.CLASSIC_EMPTY));
    }

    private static void gauge(List<Family> families, String name, String help, double value) {
        families.add(Family.gauge(MANAGER + name, help).add(value));
    }

    private long classic() {
        var totals = groups.totals();
        return totals.get(Count.CLASSIC_PREPARING_REBALANCE)
                + totals.get(Count.CLASSIC_COMPLETING_REBALANCE)
                + totals.get(Count.CLASSIC_STABLE)
                + totals.get(Count.CLASSIC_EMPTY);
    }

    private void byProtocol(List<Family> families) {
        var totals = groups.totals();
        long empty = totals.get(Count.CONSUMER_EMPTY);
        long assigning = totals.get(Count.CONSUMER_ASSIGNING);
        long reconciling = totals.get(Count.CONSUMER_RECONCILING);
        long stable = totals.get(Count.CONSUMER_STABLE);
        families.add(Family.gauge(COORDINATOR + "group_count", "Groups by protocol", "protocol")
                .add(classic(), "classic")
                .add(empty + assigning + reconciling + stable, "consumer"));
        families.add(Family.gauge(COORDINATOR + "consumer_group_count", "Consumer groups by state", "state")
                .add(empty, "Empty")
                .add(assigning, "Assigning")
                .add(reconciling, "Reconciling")
                .add(stable, "Stable")
                .add(0, "Dead"));
    }

    private void meter(List<Family> families, String name, String what, Count count) {
        long value = groups.totals().get(count);
        families.add(Family.gauge(COORDINATOR + name + "_rate", "A second, over half a minute or more: " + what)
                .add(rates.get(count).of(value, nanos.getAsLong())));
        families.add(Family.untyped(COORDINATOR + name + "_count", "Since the start: " + what)
                .add(value));
    }

    private void loads(List<Family> families) {
        families.add(Family.gauge(COORDINATOR + "num_partitions", "Partitions of __consumer_offsets led here", "state")
                .add(groups.loadingPartitions(), "loading")
                .add(groups.activePartitions(), "active")
                .add(groups.failedPartitions(), "failed"));
        families.add(Family.gauge(COORDINATOR + "partition_load_time_max", "Milliseconds, over the last minute")
                .add(groups.longestLoadMs()));
        families.add(Family.gauge(COORDINATOR + "partition_load_time_avg", "Milliseconds, over the last minute")
                .add(groups.meanLoadMs()));
    }
}
