package io.barnabas.storage.compaction;

import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.file.Throttle;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.PartitionLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses, again and again, the dirtiest log of a compacted topic and compacts it ({@link Cleaning}). Thread-safe; any number
 * of threads may call {@link #compactDirtiest}, see {@link CompactionThreads}.
 */
public final class Compactor {
    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

    private final LogStore store;
    private final Supplier<? extends Collection<PartitionLog>> logs;
    private final OwnerThreads owners;
    private final LongSupplier clockMs;
    private final Throttle throttle = new Throttle(System::nanoTime);
    private final Set<TopicPartition> busy = ConcurrentHashMap.newKeySet();
    /** Logs with damaged batches: left alone until the next start. */
    private final Set<PartitionLog> uncleanable = ConcurrentHashMap.newKeySet();

    private volatile CompactionSettings settings;
    private volatile boolean stopping;

    /**
     * @param logs those that have an owner now
     * @param clockMs wall clock in ms
     */
    public Compactor(
            LogStore store,
            Supplier<? extends Collection<PartitionLog>> logs,
            OwnerThreads owners,
            CompactionSettings settings,
            LongSupplier clockMs) {
        this.store = store;
        this.logs = logs;
        this.owners = owners;
        this.settings = settings;
        this.clockMs = clockMs;
    }

    public CompactionSettings settings() {
        return settings;
    }

    /** Takes effect with the next log. */
    public void reconfigure(CompactionSettings newSettings) {
        settings = newSettings;
    }

    /** Compactions under way give up; no new one begins. */
    public void stop() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    /**
     * Compacts the log that needs it most.
     *
     * @return false if none needs it
     */
    public boolean compactDirtiest() {
        var chosen = choose();
        if (chosen.isEmpty()) {
            return false;
        }
        var plan = chosen.get();
        try {
            compact(plan);
            return true;
        } finally {
            busy.remove(plan.log().partition());
        }
    }

    private void compact(CompactionPlan plan) {
        long startedNanos = System.nanoTime();
        var context = new CleaningContext(store, owners, settings, throttle, () -> stopping, clockMs.getAsLong());
        try {
            var report = new Cleaning(plan, context).run();
            LOG.info(
                    "Compacted {} up to offset {} (from {}) in {} ms: {} of {} records and {} of {} bytes stay",
                    plan.log().partition(),
                    report.endOffset(),
                    plan.firstDirtyOffset(),
                    (System.nanoTime() - startedNanos) / 1_000_000,
                    report.recordsKept(),
                    report.recordsRead(),
                    report.bytesWritten(),
                    report.bytesRead());
            if (report.keyless() > 0) {
                LOG.warn(
                        "{} records without a key were dropped from {}: they were written before the topic was compacted",
                        report.keyless(),
                        plan.log().partition());
            }
        } catch (CleaningStoppedException e) {
            LOG.debug("Compaction of {} was given up: {}", plan.log(), e.getMessage());
        } catch (StorageException e) {
            LOG.debug("Compaction of {} failed; its directory is offline", plan.log(), e);
        } catch (RuntimeException e) {
            leaveAlone(plan.log(), e);
        }
    }

    private void leaveAlone(PartitionLog log, RuntimeException cause) {
        uncleanable.add(log);
        LOG.error(
                "{} cannot be compacted and is left as it is until the next start: {}. Its topic grows until then; look at it"
                        + " with kafka-dump-log --deep-iteration",
                log,
                cause.getMessage(),
                cause);
    }

    private synchronized Optional<CompactionPlan> choose() {
        if (stopping) {
            return Optional.empty();
        }
        uncleanable.removeIf(PartitionLog::isGone);
        long nowMs = clockMs.getAsLong();
        CompactionPlan best = null;
        for (var log : logs.get()) {
            if (isCandidate(log)) {
                var plan = plan(log, nowMs);
                if (plan != null && plan.isWorthwhile() && (best == null || plan.dirtyRatio() > best.dirtyRatio())) {
                    best = plan;
                }
            }
        }
        if (best != null) {
            busy.add(best.log().partition());
        }
        return Optional.ofNullable(best);
    }

    private boolean isCandidate(PartitionLog log) {
        return log.config().compact()
                && !log.isGone()
                && !log.isMoving()
                && log.directory().isOnline()
                && !busy.contains(log.partition())
                && !uncleanable.contains(log);
    }

    private CompactionPlan plan(PartitionLog log, long nowMs) {
        try {
            return CompactionPlan.of(log, nowMs);
        } catch (IOException e) {
            LOG.debug("{} cannot be looked at now; it is tried again", log, e);
            return null;
        }
    }
}
