package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.DeferredDeletes;
import io.barnabas.storage.dir.LogDirectories;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.LogDirectoryException;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.journal.Journal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All partition logs of a node, over all its log directories. Thread-safe; each log has its own rules, see
 * {@link PartitionLog}.
 *
 * <p>Runs no threads of its own after {@link #open}, but for those of the journals: maintenance calls {@link #flushDue}, {@link #deleteDue} and
 * {@link #checkpoint} at the configured intervals.
 */
public final class LogStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogStore.class);

    private final LogStoreConfig config;
    private final LongSupplier clockMs;
    private final List<LogDirectories.Opened> opened;
    private final List<LogDirectory> directories;
    private final OpenFiles files;
    private final ConcurrentHashMap<TopicPartition, PartitionLog> logs = new ConcurrentHashMap<>();
    /** Loaded, but in no use: all of them early in the start; later those beside a log of their partition whose directory has failed. */
    private final Set<PartitionLog> unused = ConcurrentHashMap.newKeySet();

    private final DeferredDeletes deletes = new DeferredDeletes();
    private final Map<LogDirectory, Journal> journals = new HashMap<>();
    private final Map<LogDirectory, Checkpoints> checkpoints = new HashMap<>();
    private final Namesakes namesakes = new Namesakes(this);
    private final FutureLogs futures;
    private final NewLogs newLogs;

    private LogStore(LogStoreConfig config, Disk disk, LongSupplier clockMs) {
        this.config = config;
        this.clockMs = clockMs;
        this.futures = new FutureLogs(this, deletes, clockMs);
        this.newLogs = new NewLogs(this, config, logs, clockMs);
        this.files = new OpenFiles(disk, config.maxOpenFiles());
        this.opened = LogDirectories.open(
                config.logDirs(), config.nodeId(), config.clusterId(), files, this::directoryFailed);
        this.directories = opened.stream().map(LogDirectories.Opened::directory).toList();
        directories.stream()
                .filter(directory -> !directory.isOnline() && isIndispensable(directory))
                .findFirst()
                .ifPresent(directory -> {
                    LogDirectories.release(opened);
                    throw new LogDirectoryException("The log directory " + directory
                            + " holds the cluster metadata and cannot be used; see the error above");
                });
        directories.forEach(directory -> checkpoints.put(directory, new Checkpoints(directory)));
        directories.forEach(directory -> journals.put(directory, new Journal(directory, config.journalFileBytes())));
    }

    /**
     * Locks the directories, loads every log in them, recovering those that were not closed cleanly.
     *
     * @param clockMs wall clock in ms
     * @throws LogDirectoryException if the directories cannot be used as configured
     */
    public static LogStore open(LogStoreConfig config, Disk disk, LongSupplier clockMs) {
        var store = new LogStore(config, disk, clockMs);
        try {
            new StoreLoad(store, config, store.deletes, clockMs).run();
            return store;
        } catch (RuntimeException | Error e) {
            store.abandon();
            throw e;
        }
    }

    /** A log was loaded; nobody may use it before {@link #use}. The starting thread. */
    void loaded(PartitionLog log) {
        unused.add(log);
    }

    /** Of a partition's logs, this is the one in use from now on. The starting thread. */
    void use(PartitionLog log) {
        var before = logs.put(log.partition(), log);
        if (before != null && before != log) {
            unused.add(before);
        }
        unused.remove(log);
    }

    /** Lets go of a log in no use whose directory is about to be renamed. */
    void leaveUnused(Path path) {
        for (var log : unused) {
            if (log.path().equals(path)) {
                unused.remove(log);
                log.leave();
                log.abandon();
            }
        }
    }

    boolean isUnused(PartitionLog log) {
        return unused.contains(log);
    }

    /** All logs of a partition that were loaded or created, in use or not. The starting thread. */
    List<PartitionLog> logsOf(TopicPartition partition) {
        return Stream.concat(unused.stream(), log(partition).stream())
                .filter(log -> log.partition().equals(partition))
                .toList();
    }

    /** A copy whose log is lost takes its place. The starting thread. */
    void putInPlace(PartitionLog copy) throws StorageException {
        var directory = copy.directory();
        var path = directory.path().resolve(PartitionDirectory.name(copy.partition()));
        try {
            newLogs.putAsideForeign(copy.partition(), directory);
            directory.disk().rename(copy.path(), path);
            directory.disk().forceDirectory(directory.path());
        } catch (IOException e) {
            throw directory.fail("Cannot rename the copy of " + copy.partition(), e);
        }
        copy.abandon();
        logs.put(copy.partition(), LogSwap.renamed(copy, home(copy.partition(), directory, path), clockMs.getAsLong()));
    }

    boolean isHeld(TopicPartition partition) {
        return config.held().test(partition);
    }

    /** Whether the metadata has this topic. The starting thread. */
    boolean isCurrent(TopicIdPartition partition) {
        var recorded = config.recordedTopicId().apply(partition.topicPartition());
        return !recorded.equals(Uuid.ZERO) && recorded.equals(partition.topicId());
    }

    LogHome home(TopicPartition partition, LogDirectory directory, Path path) {
        return new LogHome(
                partition,
                directory,
                path,
                deletes,
                journal(directory),
                config.producerSettings(),
                LogHome.isCopy(path) ? this::checkpointUnlessFull : this::checkpoint);
    }

    List<LogDirectory> online() {
        return directories.stream().filter(LogDirectory::isOnline).toList();
    }

    /** Segment files that have a descriptor now. */
    public int openFiles() {
        return files.openCount();
    }

    /** All log directories, also those offline. */
    public List<LogDirectory> directories() {
        return directories;
    }

    private void directoryFailed(LogDirectory failed) {
        if (directories == null) {
            return;
        }
        if (directories.stream().noneMatch(LogDirectory::isOnline)) {
            LOG.error("All log directories have failed: {}", config.logDirs());
            config.whenAllOffline().run();
        } else if (isIndispensable(failed)) {
            LOG.error("The node cannot go on without the log directory {}", failed);
            config.whenAllOffline().run();
        }
    }

    private boolean isIndispensable(LogDirectory directory) {
        return config.indispensable().contains(directory.path());
    }

    /** Log directories that have failed. */
    public List<LogDirectory> offline() {
        return directories.stream().filter(directory -> !directory.isOnline()).toList();
    }

    /** Log directories that take no new logs while another one can. */
    public List<LogDirectory> cordoned() {
        return directories.stream().filter(LogDirectory::isCordoned).toList();
    }

    /** Looks how much space each directory has left. Maintenance thread, and before the first append. */
    public void checkSpace() {
        online().forEach(directory -> directory.reserve().check(config.minFreeBytes()));
    }

    /**
     * Creates the log of a partition in the directory that has the fewest and is not cordoned, or gives the one that is there. Costs two
     * system calls: files appear with the first record. A log of an earlier topic of that name, and files of others in a directory
     * of its name, are put aside first.
     *
     * @throws StorageException if no directory is online, or the chosen one fails; or there is no space, then it can be tried again
     */
    public PartitionLog create(TopicIdPartition partition, LogConfig logConfig) throws StorageException {
        return newLogs.create(partition, logConfig);
    }

    NewLogs newLogs() {
        return newLogs;
    }

    public Optional<PartitionLog> log(TopicPartition partition) {
        return Optional.ofNullable(logs.get(partition));
    }

    /** A snapshot-like view of all logs, also those in offline directories. */
    public Collection<PartitionLog> logs() {
        return logs.values();
    }

    /**
     * Takes a log out: its directory is renamed {@code …-delete} at once and deleted after {@code file.delete.delay.ms}. Its
     * owner must not use it any more. No-op if there is none.
     */
    public void delete(TopicPartition partition) throws StorageException {
        putAside(partition, PartitionDirectory.deleteName(partition), true);
    }

    /** Takes a log out that belongs to no topic this broker hosts, keeping its files in a directory renamed {@code …-stray}. */
    public void putAsideStray(TopicPartition partition) throws StorageException {
        putAside(partition, PartitionDirectory.strayName(partition), false);
    }

    private void putAside(TopicPartition partition, String newName, boolean delete) throws StorageException {
        futures.drop(partition);
        var log = logs.remove(partition);
        if (log != null) {
            takeOut(log, newName, delete);
        }
    }

    void takeOut(PartitionLog log, String newName, boolean delete) throws StorageException {
        var directory = log.directory();
        directory.ensureOnline();
        directory.partitions().decrementAndGet();
        var to = log.path().resolveSibling(newName);
        try {
            journal(directory).cut(log.topicIdPartition(), 0);
        } catch (StorageException e) {
            directory.ensureOnline();
            if (!delete) {
                log.leave();
                log.abandon();
                throw e;
            }
            // To make room goes first. What a crash brings back belongs to no topic, and is put aside.
            LOG.warn("The journal of {} has no space to note that {} is deleted", directory, log.partition());
        }
        log.leave();
        try {
            directory.disk().rename(log.path(), to);
        } catch (IOException e) {
            if (delete && directory.reserve().isWhy(e)) {
                deleteAtOnce(log);
                return;
            }
            log.abandon();
            throw directory.failUnlessFull("Cannot rename the directory of " + log.partition(), e);
        }
        unused.remove(log);
        namesakes.left(directory, log.partition());
        log.movedTo(to);
        log.abandon();
        if (delete) {
            deletes.add(
                    directory, List.of(to), clockMs.getAsLong() + log.config().fileDeleteDelayMs());
        }
    }

    /** On a disk too full for another name. */
    private void deleteAtOnce(PartitionLog log) throws StorageException {
        unused.remove(log);
        log.abandon();
        namesakes.left(log.directory(), log.partition());
        try {
            log.directory().disk().deleteRecursively(log.path());
        } catch (IOException e) {
            throw log.directory().fail("Cannot delete " + log.path(), e);
        }
    }

    FutureLogs futures() {
        return futures;
    }

    /**
     * Begins to move a log to another directory; {@link io.barnabas.storage.move.MoveThreads} carries it out. The log's owner; no move of it
     * is under way.
     *
     * @throws StorageException if the target is or goes offline
     */
    public LogMove move(PartitionLog log, LogDirectory target) throws StorageException {
        return futures.begin(log, target);
    }

    /**
     * Gives up the move of a partition, if one is under way, and deletes the copy, also one that a move which failed has left. The log's
     * owner.
     */
    public void dropFuture(TopicPartition partition) throws StorageException {
        futures.drop(partition);
    }

    /** The move of a partition that is under way. */
    public Optional<LogMove> moveOf(TopicPartition partition) {
        return futures.moveOf(partition);
    }

    /** A snapshot-like view of all moves under way; after the start, those that go on where they were. */
    public Collection<LogMove> moves() {
        return futures.moves();
    }

    /** The copies that are being made: logs that will replace those of their partitions. */
    public Collection<PartitionLog> futureLogs() {
        return futures.copies();
    }

    /**
     * Where a partition that does not exist yet is to be created, until the next stop.
     *
     * @return false if too many are remembered already
     */
    public boolean prefer(TopicPartition partition, LogDirectory directory) {
        return newLogs.prefer(partition, directory);
    }

    void moved(LogMove move, PartitionLog promoted) {
        logs.put(promoted.partition(), promoted);
        futures.ended(move);
        futures.forget(move.copy());
        promoted.directory().partitions().incrementAndGet();
        move.source().directory().partitions().decrementAndGet();
        move.source().abandon();
    }

    /** For one owner of logs: makes what it writes to topics with {@code durability=fsync} durable. */
    public GroupCommit newGroupCommit() {
        return new GroupCommit(this);
    }

    /** To be used under the directory's monitor. */
    Checkpoints checkpoints(LogDirectory directory) {
        return checkpoints.get(directory);
    }

    Namesakes namesakes() {
        return namesakes;
    }

    Journal journal(LogDirectory directory) {
        return journals.get(directory);
    }

    /** Flushes logs whose {@code flush.ms} is due, and rolled segments. Maintenance thread. */
    public void flushDue() {
        for (var log : logs.values()) {
            if (log.directory().isOnline()) {
                long nowMs = clockMs.getAsLong();
                try {
                    if (log.flushDue(nowMs)) {
                        log.flushUnlessFull(nowMs);
                    } else {
                        log.flushRolled(nowMs);
                    }
                } catch (StorageException e) {
                    LOG.debug("{} is not flushed: its directory is offline, or there is no space", log, e);
                }
            }
        }
    }

    /** Deletes files whose delay has passed. Maintenance thread. */
    public void deleteDue() {
        deletes.run(clockMs.getAsLong());
    }

    /**
     * Writes the recovery point, log start and high watermark checkpoints of every directory that has space for them: without, the next start
     * reads more. Maintenance thread.
     */
    public void checkpoint() {
        for (var directory : online()) {
            try {
                checkpointUnlessFull(directory);
            } catch (StorageException e) {
                LOG.warn("The checkpoints of {} were not written: {}", directory, e.getMessage());
            }
        }
    }

    /** Writes how far the logs of a directory were compacted. After each compaction; compaction thread. */
    public void checkpointCleaned(LogDirectory directory) throws StorageException {
        directory.ensureOnline();
        try {
            synchronized (directory) {
                checkpoints(directory).writeCleaned(logsIn(directory));
            }
        } catch (IOException e) {
            throw directory.failUnlessFull("Cannot write the cleaner checkpoint", e);
        }
    }

    /** Writes the checkpoints of one directory, which fails if it cannot: something is about to rest on them. Any thread. */
    public void checkpoint(LogDirectory directory) {
        if (directory.isOnline()) {
            try {
                writeCheckpoints(directory);
            } catch (IOException e) {
                directory.fail("Cannot write checkpoints", e);
            }
        }
    }

    /**
     * The same for what can wait until there is space for them.
     *
     * @throws StorageException if they were not written
     */
    public void checkpointUnlessFull(LogDirectory directory) throws StorageException {
        directory.ensureOnline();
        try {
            writeCheckpoints(directory);
        } catch (IOException e) {
            throw directory.failUnlessFull("Cannot write checkpoints", e);
        }
    }

    private void writeCheckpoints(LogDirectory directory) throws IOException {
        synchronized (directory) {
            namesakes.forced(directory, () -> checkpoints(directory).write(logsIn(directory)));
        }
    }

    /** With the copies: no directory has both a partition's log and a copy of it. */
    List<PartitionLog> logsIn(LogDirectory directory) {
        return Stream.of(unused, futures.copies(), logs.values())
                .flatMap(Collection::stream)
                .filter(log -> log.directory() == directory)
                .toList();
    }

    /**
     * Clean shutdown: flushes and closes every log, writes checkpoints and the marker. No log may be in use or move any more. A directory
     * without space for all that gets no marker: the next start recovers it.
     */
    @Override
    public void close() {
        new StoreClose(this, config, clockMs).run();
        LogDirectories.release(opened);
    }

    /** Lets go of everything without writing: what a crash would leave, for tests and for a start that failed. */
    public void abandon() {
        journals.values().forEach(Journal::abandon);
        logs.values().forEach(PartitionLog::abandon);
        unused.forEach(PartitionLog::abandon);
        futures.copies().forEach(PartitionLog::abandon);
        LogDirectories.release(opened);
    }
}
