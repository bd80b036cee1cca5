package io.barnabas.broker.partition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WorkerTest {
    private final ArrayDeque<Runnable> drains = new ArrayDeque<>();
    private final Worker worker = new Worker(0, drains::add, Runnable::run, null);

    @Test
    void tasksOfOneTurnRunInOneDrainInOrder() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            worker.execute(() -> order.add(number));
        }
        assertEquals(1, drains.size());
        drains.poll().run();
        assertEquals(List.of(0, 1, 2, 3, 4), order);
        assertTrue(drains.isEmpty());
    }

    @Test
    void aTaskPostedByATaskRunsInTheNextDrain() {
        List<String> order = new ArrayList<>();
        worker.execute(() -> {
            worker.execute(() -> order.add("second"));
            order.add("first");
        });
        drains.poll().run();
        assertEquals(List.of("first"), order);
        drains.poll().run();
        assertEquals(List.of("first", "second"), order);
        assertTrue(drains.isEmpty());
    }

    @Test
    void aFailingTaskDoesNotStopTheOthers() {
        var ran = new AtomicInteger();
        worker.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        worker.execute(ran::incrementAndGet);
        drains.poll().run();
        assertEquals(1, ran.get());
    }

    @Test
    void onlyItsTasksOwnIt() {
        assertThrows(IllegalStateException.class, worker::assertOwner);
        worker.execute(() -> assertTrue(worker.isOwner()));
        drains.poll().run();
        assertFalse(worker.isOwner());
    }

    @Test
    void manyThreadsNeverRunItAtTheSameTimeAndLoseNothing() throws Exception {
        int posters = 4;
        int tasks = 20_000;
        var pool = Executors.newFixedThreadPool(posters);
        try {
            var shared = new Worker(1, pool, pool, null);
            var inside = new AtomicInteger();
            var overlaps = new AtomicInteger();
            int[] unguarded = new int[1];
            var done = new CountDownLatch(posters * tasks);
            for (int i = 0; i < posters; i++) {
                new Thread(() -> {
                            for (int n = 0; n < tasks; n++) {
                                shared.execute(() -> {
                                    if (inside.incrementAndGet() > 1) {
                                        overlaps.incrementAndGet();
                                    }
                                    unguarded[0]++;
                                    inside.decrementAndGet();
                                    done.countDown();
                                });
                            }
                        })
                        .start();
            }
            assertTrue(done.await(60, TimeUnit.SECONDS));
            assertEquals(0, overlaps.get());
            assertEquals(posters * tasks, unguarded[0]);
        } finally {
            pool.shutdownNow();
        }
    }
}
