package io.barnabas.broker.coordinator;

import java.util.Arrays;

/**
 * Timers as data: a heap ordered by time, then by name. A heartbeat that moves a deadline further away, the common case, only
 * writes a field: the heap notices when the old time comes. So {@link #next} may be earlier than anything is due; polling then
 * gives nothing and moves it on.
 *
 * @param <T> what is to be done
 */
public final class Deadlines<T> {
    /** No time. */
    public static final long NEVER = Long.MAX_VALUE;

    private Deadline<T>[] heap = newHeap(16);
    private int size;

    /** A timer that is not running. */
    public Deadline<T> timer(String name, T task) {
        return new Deadline<>(name, task);
    }

    /** Starts or restarts a timer. */
    public void schedule(Deadline<T> deadline, long atMs) {
        deadline.dueMs = atMs;
        if (deadline.index < 0) {
            deadline.keyMs = atMs;
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            place(deadline, size++);
            siftUp(deadline.index);
        } else if (atMs < deadline.keyMs) {
            deadline.keyMs = atMs;
            siftUp(deadline.index);
        }
    }

    /** Stops a timer, if it runs. */
    public void cancel(Deadline<T> deadline) {
        deadline.dueMs = NEVER;
        if (deadline.index >= 0) {
            removeAt(deadline.index);
        }
    }

    /** No timer is due before this time. */
    public long next() {
        return size == 0 ? NEVER : heap[0].keyMs;
    }

    /** Stops and returns the first timer that is due, or null. */
    public Deadline<T> poll(long nowMs) {
        while (size > 0 && heap[0].keyMs <= nowMs) {
            var first = heap[0];
            if (first.dueMs > first.keyMs) {
                first.keyMs = first.dueMs;
                siftDown(0);
            } else {
                cancel(first);
                return first;
            }
        }
        return null;
    }

    /** How many timers run. */
    public int size() {
        return size;
    }

    private void removeAt(int index) {
        heap[index].index = -1;
        var last = heap[--size];
        heap[size] = null;
        if (index < size) {
            place(last, index);
            siftUp(index);
            siftDown(last.index);
        }
    }

    private void siftUp(int from) {
        var moved = heap[from];
        int index = from;
        while (index > 0) {
            int parent = (index - 1) / 2;
            if (!moved.isBefore(heap[parent])) {
                break;
            }
            place(heap[parent], index);
            index = parent;
        }
        place(moved, index);
    }

    private void siftDown(int from) {
        var moved = heap[from];
        int index = from;
        for (int child = 2 * index + 1; child < size; child = 2 * index + 1) {
            if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
                child++;
            }
            if (!heap[child].isBefore(moved)) {
                break;
            }
            place(heap[child], index);
            index = child;
        }
        place(moved, index);
    }

    private void place(Deadline<T> deadline, int index) {
        heap[index] = deadline;
        deadline.index = index;
    }

    @SuppressWarnings("unchecked")
    private static <T> Deadline<T>[] newHeap(int capacity) {
        return (Deadline<T>[]) new Deadline<?>[capacity];
    }

    /** One timer; runs between schedule and cancel or poll. */
    public static final class Deadline<T> {
        private final String name;
        private final T task;
        private long dueMs = NEVER;
        /** Where the heap has it; never later than {@link #dueMs}. */
        private long keyMs;

        private int index = -1;

        private Deadline(String name, T task) {
            this.name = name;
            this.task = task;
        }

        public T task() {
            return task;
        }

        /** {@link #NEVER} if the timer is not running. */
        public long dueMs() {
            return dueMs;
        }

        private boolean isBefore(Deadline<T> other) {
            return keyMs != other.keyMs ? keyMs < other.keyMs : name.compareTo(other.name) < 0;
        }

        @Override
        public String toString() {
            return name + "@" + dueMs;
        }
    }
}
