package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
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

    /**
     * @throws StorageException if a directory failed, or there was no space in the copy's, before the copy had its final name: the log goes on
     *     as it was, and so does the copy if its directory is online
     */
    PartitionLog run(long nowMs) throws StorageException {
        long end = source.view.logEndOffset();
        try {
            complete(end, nowMs);
            copyLog.flush(nowMs);
            force(copy.home.path());
            if (sourceJournal.isInUse()) {
                source.flush(nowMs);
                sourceJournal.cut(source.topicIdPartition(), 0);
            }
            rename();
        } catch (StorageException e) {
            undo(end);
            throw e;
        }
        var promoted = promote(end, nowMs);
        retire(nowMs);
        return promoted;
    }

    /**
     * Makes the copy whole: all that needs space, so that a full disk is found while the copy can still stay one. A segment begins at the
     * end, with a snapshot of what the log knows of its producers: more than could be found in the records that are left.
     */
    private void complete(long end, long nowMs) throws StorageException {
        if (end == 0) {
            return;
        }
        copyLog.skipTo(end, nowMs);
        try {
            // A log that was emptied has nothing to flush, and this file all the same.
            copy.topicId.ensureWritten();
            copy.topicId.force();
            // Its own, for the flush to leave those of the log alone.
            copy.epochs.flush();
            source.epochs.copyTo(copy.home.path()).flush();
            source.producers.copyTo(copy.home.path(), end);
        } catch (IOException e) {
            throw copy.home.directory().failUnlessFull("Cannot complete the copy of " + copy.partition(), e);
        }
    }

    private void rename() throws StorageException {
        try {
            copy.home.disk().rename(copy.home.path(), path());
        } catch (IOException e) {
            throw copy.home.directory().failUnlessFull("Cannot rename the copy of " + copy.partition(), e);
        }
    }

    private Path path() {
        return copy.home.directory().path().resolve(PartitionDirectory.name(copy.partition()));
    }

    private void force(Path directory) throws StorageException {
        try {
            copy.home.disk().forceDirectory(directory);
        } catch (IOException e) {
            throw copy.failed("force the directory of", e);
        }
    }

    /** What is the log's, not the copy's, goes again: the copy follows the log on, which may be cut. */
    private void undo(long end) throws StorageException {
        if (!copy.home.directory().isOnline()) {
            return;
        }
        copy.epochs.rewrite();
        try {
            copy.producers.dropSnapshot(end);
        } catch (IOException e) {
            throw copy.failed("delete a producer snapshot of", e);
        }
    }

    private PartitionLog promote(long end, long nowMs) throws StorageException {
        var target = copy.home.directory();
        var path = path();
        force(target.path());
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
                source.home.recoveryPointLowered());
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
        state.recoveryCheckpoint.takeOver(copy.recoveryCheckpoint);
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
