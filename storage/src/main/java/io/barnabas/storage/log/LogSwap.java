package io.barnabas.storage.log;

import java.io.IOException;
import java.util.List;

import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.journal.Journal;
import io.barnabas.storage.recovery.LoadedLog;

/**
 * Puts a level copy of a log in its place. Once: the log's owner.
 *
 * <p>The order is Kafka's: the copy gets its final name before the log loses it. Two directories cannot be renamed at once; a crash in
 * between leaves two logs of one partition, of which the next start keeps the one that holds all of the other ({@link FutureLogs}).
 * Before the first rename all of the copy is on stable storage, and nothing that the journal of the old directory holds is needed any
 * more.
 */
final class LogSwap {
    private final LogState source;
    private final LogState copy;
    private final PartitionLog copyLog;
    private final Journal sourceJournal;
    private final Journal targetJournal;

    LogSwap(PartitionLog source, PartitionLog copy, Journal sourceJournal, Journal targetJournal) {
        this.source = source.state();
        this.copy = copy.state();
        this.copyLog = copy;
        this.sourceJournal = sourceJournal;
        this.targetJournal = targetJournal;
    }

    /** The log that a directory has, when that has another name; the old object must not be used any more. */
    static PartitionLog renamed(PartitionLog log, LogHome home, long nowMs) throws StorageException {
        var from = log.state();
        from.chain.movedTo(home.path());
        from.epochs.directory(home.path());
        try {
            from.producers.moveTo(
                    home.path(), from.producers.latestSnapshotOffset().orElse(0));
        } catch (IOException e) {
            throw log.directory().fail("Cannot list " + home.path(), e);
        }
        var loaded = new LoadedLog(
                from.chain.all(),
                from.logStartOffset,
                from.chain.nextOffset(),
                from.flusher.recoveryPoint(),
                from.epochs,
                from.producers);
        return PartitionLog.of(new LogState(
                home,
                from.topicId.in(home.path()),
                from.config,
                loaded,
                from.highWatermark,
                from.cleanedOffset,
                false,
                nowMs));
    }

    /** @throws StorageException if a directory failed before the copy had its final name: the log goes on as it was */
    PartitionLog run(long nowMs) throws StorageException {
        long end = source.view.logEndOffset();
        seal(end, nowMs);
        if (sourceJournal.isInUse()) {
            source.flusher.flush(() -> source.view, nowMs);
            sourceJournal.cut(source.topicIdPartition(), 0);
        }
        var promoted = promote(end, nowMs);
        retire(nowMs);
        return promoted;
    }

    /**
     * Makes the copy whole and durable. A segment begins at the end, with a snapshot of what the log knows of its producers: more than
     * could be found in the records that are left.
     */
    private void seal(long end, long nowMs) throws StorageException {
        try {
            if (end > 0) {
                copyLog.skipTo(end, nowMs);
            }
            copyLog.flush(nowMs);
            if (end > 0) {
                // A log that was emptied has nothing to flush, and this file all the same.
                copy.topicId.ensureWritten();
                copy.topicId.force();
                source.producers.copyTo(copy.home.path(), end);
                source.epochs.copyTo(copy.home.path()).flush();
            }
            copy.home.disk().forceDirectory(copy.home.path());
        } catch (StorageException e) {
            throw e;
        } catch (IOException e) {
            throw copy.failed("complete the copy of", e);
        }
    }

    private PartitionLog promote(long end, long nowMs) throws StorageException {
        var target = copy.home.directory();
        var path = target.path().resolve(PartitionDirectory.name(copy.partition()));
        try {
            target.disk().rename(copy.home.path(), path);
            target.disk().forceDirectory(target.path());
        } catch (IOException e) {
            throw target.fail("Cannot rename the copy of " + copy.partition(), e);
        }
        copy.flusher.leave();
        copy.gone = true;
        copy.chain.movedTo(path);
        copy.home.deletes().moved(copy.home.path(), path);
        source.producers.moveTo(path, end);
        var home = new LogHome(
                copy.partition(),
                target,
                path,
                copy.home.deletes(),
                targetJournal,
                copy.home.producerSettings(),
                copy.home.recoveryPointLowered());
        var loaded = new LoadedLog(
                copy.chain.all(),
                Math.max(source.logStartOffset, copy.chain.firstOffset()),
                end,
                end,
                source.epochs.copyTo(path),
                source.producers);
        var state = new LogState(
                home,
                copy.topicId.in(path),
                source.config,
                loaded,
                source.highWatermark,
                source.cleanedOffset,
                true,
                nowMs);
        state.checkpointedRecoveryPoint = copy.checkpointedRecoveryPoint;
        state.writtenRecoveryPoint = copy.writtenRecoveryPoint;
        return PartitionLog.of(state);
    }

    /** Whoever still reads the old files goes on with them until they are deleted. */
    private void retire(long nowMs) {
        var directory = source.home.directory();
        var to = directory.path().resolve(PartitionDirectory.deleteName(source.partition()));
        source.cutting = true;
        try {
            directory.ensureOnline();
            // A flush that does not find its files any more is no failure. Reads wait until they are where they are to
            // be.
            source.flusher.leave();
            directory.disk().rename(source.home.path(), to);
            source.chain.movedTo(to);
            source.gone = true;
            directory.disk().forceDirectory(directory.path());
            source.home.deletes().add(directory, List.of(to), nowMs + source.config.fileDeleteDelayMs());
        } catch (StorageException e) {
            // It is offline already; at the next start the copy, which has all of it, takes its place.
        } catch (IOException e) {
            fail(directory, e);
        } finally {
            source.gone = true;
            source.flusher.leave();
            source.cutting = false;
        }
    }

    private void fail(LogDirectory directory, IOException cause) {
        directory.fail("Cannot rename the directory of " + source.partition() + ", which has moved away", cause);
    }
}
