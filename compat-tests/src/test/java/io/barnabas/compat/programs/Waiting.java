package io.barnabas.compat.programs;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for a condition with a deadline. */
final class Waiting {
    private Waiting() {}

    static void until(String what, Duration deadline, Callable<Boolean> condition) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            try {
                if (condition.call()) {
                    return;
                }
            } catch (InterruptedException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + deadline + ": " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
