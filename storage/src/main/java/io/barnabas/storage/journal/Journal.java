package io.barnabas.storage.journal;

import java.io.IOException;
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
    /** Instead of the number of a group: there is no file with room. */
    private static final long NO_ROOM = 0;
    /** Instead of the number of a group: nor is there space for one. */
    private static final long NO_SPACE = -1;

    private final LogDirectory directory;
    private final long fileBytes;
    private final ThreadPoolExecutor trimming;
    private final Object forcing = new Object();
    private final List<JournalFile> files = new ArrayList<>();
    private final ArrayDeque<JournalFile> full = new ArrayDeque<>();
    private final ArrayDeque<JournalFile> free = new ArrayDeque<>();
    private JournalFile current;
    /** The last trim found no space for the small files of a log. */
    private boolean trimWaits;
    /** A group of which the current file may have a part was not written: nothing follows it. */
    private boolean torn;

    private long sequence;
    /** The last group found no space. */
    private boolean isFull;
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

    /**
     * Returns when the entries are on stable storage; if there is no space for them, when their logs are. Whatever else happens takes the
     * directory offline.
     */
    public void commit(JournalEntries entries) throws StorageException {
        if (!isWritten(entries)) {
            for (var log : entries.logs()) {
                log.makeDurable();
            }
        }
    }

    /**
     * Durably notes that records of a partition at and above an offset are gone, so that their entries do not bring them back. If there is
     * no space for that, all logs are flushed, and all entries go.
     *
     * @param offset 0 if the partition leaves the directory
     */
    public void cut(TopicIdPartition partition, long offset) throws StorageException {
        if (isInUse() && !isWritten(JournalEntries.cut(partition, offset))) {
            clear();
        }
    }

    /** False if there is no space. */
    private boolean isWritten(JournalEntries entries) throws StorageException {
        try {
            long group = write(entries);
            tell(group == NO_SPACE);
            if (group != NO_SPACE) {
                force(group);
            }
            return group != NO_SPACE;
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

    private synchronized void tell(boolean full) {
        if (full && !isFull) {
            LOG.warn(
                    "There is no space for the journal of {}: until there is, each log is flushed by itself",
                    directory);
        }
        isFull = full;
    }

    /** Whether anything was ever written. */
    public synchronized boolean isInUse() {
        return !files.isEmpty();
    }

    /** The number of the group, or {@link #NO_SPACE}. */
    private long write(JournalEntries entries) throws IOException {
        while (true) {
            long group = writeIfRoom(entries);
            if (group != NO_ROOM) {
                return group;
            }
            if (!advance()) {
                return NO_SPACE;
            }
        }
    }

    /** The number of the group, or {@link #NO_SPACE}; {@link #NO_ROOM} if there is no file with room. */
    private synchronized long writeIfRoom(JournalEntries entries) throws IOException {
        directory.ensureOnline();
        if (!hasRoom()) {
            return NO_ROOM;
        }
        try {
            current.write(entries);
            return ++written;
        } catch (IOException e) {
            if (!directory.reserve().isWhy(e)) {
                throw failed(e);
            }
            LOG.debug("The journal of {} finds no space", directory, e);
            // The beginning of a group may be there. What follows must not be where its rest was to be: entries of the
            // same sizes, written later, could then make what is left of the rest look whole.
            torn = true;
            return NO_SPACE;
        } catch (RuntimeException | Error e) {
            throw failed(e);
        }
    }

    private boolean hasRoom() throws IOException {
        return current != null && !torn && current.usedBytes() < fileBytes;
    }

    /** One step towards a file with room; false if there is no space for one. */
    private boolean advance() throws IOException {
        synchronized (forcing) {
            synchronized (this) {
                directory.ensureOnline();
                if (hasRoom()) {
                    return true;
                }
                try {
                    if (current != null) {
                        endCurrent();
                    }
                    if (begunNext()) {
                        return true;
                    }
                } catch (IOException e) {
                    if (directory.reserve().isWhy(e)) {
                        LOG.debug("The journal of {} finds no space for a file", directory, e);
                        return false;
                    }
                    throw failed(e);
                } catch (RuntimeException | Error e) {
                    throw failed(e);
                }
            }
        }
        return awaitTrim();
    }

    /** Nothing more is written to the file: when its logs are durable it is free. */
    private void endCurrent() throws IOException {
        current.force();
        durable = written;
        full.add(current);
        current = null;
        torn = false;
        trimming.execute(this::trim);
    }

    /** Whether there was a file to begin. */
    private boolean begunNext() throws IOException {
        var next = free.poll();
        if (next == null && files.size() < MOST_FILES) {
            next = JournalFile.create(directory.disk(), directory.path(), files.size());
            files.add(next);
        }
        if (next == null) {
            return false;
        }
        try {
            next.begin(++sequence);
            current = next;
            return true;
        } catch (IOException e) {
            // Still the oldest.
            free.addFirst(next);
            throw e;
        }
    }

    /** False if there is no space for what a trim writes: it is tried again with the next group. */
    private synchronized boolean awaitTrim() {
        boolean interrupted = false;
        if (trimWaits) {
            trimWaits = false;
            trimming.execute(this::trim);
        }
        while (free.isEmpty() && current == null && files.size() == MOST_FILES && !trimWaits && directory.isOnline()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !trimWaits;
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
                log.makeDurableUnlessFull();
            }
            synchronized (this) {
                trimWaits = false;
                for (var file : done) {
                    if (full.remove(file)) {
                        free.add(file);
                    }
                }
            }
        } catch (StorageException e) {
            LOG.debug("The journal of {} is not trimmed: it is offline, or there is no space", directory, e);
            synchronized (this) {
                trimWaits = true;
            }
        } catch (RuntimeException | Error e) {
            directory.fail("Cannot trim the journal", e);
        } finally {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /** Makes all that the journal holds durable in the logs themselves, and begins anew without a file. */
    private void clear() throws StorageException {
        synchronized (forcing) {
            synchronized (this) {
                for (var file : files) {
                    for (var log : file.logs()) {
                        log.makeDurableUnlessFull();
                    }
                }
                durable = written;
                try {
                    deleteFiles();
                } catch (IOException e) {
                    throw directory.fail("Cannot delete the journal", e);
                }
                files.clear();
                full.clear();
                free.clear();
                current = null;
                torn = false;
                notifyAll();
            }
        }
    }

    /** The oldest first: what is left by a stop in between must not lack what was noted later. */
    private synchronized void deleteFiles() throws IOException {
        files.forEach(Journal::closeFile);
        var byAge = files.stream()
                .sorted(Comparator.comparingLong(JournalFile::sequence))
                .map(JournalFile::path)
                .toList();
        JournalFile.delete(directory.disk(), directory.path(), byAge);
    }

    /** Ends a journal whose logs are all durable: its files are deleted. */
    public void close() throws IOException {
        abandon();
        deleteFiles();
    }

    /** Lets go of the files and leaves them to the next start. Nobody may commit any more. */
    public void abandon() {
        trimming.shutdown();
        synchronized (this) {
            files.forEach(Journal::closeFile);
        }
    }

    private static void closeFile(JournalFile file) {
        try {
            file.close();
        } catch (IOException e) {
            LOG.debug("{} was not closed cleanly", file.path(), e);
        }
    }
}
