package io.barnabas.storage.log;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(60)
class ParallelTest {
    @Test
    void whenAThreadCannotBeHadThoseThatWereAreWaitedFor() {
        var noThread = new OutOfMemoryError("unable to create native thread");
        var begun = new CountDownLatch(1);
        var refused = new CountDownLatch(1);
        var ended = new AtomicBoolean();
        var asked = new AtomicInteger();
        var thrown = assertThrows(
                OutOfMemoryError.class,
                () -> Parallel.forEach(
                        "test",
                        3,
                        List.of(1, 2, 3),
                        item -> {
                            begun.countDown();
                            await(refused);
                            Thread.yield();
                            ended.set(true);
                        },
                        (task, name) -> {
                            if (asked.getAndIncrement() == 0) {
                                return new Thread(task, name);
                            }
                            await(begun);
                            refused.countDown();
                            throw noThread;
                        }));
        assertSame(noThread, thrown);
        assertTrue(ended.get());
        assertEquals(2, asked.get());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
