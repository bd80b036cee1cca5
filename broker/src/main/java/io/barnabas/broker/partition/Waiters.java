package io.barnabas.broker.partition;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Parked responses of one partition. Added and removed by any thread, woken by the partition's worker. A doubly linked list,
 * so that a poll leaves in constant time however many others wait.
 */
public final class Waiters {
    private final ReentrantLock lock = new ReentrantLock();
    private final Ticket head = new Ticket(null);
    private volatile int count;

    public Waiters() {
        head.next = head;
        head.previous = head;
    }

    /** Parks {@code waiter} here until its ticket is cancelled. Look at the log again afterwards: it may have grown before. */
    public Ticket add(Waiter waiter) {
        var ticket = new Ticket(waiter);
        lock.lock();
        try {
            ticket.previous = head.previous;
            ticket.next = head;
            head.previous.next = ticket;
            head.previous = ticket;
            count++;
        } finally {
            lock.unlock();
        }
        return ticket;
    }

    /** This many bytes became readable. */
    void advanced(int newBytes) {
        wake(newBytes);
    }

    /** Something other than growth happened (leadership, deletion): everyone should look. */
    void disturbed() {
        wake(Integer.MAX_VALUE);
    }

    private void wake(int newBytes) {
        if (count == 0) {
            return;
        }
        lock.lock();
        try {
            for (Ticket ticket = head.next; ticket != head; ticket = ticket.next) {
                ticket.waiter.advanced(newBytes);
            }
        } finally {
            lock.unlock();
        }
    }

    /** One who waits. Called on workers, holding the list: only counts and posts, never cancels tickets itself. */
    public interface Waiter {
        void advanced(int newBytes);
    }

    /** A place in the list. */
    public final class Ticket {
        private final Waiter waiter;
        private Ticket previous;
        private Ticket next;

        private Ticket(Waiter waiter) {
            this.waiter = waiter;
        }

        /** Leaves the list; once only. */
        public void cancel() {
            lock.lock();
            try {
                previous.next = next;
                next.previous = previous;
                count--;
            } finally {
                lock.unlock();
            }
        }
    }
}
