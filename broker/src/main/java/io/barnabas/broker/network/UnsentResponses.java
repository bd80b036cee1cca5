package io.barnabas.broker.network;

import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.channel.Channel;
import io.netty.util.internal.PlatformDependent;

/**
 * The memory of responses that clients do not read, over all connections; records sent from files take none. When it runs out,
 * those who have not read for longest are closed. Any thread.
 */
final class UnsentResponses {
    private final long mostBytes;
    private final ClosingLog closings;
    private final AtomicLong bytes = new AtomicLong();
    private final Set<Account> behind = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean shedding = new AtomicBoolean();

    UnsentResponses(long mostBytes, ClosingLog closings) {
        this.mostBytes = mostBytes;
        this.closings = closings;
    }

    static UnsentResponses withinDirectMemory(ClosingLog closings) {
        return new UnsentResponses(PlatformDependent.estimateMaxDirectMemory() / 4, closings);
    }

    Account of(Channel channel) {
        return new Account(channel);
    }

    private void shed() {
        if (!shedding.compareAndSet(false, true)) {
            return;
        }
        try {
            long excess = bytes.get() - mostBytes * 3 / 4;
            var longestFirst = behind.stream()
                    .sorted(Comparator.comparingLong(account -> account.sinceNs))
                    .toList();
            for (var account : longestFirst) {
                if (excess <= 0) {
                    break;
                }
                excess -= account.heldBytes;
                account.recountOrClose();
            }
        } finally {
            shedding.set(false);
        }
    }

    /** What one connection holds. Changed on its thread only. */
    final class Account {
        private final Channel channel;
        /** Put into the queue since it was last empty. */
        private long queuedBytes;

        private volatile long heldBytes;
        private volatile long sinceNs;

        private Account(Channel channel) {
            this.channel = channel;
        }

        void queued(int bytes) {
            queuedBytes += bytes;
        }

        /** After a flush, which may have sent less than all. */
        void flushed() {
            long pendingBytes = pendingBytes();
            if (pendingBytes == 0) {
                queuedBytes = 0;
            }
            hold(Math.min(queuedBytes, pendingBytes));
            if (bytes.get() > mostBytes) {
                shed();
            }
        }

        void closed() {
            hold(0);
        }

        private long pendingBytes() {
            var queue = channel.unsafe().outboundBuffer();
            return queue == null ? 0 : queue.totalPendingWriteBytes();
        }

        private void hold(long nextBytes) {
            long beforeBytes = heldBytes;
            if (nextBytes == beforeBytes) {
                return;
            }
            if (beforeBytes == 0) {
                sinceNs = System.nanoTime();
                behind.add(this);
            } else if (nextBytes == 0) {
                behind.remove(this);
            }
            heldBytes = nextBytes;
            bytes.addAndGet(nextBytes - beforeBytes);
        }

        /** What a client has read meanwhile is seen late: a connection whose queue is empty stays. */
        private void recountOrClose() {
            channel.eventLoop().execute(() -> {
                if (pendingBytes() == 0) {
                    flushed();
                } else if (heldBytes > 0) {
                    closings.closing(
                            channel.remoteAddress(),
                            "it does not read its responses, and those of all connections take more than " + mostBytes
                                    + " bytes; give the JVM more by -XX:MaxDirectMemorySize");
                    channel.close();
                    closed();
                }
            });
        }
    }
}
