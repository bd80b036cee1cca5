package io.barnabas.storage.compaction;

import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.LogDirectory;
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
    private static final long PUT_OFF_MS = 60_000;

    private final LogStore store;
    private final Supplier<? extends Collection<PartitionLog>> logs;
    private final OwnerThreads owners;
    private final LongSupplier clockMs;
    private final Throttle throttle = new Throttle(System::nanoTime);
    private final Set<TopicPartition> busy = ConcurrentHashMap.newKeySet();
    /** Logs with damaged batches, or that something else broke over: left alone until the next start. */
    private final Set<PartitionLog> uncleanable = ConcurrentHashMap.newKeySet();
    /** For want of space, and until when. */
    private final Map<PartitionLog, Long> putOffUntilMs = new ConcurrentHashMap<>();

    /** What the last compaction of each thread took. */
    private final Map<Thread, CompactionStats> lastOfThreads = new ConcurrentHashMap<>();

    private volatile CompactionSettings settings;
    private volatile boolean stopping;
    private volatile double maxDirtyRatio;
    private volatile long lastRunMs;

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
        this.lastRunMs = clockMs.getAsLong();
    }

    public CompactionSettings settings() {
        return settings;
    }

    /** Takes effect with the next log. */
    public void reconfigure(CompactionSettings newSettings) {
        settings = newSettings;
    }

    /** The last compaction of each thread that is there. Any thread, as are the following. */
    public CompactionStats stats() {
        lastOfThreads.keySet().removeIf(thread -> !thread.isAlive());
        return lastOfThreads.values().stream().reduce(CompactionStats.NONE, CompactionStats::and);
    }

    /** Of the log that was dirtiest when a log was last looked for, in percent. */
    public int maxDirtyPercent() {
        return (int) (100 * maxDirtyRatio);
    }

    /** When a log was last looked for, in ms of the wall clock. */
    public long lastRunMs() {
        return lastRunMs;
    }

    /** What cannot be compacted in a log directory. Looks at the logs' segments. */
    public UncleanableLogs uncleanable(LogDirectory directory) {
        int count = 0;
        long bytes = 0;
        for (var log : uncleanable) {
            if (log.directory() == directory && !log.isGone()) {
                count++;
                bytes += cleanableBytes(log);
            }
        }
        return new UncleanableLogs(count, bytes);
    }

    private long cleanableBytes(PartitionLog log) {
        try {
            return CompactionPlan.of(log, clockMs.getAsLong()).cleanableBytes();
        } catch (IOException | RuntimeException e) {
            LOG.debug("{} cannot be looked at now", log, e);
            return 0;
        }
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
        var plan = chosen.get().plan();
        try {
            compact(plan, chosen.get().maxDelayMs());
            return true;
        } finally {
            busy.remove(plan.log().partition());
        }
    }

    /** @param maxDelayMs of all logs that are compacted, see {@link CompactionPlan#delayMs} */
    private record Choice(CompactionPlan plan, long maxDelayMs) {}

    private void compact(CompactionPlan plan, long maxDelayMs) {
        long startedNanos = System.nanoTime();
        var context = new CleaningContext(store, owners, settings, throttle, () -> stopping, clockMs.getAsLong());
        try {
            var report = new Cleaning(plan, context).run();
            long elapsedNanos = System.nanoTime() - startedNanos;
            lastOfThreads.put(
                    Thread.currentThread(),
                    new CompactionStats(
                            elapsedNanos / (double) TimeUnit.SECONDS.toNanos(1),
                            report.mapUtilization(),
                            report.bytesRead(),
                            report.bytesWritten(),
                            maxDelayMs));
            LOG.info(
                    "Compacted {} up to offset {} (from {}) in {} ms: {} of {} records and {} of {} bytes stay",
                    plan.log().partition(),
                    report.endOffset(),
                    plan.firstDirtyOffset(),
                    TimeUnit.NANOSECONDS.toMillis(elapsedNanos),
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
            if (plan.log().directory().isOnline() && !plan.log().isGone()) {
                putOff(plan.log(), e);
            }
            LOG.debug("Compaction of {} failed", plan.log(), e);
        } catch (RuntimeException | Error e) {
            // An Error too: the thread goes on, and would choose the same log again.
            leaveAlone(plan.log(), e);
        }
    }

    private void putOff(PartitionLog log, StorageException cause) {
        putOffUntilMs.put(log, clockMs.getAsLong() + PUT_OFF_MS);
        LOG.warn(
                "{} is not compacted for want of space; it is tried again in a minute: {}",
                log.partition(),
                cause.getMessage());
    }

    private boolean isPutOff(PartitionLog log) {
        var untilMs = putOffUntilMs.get(log);
        if (untilMs == null) {
            return false;
        }
        if (clockMs.getAsLong() < untilMs) {
            return true;
        }
        putOffUntilMs.remove(log);
        return false;
    }

    private void leaveAlone(PartitionLog log, Throwable cause) {
        uncleanable.add(log);
        LOG.error(
                "{} cannot be compacted and is left as it is until the next start: {}. Its topic grows until then; look at it"
                        + " with kafka-dump-log --deep-iteration",
                log,
                cause.getMessage() == null ? cause : cause.getMessage(),
                cause);
    }

    private synchronized Optional<Choice> choose() {
        if (stopping) {
            return Optional.empty();
        }
        uncleanable.removeIf(PartitionLog::isGone);
        putOffUntilMs.keySet().removeIf(PartitionLog::isGone);
        long nowMs = clockMs.getAsLong();
        lastRunMs = nowMs;
        CompactionPlan best = null;
        double dirtiest = 0;
        long maxDelayMs = 0;
        for (var log : logs.get()) {
            var plan = isCandidate(log) ? plan(log, nowMs) : null;
            if (plan == null) {
                continue;
            }
            maxDelayMs = Math.max(maxDelayMs, plan.delayMs());
            if (plan.cleanableBytes() > 0) {
                dirtiest = Math.max(dirtiest, plan.dirtyRatio());
            }
            if (plan.isWorthwhile() && (best == null || plan.dirtyRatio() > best.dirtyRatio())) {
                best = plan;
            }
        }
        maxDirtyRatio = dirtiest;
        if (best == null) {
            return Optional.empty();
        }
        busy.add(best.log().partition());
        return Optional.of(new Choice(best, maxDelayMs));
    }

    private boolean isCandidate(PartitionLog log) {
        return log.config().compact()
                && !log.isGone()
                && !log.isMoving()
                && log.directory().isOnline()
                && !isPutOff(log)
                && !busy.contains(log.partition())
                && !uncleanable.contains(log);
    }

    private CompactionPlan plan(PartitionLog log, long nowMs) {
        try {
            return CompactionPlan.of(log, nowMs);
        } catch (IOException e) {
            LOG.debug("{} cannot be looked at now; it is tried again", log, e);
            return null;
        } catch (RuntimeException e) {
            leaveAlone(log, e);
            return null;
        }
    }
}
