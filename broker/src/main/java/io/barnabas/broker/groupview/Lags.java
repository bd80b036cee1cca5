package io.barnabas.broker.groupview;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.barnabas.broker.coordinator.group.GroupCounts.Count;
import io.barnabas.broker.coordinator.group.OffsetPage;
import io.barnabas.broker.coordinator.group.OffsetPage.Position;
import io.barnabas.broker.partition.Partition;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.broker.telemetry.Family;
import io.barnabas.protocol.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far groups are behind, found out at each scrape: committed offsets come from their shards in pages of at most
 * {@value #PAGE_OFFSETS}, which keeps a worker for some tens of microseconds; all else is read from the published views of the logs on
 * the scraping thread. One thread at a time.
 *
 * <p>The offset lag is the high watermark less the committed offset, at least 0, whatever the consumers' isolation level: what an open
 * transaction holds back counts. The time lag is the age of the first record not consumed, see {@link RecordTimes}; 0 if there is none.
 */
public final class Lags implements Supplier<List<Family>> {
    private static final Logger LOG = LoggerFactory.getLogger(Lags.class);
    private static final int PAGE_OFFSETS = 500;
    private static final long WAIT_MS = 2_000;
    private static final String[] LABELS = {"consumergroup", "topic", "partition"};

    private final GroupCoordinator groups;
    private final Partitions partitions;
    private final int maxSeries;
    private final LongSupplier epochMs;
    private final RecordTimes times = new RecordTimes();

    /**
     * @param maxSeries of how many pairs of group and partition at most
     * @param epochMs wall-clock time
     */
    public Lags(GroupCoordinator groups, Partitions partitions, int maxSeries, LongSupplier epochMs) {
        this.groups = groups;
        this.partitions = partitions;
        this.maxSeries = maxSeries;
        this.epochMs = epochMs;
    }

    @Override
    public List<Family> get() {
        var offsets = Family.gauge(
                "kafka_consumergroup_lag", "Records between a group's committed offset and the high watermark", LABELS);
        var seconds = Family.gauge(
                "kafka_consumergroup_lag_seconds", "Age of the first record a group has not consumed", LABELS);
        times.begin();
        int read = 0;
        for (int partition : groups.partitions()) {
            String after = "";
            while (after != null && read < maxSeries) {
                var page = page(partition, after);
                if (page == null) {
                    // One that does not answer is enough to wait for.
                    read = maxSeries;
                    break;
                }
                for (var position : page.positions()) {
                    if (read++ < maxSeries) {
                        add(position, offsets, seconds);
                    }
                }
                after = page.lastGroupId();
            }
        }
        times.end();
        long omitted = Math.max(0, groups.totals().get(Count.OFFSETS) - maxSeries);
        return List.of(
                offsets,
                seconds,
                Family.gauge(
                                "barnabas_consumergroup_lag_omitted",
                                "Committed offsets beyond group.lag.max.series, which have no lag here")
                        .add(omitted));
    }

    /** An empty page if the shard is not there; null if it does not answer in time. */
    private OffsetPage page(int partition, String after) {
        try {
            return groups.read(
                            partition,
                            shard -> shard.committedAfter(after, PAGE_OFFSETS),
                            error -> new OffsetPage(List.of(), null))
                    .get(WAIT_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("The lag of groups from partition {} of {} on is not known", partition, GroupCoordinator.TOPIC, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    private void add(Position position, Family offsets, Family seconds) {
        var partition = partitions.find(position.partition());
        if (partition == null
                || !partition.leadership().local()
                || partition.isOffline()
                || position.offset() < 0
                || isOfAnotherTopic(position, partition)) {
            return;
        }
        var name = position.partition();
        var labels = new String[] {position.groupId(), name.topic(), Integer.toString(name.partition())};
        long behind = Math.max(0, partition.log().view().highWatermark() - position.offset());
        offsets.add(behind, labels);
        if (behind == 0) {
            seconds.add(0, labels);
            return;
        }
        long timestampMs = times.of(partition, position.offset());
        if (timestampMs >= 0) {
            seconds.add(Math.max(0, epochMs.getAsLong() - timestampMs) / 1e3, labels);
        }
    }

    private static boolean isOfAnotherTopic(Position position, Partition partition) {
        return !position.topicId().equals(Uuid.ZERO)
                && !position.topicId().equals(partition.id().topicId());
    }
}
