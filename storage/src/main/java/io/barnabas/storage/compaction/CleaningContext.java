package io.barnabas.storage.compaction;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.file.Throttle;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.PartitionLog;

/**
 * What a cleaning needs of its surroundings.
 *
 * @param owners runs tasks on the owners of logs
 * @param stopping whether to give up
 */
record CleaningContext(
        LogStore store,
        OwnerThreads owners,
        CompactionSettings settings,
        Throttle throttle,
        BooleanSupplier stopping,
        long nowMs) {
    private static final long POLL_MS = 50;
    private static final long OWNER_WAIT_MS = 30_000;

    interface OwnerTask<T> {
        T call() throws StorageException;
    }

    void goOn() throws CleaningStoppedException {
        if (stopping.getAsBoolean()) {
            throw new CleaningStoppedException("The broker stops");
        }
    }

    /** Counts bytes read or written, and waits as long as the throttle asks. */
    void pay(int bytes) throws CleaningStoppedException {
        double rate = settings.maxIoBytesPerSecond();
        if (rate == Double.MAX_VALUE || rate <= 0) {
            return;
        }
        long waitMs = TimeUnit.NANOSECONDS.toMillis(throttle.take(bytes, rate));
        while (waitMs > 0) {
            goOn();
            long stepMs = Math.min(waitMs, POLL_MS);
            sleep(stepMs);
            waitMs -= stepMs;
        }
    }

    private static void sleep(long ms) throws CleaningStoppedException {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CleaningStoppedException("Interrupted");
        }
    }

    /** Runs a task on the log's owner and waits for it, also while stopping: it may change the log. */
    <T> T onOwner(PartitionLog log, OwnerTask<T> task) throws StorageException, CleaningStoppedException {
        var answer = new CompletableFuture<T>();
        owners.execute(log, () -> {
            try {
                answer.complete(task.call());
            } catch (StorageException | RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(OWNER_WAIT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CleaningStoppedException("Interrupted");
        } catch (TimeoutException e) {
            throw new CleaningStoppedException(
                    "The owner of " + log + " did not answer within " + OWNER_WAIT_MS + " ms");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StorageException storage) {
                throw storage;
            }
            throw new IllegalStateException("The owner of " + log + " failed", e.getCause());
        }
    }
}
