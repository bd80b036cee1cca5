package io.barnabas.broker.partition;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

import io.barnabas.protocol.TopicPartition;

/** The fixed set of workers; every partition belongs to one of them for the broker's life. Immutable. */
public final class Workers {
    private final List<Worker> workers = new ArrayList<>();

    /**
     * @param threads runs drains: on the calling I/O thread if it is one, else on any of them
     * @param forcing runs what may wait for an fsync
     */
    public Workers(int count, Executor threads, Executor forcing) {
        for (int i = 0; i < count; i++) {
            workers.add(new Worker(i, threads, forcing));
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
