package io.barnabas.broker.time;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A wheel of slots one tick apart. Adding and cancelling link and unlink one node. The thread {@code timer} sleeps until the
 * next occupied slot, so a broker with nothing to wait for does not wake.
 */
public final class WheelTimer implements Timer, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WheelTimer.class);
    private static final int SLOTS = 512;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition earlier = lock.newCondition();
    private final Entry[] slots = new Entry[SLOTS];
    private final long[] occupied = new long[SLOTS / Long.SIZE];
    private final long startNanos = System.nanoTime();
    private final Thread thread;
    /** Slots up to this tick are done. */
    private long doneTick;
    /** The tick the thread sleeps for. */
    private long wakeTick = Long.MAX_VALUE;

    private boolean closed;

    public WheelTimer() {
        thread = new Thread(this::run, "timer");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public Deadline schedule(long delayMs, Runnable task) {
        long delayNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(0, delayMs));
        long now = System.nanoTime() - startNanos;
        long dueNanos = Math.min(Long.MAX_VALUE - now - TICK_NANOS, delayNanos) + now;
        var entry = new Entry(task, dueNanos / TICK_NANOS + 1);
        lock.lock();
        try {
            entry.tick = Math.max(entry.tick, doneTick + 1);
            link(entry);
            if (entry.tick < wakeTick) {
                earlier.signal();
            }
        } finally {
            lock.unlock();
        }
        return entry;
    }

    /** Stops the thread; pending tasks never run. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            earlier.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (true) {
            Entry due;
            lock.lock();
            try {
                due = awaitDue();
            } catch (InterruptedException e) {
                return;
            } finally {
                lock.unlock();
            }
            if (due == null) {
                return;
            }
            for (; due != null; due = due.next) {
                runTask(due.task);
            }
        }
    }

    private static void runTask(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A timed task failed; the timer goes on", e);
        }
    }

    /** Sleeps until at least one entry is due; a chain of due entries, or null once closed. */
    private Entry awaitDue() throws InterruptedException {
        while (!closed) {
            long now = System.nanoTime() - startNanos;
            Entry due = takeDue(now / TICK_NANOS);
            if (due != null) {
                return due;
            }
            wakeTick = nextOccupiedTick();
            if (wakeTick == Long.MAX_VALUE) {
                earlier.await();
            } else {
                earlier.awaitNanos(wakeTick * TICK_NANOS - now);
            }
            wakeTick = Long.MAX_VALUE;
        }
        return null;
    }

    private Entry takeDue(long nowTick) {
        Entry chain = null;
        Entry last = null;
        long from = Math.max(doneTick + 1, nowTick - SLOTS + 1);
        for (long tick = from; tick <= nowTick; tick++) {
            Entry entry = slots[(int) (tick % SLOTS)];
            while (entry != null) {
                Entry following = entry.next;
                if (entry.tick <= nowTick) {
                    unlink(entry);
                    if (last == null) {
                        chain = entry;
                    } else {
                        last.next = entry;
                    }
                    last = entry;
                }
                entry = following;
            }
        }
        doneTick = Math.max(doneTick, nowTick);
        return chain;
    }

    /** First tick after {@link #doneTick} whose slot holds anything, perhaps for a later round. */
    private long nextOccupiedTick() {
        for (long tick = doneTick + 1; tick <= doneTick + SLOTS; ) {
            int slot = (int) (tick % SLOTS);
            long word = occupied[slot / Long.SIZE] >>> (slot % Long.SIZE);
            if (word != 0) {
                return tick + Long.numberOfTrailingZeros(word);
            }
            tick += Long.SIZE - slot % Long.SIZE;
        }
        return Long.MAX_VALUE;
    }

    private void link(Entry entry) {
        int slot = (int) (entry.tick % SLOTS);
        entry.next = slots[slot];
        if (entry.next != null) {
            entry.next.previous = entry;
        }
        slots[slot] = entry;
        occupied[slot / Long.SIZE] |= 1L << (slot % Long.SIZE);
        entry.linked = true;
    }

    private void unlink(Entry entry) {
        int slot = (int) (entry.tick % SLOTS);
        if (entry.previous == null) {
            slots[slot] = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next != null) {
            entry.next.previous = entry.previous;
        }
        entry.next = null;
        entry.previous = null;
        entry.linked = false;
        if (slots[slot] == null) {
            occupied[slot / Long.SIZE] &= ~(1L << (slot % Long.SIZE));
        }
    }

    private final class Entry implements Deadline {
        private final Runnable task;
        private long tick;
        private Entry previous;
        private Entry next;
        private boolean linked;

        private Entry(Runnable task, long tick) {
            this.task = task;
            this.tick = tick;
        }

        @Override
        public boolean cancel() {
            lock.lock();
            try {
                if (!linked) {
                    return false;
                }
                unlink(this);
                return true;
            } finally {
                lock.unlock();
            }
        }
    }
}
