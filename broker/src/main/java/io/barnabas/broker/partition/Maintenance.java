package io.barnabas.broker.partition;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.PartitionLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code maintenance}: flushes rolled segments and what {@code flush.ms} asks for, writes checkpoints, deletes what
 * retention lets go, looks how much space there is, forgets idle producers. It decides from views; a log is changed by the partition's worker.
 */
public final class Maintenance implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);
    private static final long DELETE_CHECK_MS = 1_000;
    private static final long SPACE_CHECK_MS = 1_000;

    private final LogStore logs;
    private final Partitions partitions;
    private final ScheduledExecutorService thread;

    public Maintenance(LogStore logs, Partitions partitions, Periods periods) {
        this.logs = logs;
        this.partitions = partitions;
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            var created = new Thread(task, "maintenance");
            created.setDaemon(true);
            return created;
        });
        every(periods.flushCheckMs(), periods.flushCheckMs(), logs::flushDue);
        every(SPACE_CHECK_MS, SPACE_CHECK_MS, logs::checkSpace);
        every(SPACE_CHECK_MS, SPACE_CHECK_MS, partitions::makeUnmade);
        every(periods.checkpointMs(), periods.checkpointMs(), logs::checkpoint);
        every(DELETE_CHECK_MS, DELETE_CHECK_MS, logs::deleteDue);
        every(periods.initialDelayMs(), periods.retentionCheckMs(), this::applyRetention);
        every(periods.producerExpiryCheckMs(), periods.producerExpiryCheckMs(), this::expireProducers);
    }

    /**
     * How often things are looked at, in ms, each at least 1.
     *
     * @param initialDelayMs {@code log.initial.task.delay.ms}: before retention is applied for the first time; may be 0
     * @param retentionCheckMs {@code log.retention.check.interval.ms}
     * @param producerExpiryCheckMs {@code producer.id.expiration.check.interval.ms}
     * @param flushCheckMs which logs are due by {@code flush.ms}: at least as often as {@code log.flush.scheduler.interval.ms} asks
     * @param checkpointMs at least as often as {@code log.flush.offset.checkpoint.interval.ms} and
     *     {@code log.flush.start.offset.checkpoint.interval.ms} ask, since all checkpoints of a directory are written together
     */
    public record Periods(
            long initialDelayMs,
            long retentionCheckMs,
            long producerExpiryCheckMs,
            long flushCheckMs,
            long checkpointMs) {}

    private void every(long initialDelayMs, long periodMs, Runnable task) {
        thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException | Error e) {
                        LOG.error("A maintenance task failed; it is tried again", e);
                    }
                },
                initialDelayMs,
                periodMs,
                TimeUnit.MILLISECONDS);
    }

    private void applyRetention() {
        for (Partition partition : partitions.all()) {
            try {
                var log = partition.log();
                long upTo = log.deletableUpTo(System.currentTimeMillis());
                if (upTo > log.view().segments().get(0).baseOffset()) {
                    partition.worker().execute(() -> delete(partition, log, upTo));
                }
            } catch (StorageException e) {
                LOG.debug("Retention of {} was not checked: {}", partition, e.getMessage());
            }
        }
    }

    private static void delete(Partition partition, PartitionLog log, long upTo) {
        if (partition.log() != log) {
            // It moved meanwhile, and its segments are cut differently.
            return;
        }
        try {
            int deleted = log.deleteSegmentsUpTo(upTo, System.currentTimeMillis());
            if (deleted > 0) {
                LOG.info("Deleted {} old segments of {}", deleted, partition);
            }
        } catch (StorageException e) {
            LOG.error("Cannot delete old segments of {}: {}", partition, e.getMessage());
        }
    }

    private void expireProducers() {
        for (Partition partition : partitions.all()) {
            partition.worker().execute(() -> partition.log().expireProducers(System.currentTimeMillis()));
        }
    }

    /** Returns when the task at hand is done. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(30, TimeUnit.SECONDS)) {
                LOG.warn("Maintenance is still busy after 30 s; closing the logs under it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
