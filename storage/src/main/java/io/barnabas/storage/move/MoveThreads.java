package io.barnabas.storage.move;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.file.Throttle;
import io.barnabas.storage.log.DamagedSourceException;
import io.barnabas.storage.log.LogMove;
import io.barnabas.storage.log.LogStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The threads {@code log-mover-n} ({@code num.replica.alter.log.dirs.threads}), which live while something moves. Each takes a log, copies
 * it until it is level and has it swapped; one that does not come to its end gives way to the others now and then.
 */
public final class MoveThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MoveThreads.class);
    private static final int CHUNK_BYTES = 256 << 10;
    /** What is copied of a log before another one's turn comes. */
    private static final long TURN_BYTES = 256L << 20;

    private static final int SWAPS_PER_TURN = 20;
    /** Chunks of a throttled copy a second, unless single batches are larger. */
    private static final double CHUNKS_PER_SECOND = 10;
    /** The longest pause that one chunk, however large, is paid with: as long as Kafka looks back. */
    private static final long LONGEST_PAUSE_MS = 11_000;

    private static final long POLL_MS = 50;
    private static final long NO_SPACE_WAIT_MS = 1_000;
    private static final long STOP_WAIT_MS = 30_000;

    private final LogStore store;
    private final Swaps swaps;
    private final Consumer<LogMove> whenMoved;
    private final LongSupplier clockMs;
    private final int limit;
    private final LinkedBlockingQueue<LogMove> waiting = new LinkedBlockingQueue<>();
    /** Of these it was told. */
    private final Set<LogMove> waitingForSpace = ConcurrentHashMap.newKeySet();

    private final List<Thread> threads = new ArrayList<>();
    private volatile Pace pace = new Pace(Long.MAX_VALUE);
    private volatile boolean closed;

    /**
     * @param limit threads at most, at least 1
     * @param whenMoved told after each swap, on the thread that copied
     * @param clockMs wall clock in ms
     */
    public MoveThreads(LogStore store, int limit, Swaps swaps, Consumer<LogMove> whenMoved, LongSupplier clockMs) {
        this.store = store;
        this.limit = limit;
        this.swaps = swaps;
        this.whenMoved = whenMoved;
        this.clockMs = clockMs;
    }

    /** What all moves together may copy a second from now on; {@code Long.MAX_VALUE} for no limit. Any thread. */
    public void limit(long bytesPerSecond) {
        if (pace.bytesPerSecond != Math.max(1, bytesPerSecond)) {
            pace = new Pace(Math.max(1, bytesPerSecond));
        }
    }

    /** A limit, with what is owed under it. */
    private static final class Pace {
        private final long bytesPerSecond;
        private final Throttle throttle = new Throttle(System::nanoTime);

        Pace(long bytesPerSecond) {
            this.bytesPerSecond = bytesPerSecond;
        }

        boolean isLimited() {
            return bytesPerSecond < Long.MAX_VALUE;
        }

        int chunkBytes() {
            return (int) Math.max(1, Math.min(CHUNK_BYTES, bytesPerSecond / CHUNKS_PER_SECOND));
        }
    }

    /** Carries a move out. Any thread; does not wait. */
    public synchronized void add(LogMove move) {
        if (closed) {
            return;
        }
        waiting.add(move);
        threads.removeIf(thread -> !thread.isAlive());
        if (threads.size() < Math.min(limit, store.moves().size())) {
            var thread = new Thread(this::run, "log-mover-" + threads.size());
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    private void run() {
        for (var move = next(); move != null; move = next()) {
            try {
                turn(move);
            } catch (RuntimeException | Error e) {
                LOG.error("{} failed; the partition stays where it is", move, e);
                move.abandon();
            }
            if (move.isOver()) {
                waitingForSpace.remove(move);
            } else if (!closed) {
                waiting.add(move);
            }
        }
    }

    /** Null ends the thread. */
    private synchronized LogMove next() {
        var move = closed ? null : waiting.poll();
        if (move == null) {
            threads.remove(Thread.currentThread());
        }
        return move;
    }

    private void turn(LogMove move) {
        try {
            copy(move);
            waitingForSpace.remove(move);
        } catch (DamagedSourceException e) {
            LOG.error(
                    "{} cannot go on, the log is damaged: {}. The partition stays where it is; look at it with kafka-dump-log",
                    move,
                    e.getMessage());
            move.abandon();
        } catch (StorageException e) {
            if (move.target().isOnline() && move.source().directory().isOnline()) {
                LOG.atLevel(waitingForSpace.add(move) ? Level.WARN : Level.DEBUG)
                        .log("{} waits: there is no space in {} ({})", move, move.target(), e.getMessage());
                sleep(NO_SPACE_WAIT_MS);
            } else {
                LOG.error("{} ends: {}", move, e.getMessage());
                move.abandon();
            }
        }
    }

    private void copy(LogMove move) throws StorageException, DamagedSourceException {
        long left = TURN_BYTES;
        int attempts = SWAPS_PER_TURN;
        while (left > 0 && attempts > 0 && !move.isOver() && !closed) {
            if (move.target().reserve().refusesClients()) {
                sleep(NO_SPACE_WAIT_MS);
                return;
            }
            var now = pace;
            int chunk = now.chunkBytes();
            int copied = move.copy(chunk, clockMs.getAsLong());
            left -= copied;
            pay(move, copied, now);
            // A chunk ends where a segment does.
            if (copied == 0 || copied < chunk / 2 && move.isNearEnd()) {
                move.prepare(clockMs.getAsLong());
                attempts--;
                boolean swapped = swap(move);
                if (swapped) {
                    checkpoint(move.target());
                    checkpoint(move.source().directory());
                    whenMoved.accept(move);
                }
                int bytes = move.takeSwapBytes();
                left -= bytes;
                pay(move, bytes, now);
                if (!swapped && copied == 0 && bytes == 0) {
                    sleep(POLL_MS);
                }
            }
        }
    }

    /** It is moved, whatever comes of this. */
    private void checkpoint(LogDirectory directory) {
        try {
            store.checkpointUnlessFull(directory);
        } catch (StorageException e) {
            LOG.debug("The checkpoints of {} are not written; maintenance does later", directory, e);
        }
    }

    private boolean swap(LogMove move) throws StorageException {
        var answer = new CompletableFuture<Boolean>();
        swaps.request(move, new Swaps.Answer() {
            @Override
            public void swapped(boolean done) {
                answer.complete(done);
            }

            @Override
            public void failed(Throwable cause) {
                answer.completeExceptionally(cause);
            }
        });
        while (true) {
            try {
                return answer.get(POLL_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (closed) {
                    move.abandon();
                    return false;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                move.abandon();
                return false;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof StorageException storage) {
                    throw storage;
                }
                throw new IllegalStateException("The swap of " + move + " failed", e.getCause());
            }
        }
    }

    private void pay(LogMove move, int bytes, Pace now) {
        if (bytes > 0 && now.isLimited()) {
            long owedMs = TimeUnit.NANOSECONDS.toMillis(now.throttle.take(bytes, now.bytesPerSecond));
            long left = Math.min(owedMs, LONGEST_PAUSE_MS);
            while (left > 0 && pace == now && !move.isOver() && !closed) {
                sleep(Math.min(left, POLL_MS));
                left -= POLL_MS;
            }
        }
    }

    private void sleep(long ms) {
        try {
            for (long left = ms; left > 0 && !closed; left -= POLL_MS) {
                Thread.sleep(Math.min(left, POLL_MS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns when all threads have put down what they were at; the next start goes on with it. */
    @Override
    public void close() {
        List<Thread> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(threads);
        }
        try {
            for (var thread : left) {
                thread.join(STOP_WAIT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        store.moves().forEach(LogMove::abandon);
    }
}
