package io.barnabas.broker.time;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WheelTimerTest {
    private final WheelTimer timer = new WheelTimer();

    @AfterEach
    void close() {
        timer.close();
    }

    @Test
    void runsInOrderOfDeadlinesAndNeverEarly() throws Exception {
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        var early = new AtomicBoolean();
        var done = new CountDownLatch(4);
        long start = System.nanoTime();
        for (int delayMs : new int[] {120, 0, 60, 30}) {
            timer.schedule(delayMs, () -> {
                if (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(delayMs)) {
                    early.set(true);
                }
                order.add(delayMs);
                done.countDown();
            });
        }
        assertTrue(done.await(20, TimeUnit.SECONDS));
        assertEquals(List.of(0, 30, 60, 120), order);
        assertFalse(early.get());
    }

    @Test
    void aDelayOfMoreThanOneTurnOfTheWheelIsNotRunAnEarlierTurn() throws Exception {
        var done = new CountDownLatch(1);
        long start = System.nanoTime();
        timer.schedule(2_700, done::countDown);
        assertTrue(done.await(20, TimeUnit.SECONDS));
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(2_700));
    }

    @Test
    void aCancelledTaskNeverRunsAndOthersOfItsSlotDo() throws Exception {
        var cancelledRan = new AtomicBoolean();
        var done = new CountDownLatch(2);
        timer.schedule(40, done::countDown);
        var cancelled = timer.schedule(40, () -> cancelledRan.set(true));
        timer.schedule(40, done::countDown);
        assertTrue(cancelled.cancel());
        assertFalse(cancelled.cancel());
        assertTrue(done.await(20, TimeUnit.SECONDS));
        assertFalse(cancelledRan.get());
    }

    @Test
    void aFailingTaskDoesNotStopTheTimer() throws Exception {
        var done = new CountDownLatch(1);
        timer.schedule(0, () -> {
            throw new IllegalStateException("on purpose");
        });
        timer.schedule(10, done::countDown);
        assertTrue(done.await(20, TimeUnit.SECONDS));
    }

    @Test
    void farDeadlinesDoNotOverflow() {
        assertTrue(timer.schedule(Long.MAX_VALUE, () -> {}).cancel());
    }
}
