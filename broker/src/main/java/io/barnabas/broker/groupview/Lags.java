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
 * How far groups are behind, found out at each scrape: committed offsets come from their shards in pages of whole groups, none further
 * after {@value #PAGE_OFFSETS} offsets, which keeps a worker for some tens of microseconds, or longer for a group with very many
 * partitions; all else is read from the published views of the logs on the scraping thread. One thread at a time.
 *
 * <p>The offset lag is the high watermark less the committed offset, at least 0, whatever the consumers' isolation level: what an open
 * transaction holds back counts. The time lag is the age of the first record not consumed, see {@link RecordTimes}; 0 if there is none.
 */
public final class Lags implements Supplier<List<Family>> {
    private static final Logger LOG = LoggerFactory.getLogger(Lags.class);
    private static final int PAGE_OFFSETS = 500;
    /** For one page, and for all of a scrape. */
    private static final long PAGE_WAIT_MS = 500;

    private static final long WAIT_MS = 2_000;
    /** Nothing bounds the length of a group's name but the request it comes in: a page of long ones would take all memory. */
    private static final int MOST_NAME_CHARS = 1_000;

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
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MS);
        int read = 0;
        int tooLong = 0;
        boolean silent = false;
        for (int partition : groups.partitions()) {
            String after = null;
            do {
                var page = read < maxSeries ? page(partition, after, maxSeries - read, deadlineNanos) : null;
                if (page == null) {
                    silent |= read < maxSeries;
                    break;
                }
                for (var position : page.positions()) {
                    read++;
                    if (position.groupId().length() > MOST_NAME_CHARS) {
                        tooLong++;
                    } else {
                        add(position, offsets, seconds);
                    }
                }
                after = page.lastGroupId();
            } while (after != null);
        }
        times.end();
        // What is committed meanwhile is not omitted: the total counts only where something was not asked for.
        boolean all = read < maxSeries && !silent;
        long omitted = tooLong + (all ? 0 : Math.max(0, groups.totals().get(Count.OFFSETS) - read));
        return List.of(
                offsets,
                seconds,
                Family.gauge(
                                "barnabas_consumergroup_lag_omitted",
                                "Committed offsets that have no lag here: beyond group.lag.max.series, not told in time, or of groups with very long names")
                        .add(omitted));
    }

    /** An empty page if the shard is not there; null if it does not answer in time, or none is left. */
    private OffsetPage page(int partition, String after, int most, long deadlineNanos) {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        if (leftMs <= 0) {
            return null;
        }
        try {
            return groups.read(
                            partition,
                            shard -> shard.committedAfter(after, Math.min(PAGE_OFFSETS, most), most),
                            error -> new OffsetPage(List.of(), null))
                    .get(Math.min(PAGE_WAIT_MS, leftMs), TimeUnit.MILLISECONDS);
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
