package io.barnabas.storage.compaction;

import io.barnabas.storage.log.PartitionLog;

/** Runs a task on the thread that owns a log, after what was handed to it before. Called by any thread; does not wait. */
@FunctionalInterface
public interface OwnerThreads {
    void execute(PartitionLog log, Runnable task);
}
