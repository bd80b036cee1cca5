package io.barnabas.metadata.controller;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the controller's thread is to do: tasks, which must not get lost and go first, and calls, of which only so many may wait. Added to by
 * any thread, taken from by the controller's.
 */
final class ControllerQueue {
    static final int MAX_WAITING_CALLS = 10_000;

    /** Tasks, and one wake-up for calls. */
    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

    private final ConcurrentLinkedQueue<Runnable> calls = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCalls = new AtomicInteger();
    private final AtomicBoolean awake = new AtomicBoolean();

    void addTask(Runnable task) {
        tasks.add(task);
    }

    /** False if too many calls wait already. */
    boolean offerCall(Runnable call) {
        if (waitingCalls.incrementAndGet() > MAX_WAITING_CALLS) {
            waitingCalls.decrementAndGet();
            return false;
        }
        calls.add(call);
        if (!awake.getAndSet(true)) {
            tasks.add(() -> awake.set(false));
        }
        return true;
    }

    boolean hasCalls() {
        return !calls.isEmpty();
    }

    /** Runs all tasks, of which the first may be waited for. */
    void runTasks(long waitMs) throws InterruptedException {
        var first = tasks.poll(waitMs, TimeUnit.MILLISECONDS);
        if (first != null) {
            first.run();
        }
        runTasks();
    }

    private void runTasks() {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private Runnable pollCall() {
        var call = calls.poll();
        if (call != null) {
            waitingCalls.decrementAndGet();
        }
        return call;
    }

    /** Runs every call that waits, before any further task. */
    void runCalls() {
        for (var call = pollCall(); call != null; call = pollCall()) {
            call.run();
        }
    }

    /**
     * Runs the oldest call, after the tasks that were there before it: one that follows {@link Controller#leaderStarted} meets a leader.
     *
     * @return false if none waits
     */
    boolean runCall() {
        var call = pollCall();
        if (call == null) {
            return false;
        }
        runTasks();
        call.run();
        return true;
    }
}
