package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.protocol.record.RecordBatch;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.StorageException;

/**
 * Two logs of one partition, in two directories: a move was cut short between its two renames, here or at Apache Kafka, or a directory
 * failed there and is back, or a topic was deleted and created again right before a power loss. That one stays which the metadata knows of,
 * and if it knows of none, the one that holds all of the other.
 * The starting thread.
 */
final class TwoLogs {
    private final PartitionLog one;
    private final PartitionLog other;

    TwoLogs(PartitionLog one, PartitionLog other) {
        this.one = one;
        this.other = other;
    }

    /**
     * The log that can go; empty if nobody can tell. Both directories are online.
     *
     * @param topicId that the metadata has; it is only asked if it matters
     * @param recorded whether the metadata has the partition in a directory
     */
    Optional<PartitionLog> dispensable(Supplier<Uuid> topicId, Predicate<LogDirectory> recorded)
            throws StorageException {
        if (!one.topicId().equals(other.topicId())) {
            var id = topicId.get();
            if (!id.equals(Uuid.ZERO)) {
                return Optional.of(isRather(one, id) ? other : one);
            }
        }
        boolean oneIsRecorded = recorded.test(one.directory());
        if (oneIsRecorded || recorded.test(other.directory())) {
            return Optional.of(oneIsRecorded ? other : one);
        }
        if (areOfTwoTopics()) {
            return Optional.empty();
        }
        if (holds(one, other)) {
            return Optional.of(other);
        }
        return holds(other, one) ? Optional.of(one) : Optional.empty();
    }

    /** Whether this is rather the topic's log than the other. Of two logs of other topics it does not matter: both will be put aside. */
    private boolean isRather(PartitionLog log, Uuid id) {
        return log.topicId().equals(id)
                || !isKnown(log) && !otherThan(log).topicId().equals(id);
    }

    /** Whether what the log that goes holds may be wanted: it is of another topic of that name, or ends later. */
    boolean isWorthKeeping(PartitionLog dispensable) {
        return areOfTwoTopics()
                || dispensable.view().logEndOffset()
                        > otherThan(dispensable).view().logEndOffset();
    }

    PartitionLog otherThan(PartitionLog log) {
        return log == one ? other : one;
    }

    private boolean areOfTwoTopics() {
        return !one.topicId().equals(other.topicId()) && isKnown(one) && isKnown(other);
    }

    /** A log that was never flushed may have lost its topic's id. */
    private static boolean isKnown(PartitionLog log) {
        return !log.topicId().equals(Uuid.ZERO);
    }

    private static boolean holds(PartitionLog all, PartitionLog part) throws StorageException {
        var view = part.view();
        if (view.logEndOffset() > all.view().logEndOffset()) {
            return false;
        }
        if (view.sizeBytes() == 0) {
            return true;
        }
        if (all.view().logStartOffset() > view.logStartOffset()) {
            return false;
        }
        var last = header(part, view.logEndOffset() - 1);
        return last != null && last.equals(header(all, last.getLong(0)));
    }

    /** The head, with the checksum, of the batch that holds an offset; null if there is none, or it cannot be found for damage. */
    static ByteBuffer header(PartitionLog log, long offset) throws StorageException {
        ReadResult read;
        try {
            read = log.read(offset, 1, ReadIsolation.LOG_END, true);
        } catch (CorruptRecordsException e) {
            return null;
        }
        if (read.error() != ErrorCode.NONE || read.records().sizeBytes() < RecordBatch.HEADER_SIZE_BYTES) {
            return null;
        }
        var batch = ByteBuffer.allocate(read.records().sizeBytes());
        try {
            read.copyTo(batch);
        } catch (IOException e) {
            throw log.directory().fail("Cannot read " + log.partition(), e);
        }
        return batch.flip().slice(0, RecordBatch.HEADER_SIZE_BYTES);
    }
}
