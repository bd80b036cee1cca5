package io.barnabas.broker.partition;

import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.log.GroupCommit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owner of the partitions hashed to it: one task at a time, in the order posted, whichever thread runs them. Tasks posted
 * while none is running are run by {@code threads}, which picks the I/O thread that posted if there is one: a produce
 * request then needs no hand-off, and all requests read in one turn of that thread are appended together.
 *
 * <p>After each drained batch of tasks every log written to is written out once, flushed if due, and its waiting responses
 * are completed. Where a topic wants its records forced to the disk ({@code durability=fsync}, {@code flush.messages}), that end of the
 * drain runs on a thread of its own, and the I/O thread goes on: what comes meanwhile shares the next fsync. See decisions/0001.
 */
public final class Worker implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Task RUNNING = new Task(() -> {});

    private final int index;
    private final Executor threads;
    private final Executor forcing;
    /** Newest posted task; null: nothing posted and nothing running. */
    private final AtomicReference<Task> newest = new AtomicReference<>();

    private final GroupCommit journals;
    private final ArrayList<Partition> touched = new ArrayList<>();
    /** Their logs are swapped for copies in other directories once the drain is committed. */
    private final ArrayList<Partition> swapping = new ArrayList<>(0);

    private volatile Thread owner;

    Worker(int index, Executor threads, Executor forcing, GroupCommit journals) {
        this.index = index;
        this.threads = threads;
        this.forcing = forcing;
        this.journals = journals;
    }

    /** Posts a task; it runs after those posted before. Any thread; never blocks. */
    @Override
    public void execute(Runnable task) {
        var posted = new Task(task);
        Task before;
        do {
            before = newest.get();
            posted.older = before;
        } while (!newest.compareAndSet(before, posted));
        if (before == null) {
            threads.execute(this::drain);
        }
    }

    /** True on the thread that is running this worker's tasks now. */
    public boolean isOwner() {
        return owner == Thread.currentThread();
    }

    /** Refuses callers outside this worker's tasks. */
    public void assertOwner() {
        if (!isOwner()) {
            throw new IllegalStateException(this + " is not owned by " + Thread.currentThread());
        }
    }

    /** Owner only: this partition has staged appends that the end of the drain must write out. */
    void touch(Partition partition) {
        touched.add(partition);
    }

    /** Owner only: this partition has a swap to do when all of the drain is written and committed. */
    void swapAtEnd(Partition partition) {
        swapping.add(partition);
    }

    private void drain() {
        owner = Thread.currentThread();
        Task batch = inOrder(newest.getAndSet(RUNNING));
        for (Task task = batch; task != null; task = task.older) {
            run(task.action);
        }
        if (mayForce()) {
            owner = null;
            commitElsewhere();
        } else {
            commit();
        }
    }

    /** Here if no other thread takes it: what is posted would wait for ever. */
    private void commitElsewhere() {
        var begun = new AtomicBoolean();
        Runnable once = () -> {
            if (begun.compareAndSet(false, true)) {
                commit();
            }
        };
        try {
            forcing.execute(once);
        } catch (RuntimeException | Error e) {
            LOG.error("{}: no other thread commits, so this one does", this, e);
            once.run();
        }
    }

    private boolean mayForce() {
        if (!swapping.isEmpty()) {
            return true;
        }
        for (int i = 0; i < touched.size(); i++) {
            if (touched.get(i).forcesWrites()) {
                return true;
            }
        }
        return false;
    }

    private void commit() {
        owner = Thread.currentThread();
        boolean awaitsJournal = false;
        for (int i = 0; i < touched.size(); i++) {
            awaitsJournal |= write(touched.get(i));
        }
        if (awaitsJournal) {
            var durable = makeDurable();
            for (int i = 0; i < touched.size(); i++) {
                var partition = touched.get(i);
                run(() -> partition.commitWritten(durable));
            }
        }
        touched.clear();
        if (!swapping.isEmpty()) {
            swapping.forEach(partition -> run(partition::swap));
            swapping.clear();
        }
        owner = null;
        if (!newest.compareAndSet(RUNNING, null)) {
            // More came meanwhile. Giving the thread back first lets it read and answer its connections in between.
            threads.execute(this::drain);
        }
    }

    /** Whether the partition's records must become durable before they are committed; if not, they are. */
    private boolean write(Partition partition) {
        try {
            if (partition.writeStaged(journals)) {
                return true;
            }
            partition.commitWritten(Set.of());
        } catch (RuntimeException | Error e) {
            LOG.error("{}: {} was not committed; the worker goes on", this, partition, e);
        }
        return false;
    }

    /** The directories that have all in their journals. */
    private Set<LogDirectory> makeDurable() {
        try {
            return journals.run();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: no records are durable; the worker goes on", this, e);
            return Set.of();
        }
    }

    private void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: a task failed; the worker goes on", this, e);
        }
    }

    /** Reverses newest-first into oldest-first, without the marker. */
    private static Task inOrder(Task newest) {
        Task ordered = null;
        for (Task task = newest; task != null && task != RUNNING; ) {
            Task older = task.older;
            task.older = ordered;
            ordered = task;
            task = older;
        }
        return ordered;
    }

    @Override
    public String toString() {
        return "worker-" + index;
    }

    private static final class Task {
        private final Runnable action;
        private Task older;

        private Task(Runnable action) {
            this.action = action;
        }
    }
}
