package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;

import io.barnabas.storage.file.StorageException;

/**
 * The end of a log that is staged and not written yet. All of it is written together; or, for want of space, none of it is in the log,
 * and the log goes on where it was. Owner only.
 */
final class StagedTail {
    private final LogState log;
    private final Truncation truncation;
    /** What was staged is forgotten, for this reason; {@link #write}, which must come, says so. */
    private StorageException forgotten;
    /** Told to the directory's reserve as staged. */
    private long reservedBytes;
    /** Records written since {@code flush.messages} last asked for a flush. */
    private long unflushedMessages;

    StagedTail(LogState log, Truncation truncation) {
        this.log = log;
        this.truncation = truncation;
    }

    /** See {@link PartitionLog#stage(ByteBuffer, int, AppendOrigin, long, short, long)}. */
    AppendResult stage(
            ByteBuffer batches,
            int leaderEpoch,
            AppendOrigin origin,
            long verificationGuard,
            short transactionVersion,
            long nowMs)
            throws StorageException {
        log.ensureUsable();
        if (forgotten != null) {
            throw forgotten;
        }
        try {
            var result = origin == AppendOrigin.REPLICATION
                    ? log.appender.stageReplicated(batches, leaderEpoch, log.config, log.logStartOffset, nowMs)
                    : log.appender.stageOwn(
                            batches,
                            leaderEpoch,
                            origin,
                            verificationGuard,
                            transactionVersion,
                            log.config,
                            log.logStartOffset,
                            nowMs);
            reserve();
            return result;
        } catch (IOException e) {
            throw notTaken("append to", e, nowMs);
        }
    }

    private void reserve() {
        long more = log.appender.unwrittenBytes() - reservedBytes;
        if (more > 0) {
            reservedBytes += more;
            log.home.directory().reserve().staged(more);
        }
    }

    private void release() {
        if (reservedBytes > 0) {
            log.home.directory().reserve().written(reservedBytes);
            reservedBytes = 0;
        }
    }

    /** Writes it and publishes the view; or says why it was forgotten. */
    void write(long nowMs) throws StorageException {
        try {
            if (forgotten != null) {
                throw forgotten;
            }
            writeOut(nowMs);
        } finally {
            forgotten = null;
        }
    }

    /** Writes what is there, so that nothing is staged. */
    void writeOut(long nowMs) throws StorageException {
        if (!log.appender.hasUnwritten()) {
            return;
        }
        if (log.gone) {
            log.appender.forget();
            release();
        }
        log.ensureUsable();
        try {
            log.topicId.ensureWritten();
            log.chain.write();
        } catch (IOException e) {
            throw notTaken("write to", e, nowMs);
        }
        release();
        unflushedMessages += log.appender.takeWritten();
        log.publish();
        if (unflushedMessages >= log.config.flushMessages()) {
            log.flush(nowMs);
            unflushedMessages = 0;
        }
    }

    /** What was staged is not in the log: for want of space, or because the directory has failed. */
    private StorageException notTaken(String verb, IOException cause, long nowMs) {
        release();
        var reserve = log.home.directory().reserve();
        if (!reserve.isWhy(cause)) {
            return log.failed(verb, cause);
        }
        if (!log.home.isCopy()) {
            reserve.exhausted();
        }
        boolean hadStaged = log.appender.hasUnwritten();
        try {
            truncation.forgetStaged(nowMs);
        } catch (IOException e) {
            return log.notCut("cut off what found no space in", e);
        }
        var exception = new StorageException(
                "No space to " + verb + " " + log.partition() + " in log directory " + log.home.directory(), cause);
        if (hadStaged) {
            forgotten = exception;
        }
        return exception;
    }
}
