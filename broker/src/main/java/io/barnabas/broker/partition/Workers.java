package io.barnabas.broker.partition;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.log.GroupCommit;

/** The fixed set of workers; every partition belongs to one of them for the broker's life. Immutable. */
public final class Workers {
    private final List<Worker> workers = new ArrayList<>();

    /**
     * @param threads runs drains: on the calling I/O thread if it is one, else on any of them
     * @param forcing runs what may wait for an fsync
     * @param commits gives each worker its own
     */
    public Workers(int count, Executor threads, Executor forcing, Supplier<GroupCommit> commits) {
        for (int i = 0; i < count; i++) {
            workers.add(new Worker(i, threads, forcing, commits.get()));
        }
    }

    /** The worker that owns, or will own, this partition. */
    public Worker ownerOf(TopicPartition partition) {
        int hash = partition.topic().hashCode() * 31 + partition.partition();
        return workers.get(Math.floorMod(hash, workers.size()));
    }

    /** Completes, on a worker, once every worker has done what was posted to it before. Stages complete in the order of calls. */
    public CompletionStage<Void> settled() {
        var settled = new CompletableFuture<Void>();
        var busy = new AtomicInteger(workers.size());
        for (var worker : workers) {
            worker.execute(() -> {
                if (busy.decrementAndGet() == 0) {
                    settled.complete(null);
                }
            });
        }
        return settled;
    }

    public List<Worker> all() {
        return List.copyOf(workers);
    }
}
