package io.barnabas.broker.network;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LoopProbeTest {
    private static final long LONG_MS = 20_000;

    @Test
    void aThreadThatHangsIsNamedUntilItGoesOn() throws Exception {
        try (var threads = new IoThreads(3)) {
            var probe = new LoopProbe(threads);
            assertEquals(Optional.empty(), probe.silent(LONG_MS));
            var hangs = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            var name = new String[1];
            threads.execute(() -> {
                name[0] = Thread.currentThread().getName();
                hangs.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            hangs.await();
            for (int again = 0; again < 2; again++) {
                var silent = probe.silent(200).orElseThrow();
                assertTrue(silent.contains(name[0]), silent);
            }
            goOn.countDown();
            assertEquals(Optional.empty(), probe.silent(LONG_MS));
        }
    }

    @Test
    void threadsThatHaveEndedAreSaidToHave() {
        var threads = new IoThreads(1);
        var probe = new LoopProbe(threads);
        threads.close();
        assertTrue(probe.silent(LONG_MS).orElseThrow().contains("ended"));
    }
}
