package io.barnabas.storage.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of one log directory: files of the same size that are used in turn. One whose logs have become durable themselves is
 * free again; a thread that lives while there is such work, {@code journal}, sees to it. Without any append it costs nothing. Any
 * thread; whoever commits while another one waits for the disk shares the next fsync.
 */
public final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int MOST_FILES = 8;
    private static final long IDLE_S = 10;

    private final LogDirectory directory;
    private final long fileBytes;
    private final ThreadPoolExecutor trimming;
    private final Object forcing = new Object();
    private final List<JournalFile> files = new ArrayList<>();
    private final ArrayDeque<JournalFile> full = new ArrayDeque<>();
    private final ArrayDeque<JournalFile> free = new ArrayDeque<>();
    private JournalFile current;
    private long sequence;
    /** How many groups were written, and how many of them are durable. */
    private long written;

    private volatile long durable;

    /** @param fileBytes a file that has this many is full */
    public Journal(LogDirectory directory, long fileBytes) {
        this.directory = directory;
        this.fileBytes = fileBytes;
        trimming = new ThreadPoolExecutor(1, 1, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            var thread = new Thread(task, "journal");
            thread.setDaemon(true);
            return thread;
        });
        trimming.allowCoreThreadTimeOut(true);
    }

    /** Returns when the entries are on stable storage. Whatever else happens takes the directory offline. */
    public void commit(JournalEntries entries) throws StorageException {
        try {
            force(write(entries));
        } catch (IOException | RuntimeException | Error e) {
            throw failed(e);
        }
    }

    /**
     * Called by whoever finds it before the lock is left that it was found under: what others do under that lock next, such as a force that
     * succeeds because the one before was told of the error, must count for nothing.
     */
    private StorageException failed(Throwable cause) {
        return directory.fail("Cannot write the journal", cause);
    }

    /**
     * Durably notes that records of a partition at and above an offset are gone, so that their entries do not bring them back.
     *
     * @param offset 0 if the partition leaves the directory
     */
    public void cut(TopicIdPartition partition, long offset) throws StorageException {
        if (isInUse()) {
            commit(JournalEntries.cut(partition, offset));
        }
    }

    /** Whether anything was ever written. */
    public synchronized boolean isInUse() {
        return !files.isEmpty();
    }

    private long write(JournalEntries entries) throws IOException {
        while (true) {
            long group = writeIfRoom(entries);
            if (group > 0) {
                return group;
            }
            advance();
        }
    }

    /** 0 if there is no file with room. */
    private synchronized long writeIfRoom(JournalEntries entries) throws IOException {
        directory.ensureOnline();
        if (!hasRoom()) {
            return 0;
        }
        try {
            current.write(entries);
            return ++written;
        } catch (IOException | RuntimeException | Error e) {
            throw failed(e);
        }
    }

    private boolean hasRoom() throws IOException {
        return current != null && current.usedBytes() < fileBytes;
    }

    /** One step towards a file with room. */
    private void advance() throws IOException {
        synchronized (forcing) {
            synchronized (this) {
                directory.ensureOnline();
                if (hasRoom()) {
                    return;
                }
                try {
                    if (current != null) {
                        endCurrent();
                    }
                    if (begunNext()) {
                        return;
                    }
                } catch (IOException | RuntimeException | Error e) {
                    throw failed(e);
                }
            }
        }
        awaitTrim();
    }

    private void endCurrent() throws IOException {
        current.force();
        durable = written;
        full.add(current);
        current = null;
        trimming.execute(this::trim);
    }

    /** Whether there was a file to begin. */
    private boolean begunNext() throws IOException {
        var next = free.poll();
        if (next == null && files.size() < MOST_FILES) {
            next = JournalFile.create(directory.disk(), directory.path(), files.size());
            files.add(next);
        }
        if (next != null) {
            next.begin(++sequence);
            current = next;
        }
        return next != null;
    }

    private synchronized void awaitTrim() throws IOException {
        boolean interrupted = false;
        while (free.isEmpty() && current == null && directory.isOnline()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void force(long group) throws IOException {
        if (durable >= group) {
            return;
        }
        synchronized (forcing) {
            if (durable >= group) {
                return;
            }
            directory.ensureOnline();
            JournalFile file;
            long upTo;
            synchronized (this) {
                file = current;
                upTo = written;
            }
            // Not null: before the last file is full the groups in it are durable.
            try {
                long startedNanos = System.nanoTime();
                file.force();
                directory.flushTimes().done(startedNanos);
                durable = upTo;
            } catch (IOException | RuntimeException | Error e) {
                throw failed(e);
            }
        }
    }

    private void trim() {
        try {
            List<JournalFile> done;
            var logs = Collections.<Journaled>newSetFromMap(new IdentityHashMap<>());
            synchronized (this) {
                done = List.copyOf(full);
                done.forEach(file -> logs.addAll(file.logs()));
            }
            for (var log : logs) {
                log.makeDurable();
            }
            synchronized (this) {
                full.removeAll(done);
                free.addAll(done);
            }
        } catch (StorageException | RuntimeException | Error e) {
            directory.fail("Cannot trim the journal", e);
        } finally {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /** Ends a journal whose logs are all durable: its files are deleted. */
    public void close() throws IOException {
        abandon();
        List<Path> byAge;
        synchronized (this) {
            byAge = files.stream()
                    .sorted(Comparator.comparingLong(JournalFile::sequence))
                    .map(JournalFile::path)
                    .toList();
        }
        JournalFile.delete(directory.disk(), directory.path(), byAge);
    }

    /** Lets go of the files and leaves them to the next start. Nobody may commit any more. */
    public void abandon() {
        trimming.shutdown();
        synchronized (this) {
            for (var file : files) {
                try {
                    file.close();
                } catch (IOException e) {
                    LOG.debug("{} was not closed cleanly", file.path(), e);
                }
            }
        }
    }
}
