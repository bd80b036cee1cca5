package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** A network inside the JVM that can lose connections, messages and time. One thread per direction keeps requests in order. */
final class LoopbackTransport implements RaftTransport {
    private record Way(int from, int to) {}

    /** The cables: all nodes of one network, and which of them are cut. */
    static final class Network implements AutoCloseable {
        private final Map<Integer, LoopbackTransport> nodes = new ConcurrentHashMap<>();
        private final Set<Way> cut = ConcurrentHashMap.newKeySet();
        private final Map<Way, ExecutorService> lanes = new ConcurrentHashMap<>();
        private final SplittableRandom random;
        private int lossPercent;
        private int maxDelayMs;

        Network(long seed) {
            random = new SplittableRandom(seed);
        }

        LoopbackTransport transportOf(int nodeId) {
            return new LoopbackTransport(this, nodeId);
        }

        void isolate(int nodeId) {
            for (int other : nodes.keySet()) {
                cut.add(new Way(nodeId, other));
                cut.add(new Way(other, nodeId));
            }
        }

        void cutOneWay(int from, int to) {
            cut.add(new Way(from, to));
        }

        synchronized void lose(int percent) {
            lossPercent = percent;
        }

        synchronized void delay(int upToMs) {
            maxDelayMs = upToMs;
        }

        /** The node is gone in the midst of what it does: nothing it says from now on is heard. */
        void kill(int nodeId) {
            var node = nodes.remove(nodeId);
            if (node != null) {
                node.dead = true;
            }
        }

        synchronized void heal() {
            cut.clear();
            lossPercent = 0;
            maxDelayMs = 0;
        }

        private synchronized boolean loses(Way way) {
            return cut.contains(way) || random.nextInt(100) < lossPercent;
        }

        private synchronized int delayMs() {
            return maxDelayMs == 0 ? 0 : random.nextInt(maxDelayMs);
        }

        private void carry(Way way, Runnable arrival) {
            if (loses(way)) {
                return;
            }
            long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMs());
            lane(way).execute(() -> {
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                arrival.run();
            });
        }

        private ExecutorService lane(Way way) {
            return lanes.computeIfAbsent(
                    way,
                    key -> Executors.newSingleThreadExecutor(task -> {
                        var thread = new Thread(task, "loopback-" + key);
                        thread.setDaemon(true);
                        return thread;
                    }));
        }

        @Override
        public void close() {
            lanes.values().forEach(ExecutorService::shutdown);
        }
    }

    private final Network network;
    private final int nodeId;
    private volatile Receiver receiver;
    private volatile boolean dead;

    private LoopbackTransport(Network network, int nodeId) {
        this.network = network;
        this.nodeId = nodeId;
    }

    @Override
    public CompletionStage<byte[]> send(int to, byte[] request, long timeoutMs) {
        var reply = new CompletableFuture<byte[]>();
        var target = network.nodes.get(to);
        if (dead || target == null) {
            reply.completeExceptionally(new IOException("node " + to + " is not there"));
            return reply;
        }
        reply.orTimeout(timeoutMs, TimeUnit.MILLISECONDS);
        Consumer<byte[]> answer = bytes -> {
            if (!target.dead) {
                network.carry(new Way(to, nodeId), () -> reply.complete(bytes));
            }
        };
        network.carry(new Way(nodeId, to), () -> {
            if (!target.dead) {
                target.receiver.receive(nodeId, request, answer);
            }
        });
        return reply;
    }

    @Override
    public void listen(Receiver newReceiver) {
        receiver = newReceiver;
        network.nodes.put(nodeId, this);
    }

    @Override
    public void close() {
        dead = true;
        network.nodes.remove(nodeId, this);
    }
}
