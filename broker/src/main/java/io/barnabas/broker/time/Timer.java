package io.barnabas.broker.time;

/** Deadlines for everything that waits. Any thread. */
public interface Timer {
    /**
     * Runs {@code task} once, {@code delayMs} from now or at most one tick later, on the timer's thread: so it only posts
     * the event to the owner of the state it concerns.
     */
    Deadline schedule(long delayMs, Runnable task);

    /** One pending task. */
    interface Deadline {
        /** True if the task has not begun and now never will. */
        boolean cancel();
    }
}
