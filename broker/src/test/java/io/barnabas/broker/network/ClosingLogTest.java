package io.barnabas.broker.network;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.barnabas.broker.testing.CapturedLog;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ClosingLogTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    private final AtomicLong nanos = new AtomicLong(-5);
    private final ClosingLog closings = new ClosingLog(nanos::get);

    private void close(int host, String why) throws Exception {
        closings.closing(
                new InetSocketAddress(
                        InetAddress.getByAddress(new byte[] {127, 0, (byte) (host >> 8), (byte) host}), 7),
                why);
    }

    @Test
    void anAddressIsToldOnceAndThenOnceASecond() throws Exception {
        try (var log = CapturedLog.of(ClosingLog.class.getName())) {
            for (int i = 0; i < 100; i++) {
                close(1, "first");
            }
            close(2, "another");
            assertEquals(2, log.lines().size(), log.lines()::toString);
            nanos.addAndGet(1_001 * MS);
            close(1, "later");
            close(1, "later");
            var lines = log.lines();
            assertEquals(3, lines.size(), lines::toString);
            assertEquals(List.of("WARN Closing the connection from /127.0.0.1:7: first"), lines.subList(0, 1));
            assertTrue(
                    lines.get(1).endsWith("another (99 more were closed since the last such line)"), lines::toString);
            assertEquals("WARN Closing the connection from /127.0.0.1:7: later", lines.get(2));
        }
    }

    @Test
    void manyNewAddressesDoNotFillTheLogEither() throws Exception {
        try (var log = CapturedLog.of(ClosingLog.class.getName())) {
            for (int i = 0; i < 5_000; i++) {
                close(i, "new");
            }
            assertEquals(10, log.lines().size());
            nanos.addAndGet(TimeUnit.MINUTES.toNanos(2));
            close(4_999, "as good as new");
            assertEquals(11, log.lines().size());
        }
    }
}
