package io.barnabas.broker.network;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why connections are closed on clients that do not keep to the protocol, without letting them fill the log: the first of an
 * address is told, of those that follow at most one a second, with the number of those left out since. Any thread.
 */
final class ClosingLog {
    private static final Logger LOG = LoggerFactory.getLogger(ClosingLog.class);
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** An address is as good as new after this. */
    private static final long FORGOTTEN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final int MOST_ADDRESSES = 1_000;
    /** However many addresses are new. */
    private static final int MOST_LINES_PER_SECOND = 10;

    private final LongSupplier nanos;
    /** When each was last seen, the one seen longest ago first. */
    private final Map<InetAddress, Long> seen = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Long> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    private long secondBegan;
    private int linesThisSecond;
    private long leftOut;

    ClosingLog() {
        this(System::nanoTime);
    }

    ClosingLog(LongSupplier nanos) {
        this.nanos = nanos;
        this.secondBegan = nanos.getAsLong();
    }

    /** @param why goes on after "Closing the connection from …: " */
    void closing(SocketAddress from, String why) {
        long before = admit(from);
        if (before == 0) {
            LOG.warn("Closing the connection from {}: {}", from, why);
        } else if (before > 0) {
            LOG.warn(
                    "Closing the connection from {}: {} ({} more were closed since the last such line)",
                    from,
                    why,
                    before);
        }
    }

    /** How many were left out since the last line, or -1 if this is to be left out, too. */
    private synchronized long admit(SocketAddress from) {
        long now = nanos.getAsLong();
        if (now - secondBegan >= SECOND_NANOS) {
            secondBegan = now;
            linesThisSecond = 0;
        }
        if (linesThisSecond >= (isKnown(from, now) ? 1 : MOST_LINES_PER_SECOND)) {
            leftOut++;
            return -1;
        }
        linesThisSecond++;
        long before = leftOut;
        leftOut = 0;
        return before;
    }

    private boolean isKnown(SocketAddress from, long now) {
        if (!(from instanceof InetSocketAddress internet) || internet.getAddress() == null) {
            return true;
        }
        var before = seen.put(internet.getAddress(), now);
        return before != null && now - before < FORGOTTEN_NANOS;
    }
}
