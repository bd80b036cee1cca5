package io.barnabas.broker.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import io.netty.util.concurrent.EventExecutor;

/**
 * Whether the threads {@code io-n} still run what they are given: each is asked to run an empty task. Any thread that may wait; a
 * thread that has yet to run the last such task gets no second one.
 */
public final class LoopProbe {
    private final List<Loop> loops = new ArrayList<>();

    public LoopProbe(IoThreads threads) {
        for (EventExecutor executor : threads.group()) {
            loops.add(new Loop(executor));
        }
    }

    /**
     * Asks all threads and waits for them.
     *
     * @param deadlineMs for all of them together
     * @return which of them did not answer, in a sentence; empty if all did
     */
    public Optional<String> silent(long deadlineMs) {
        try {
            var asked = loops.stream().map(Loop::ask).toList();
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(deadlineMs);
            var silent = new ArrayList<String>();
            for (int i = 0; i < asked.size(); i++) {
                if (!answers(asked.get(i), deadline - System.nanoTime())) {
                    silent.add("io-" + i);
                }
            }
            return silent.isEmpty()
                    ? Optional.empty()
                    : Optional.of("The network threads " + String.join(", ", silent)
                            + " have not got round to a new task within " + deadlineMs + " ms.");
        } catch (RejectedExecutionException e) {
            return Optional.of("The network threads have ended.");
        }
    }

    private static boolean answers(CompletableFuture<Void> answer, long withinNanos) {
        try {
            answer.get(Math.max(0, withinNanos), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("An empty task failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static final class Loop {
        private final EventExecutor executor;
        private final AtomicReference<CompletableFuture<Void>> last =
                new AtomicReference<>(CompletableFuture.completedFuture(null));

        Loop(EventExecutor executor) {
            this.executor = executor;
        }

        CompletableFuture<Void> ask() {
            var before = last.get();
            var next = new CompletableFuture<Void>();
            if (!before.isDone() || !last.compareAndSet(before, next)) {
                return last.get();
            }
            executor.execute(() -> next.complete(null));
            return next;
        }
    }
}
