package io.barnabas.broker.handler.data;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.partition.Partition;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.FetchResponse;
import io.barnabas.protocol.message.FetchResponse.PartitionData;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.protocol.wire.RecordBytes;
import io.barnabas.storage.epoch.EpochEndOffset;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.log.LogView;
import io.barnabas.storage.log.ReadIsolation;
import io.barnabas.storage.log.ReadResult;
import io.barnabas.storage.producer.AbortedTransaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads partitions for Fetch: from published views, on the connection's thread. */
final class FetchReader {
    private static final Logger LOG = LoggerFactory.getLogger(FetchReader.class);
    private static final long UNKNOWN_OFFSET = -1;

    private final Partitions partitions;
    private final Cluster cluster;

    FetchReader(Partitions partitions, Cluster cluster) {
        this.partitions = partitions;
        this.cluster = cluster;
    }

    /**
     * Reads targets in order until {@code maxBytes} are found; at least one batch of the first that has any, however large.
     *
     * @param replica the client claims to be a replica; none is known yet, so it is refused
     */
    List<FetchedPartition> read(List<FetchTarget> targets, int maxBytes, ReadIsolation isolation, boolean replica) {
        return read(targets, maxBytes, isolation, replica, false);
    }

    /** The same without waiting for the disk; null if a target's records may not be in memory. */
    List<FetchedPartition> readRecent(
            List<FetchTarget> targets, int maxBytes, ReadIsolation isolation, boolean replica) {
        return read(targets, maxBytes, isolation, replica, true);
    }

    private List<FetchedPartition> read(
            List<FetchTarget> targets, int maxBytes, ReadIsolation isolation, boolean replica, boolean onlyRecent) {
        var found = new ArrayList<FetchedPartition>(targets.size());
        int left = maxBytes;
        boolean atLeastOneBatch = true;
        for (FetchTarget target : targets) {
            var one = read(target, left, isolation, replica, atLeastOneBatch, onlyRecent);
            if (one == null) {
                found.forEach(FetchedPartition::drop);
                return null;
            }
            found.add(one);
            if (one.sizeBytes() > 0) {
                atLeastOneBatch = false;
                left = Math.max(0, left - one.sizeBytes());
            }
        }
        return found;
    }

    private FetchedPartition read(
            FetchTarget target,
            int left,
            ReadIsolation isolation,
            boolean replica,
            boolean atLeastOneBatch,
            boolean onlyRecent) {
        if (target.topic() == null) {
            target.topic(cluster.topicName(target.topicId()));
        }
        if (target.topic() == null) {
            return failed(target, null, ErrorCode.UNKNOWN_TOPIC_ID);
        }
        var name = new TopicPartition(target.topic(), target.partition());
        Partition partition = partitions.find(name);
        if (partition == null ? partitions.isOffline(name) : partition.isOffline()) {
            return failed(target, partition, ErrorCode.KAFKA_STORAGE_ERROR);
        }
        if (partition == null) {
            boolean elsewhere = cluster.contains(name);
            return failed(
                    target, null, elsewhere ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        if (!target.topicId().equals(Uuid.ZERO)
                && !target.topicId().equals(partition.id().topicId())) {
            return failed(target, partition, ErrorCode.INCONSISTENT_TOPIC_ID);
        }
        var leadership = partition.leadership();
        ErrorCode epochCheck = leadership.check(target.leaderEpoch());
        if (epochCheck != ErrorCode.NONE) {
            return failed(target, partition, epochCheck);
        }
        if (!leadership.local() || replica) {
            return failed(target, partition, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        if (onlyRecent && !partition.log().view().isRecent(target.offset()) && !partition.trustsPageCache()) {
            return null;
        }
        try {
            return readLog(target, partition, left, isolation, atLeastOneBatch);
        } catch (StorageException e) {
            return failed(target, partition, ErrorCode.KAFKA_STORAGE_ERROR);
        } catch (CorruptRecordsException e) {
            LOG.debug("Offset {} of {} cannot be read", target.offset(), partition, e);
            return failed(target, partition, ErrorCode.CORRUPT_MESSAGE);
        } catch (RuntimeException | Error e) {
            LOG.error("Reading {} from offset {} failed", partition, target.offset(), e);
            return failed(target, partition, ErrorCode.UNKNOWN_SERVER_ERROR);
        }
    }

    private static FetchedPartition readLog(
            FetchTarget target, Partition partition, int left, ReadIsolation isolation, boolean atLeastOneBatch)
            throws StorageException {
        if (target.lastFetchedEpoch() >= 0) {
            var diverging = divergence(target, partition);
            if (diverging != null) {
                return diverging;
            }
        }
        int maxBytes = Math.min(target.maxBytes(), left);
        ReadResult read = partition.log().read(target.offset(), maxBytes, isolation, atLeastOneBatch);
        if (read.error() != ErrorCode.NONE) {
            return failed(target, partition, read.error());
        }
        var data = data(target, read.view()).records(read.records());
        if (isolation == ReadIsolation.COMMITTED) {
            data.abortedTransactions(aborted(read.abortedTransactions()));
        }
        return new FetchedPartition(target, partition, data, end(read.view(), isolation));
    }

    /** Null if the log agrees with what the client has read so far (KIP-595). */
    private static FetchedPartition divergence(FetchTarget target, Partition partition) {
        EpochEndOffset end = partition.log().endOffsetForEpoch(target.lastFetchedEpoch());
        var view = partition.log().view();
        if (end.epoch() < 0) {
            return failed(target, partition, ErrorCode.OFFSET_OUT_OF_RANGE);
        }
        if (end.epoch() >= target.lastFetchedEpoch() && end.endOffset() >= target.offset()) {
            return null;
        }
        var data = data(target, view).records(RecordBytes.EMPTY);
        data.divergingEpoch().epoch(end.epoch()).endOffset(end.endOffset());
        return new FetchedPartition(target, partition, data, UNKNOWN_OFFSET);
    }

    private static PartitionData data(FetchTarget target, LogView view) {
        return new PartitionData()
                .partitionIndex(target.partition())
                .highWatermark(view.highWatermark())
                .lastStableOffset(view.lastStableOffset())
                .logStartOffset(view.logStartOffset())
                .abortedTransactions(null);
    }

    static long end(LogView view, ReadIsolation isolation) {
        return isolation == ReadIsolation.COMMITTED ? view.lastStableOffset() : view.highWatermark();
    }

    private static List<FetchResponse.AbortedTransaction> aborted(List<AbortedTransaction> aborted) {
        var listed = new ArrayList<FetchResponse.AbortedTransaction>(aborted.size());
        for (var transaction : aborted) {
            listed.add(new FetchResponse.AbortedTransaction()
                    .producerId(transaction.producerId())
                    .firstOffset(transaction.firstOffset()));
        }
        return listed;
    }

    private static FetchedPartition failed(FetchTarget target, Partition partition, ErrorCode error) {
        var data = failure(target.partition(), error);
        if (partition != null) {
            data.abortedTransactions(null);
        }
        return new FetchedPartition(target, partition, data, UNKNOWN_OFFSET);
    }

    /** The answer for a partition that could not be read. */
    static PartitionData failure(int partition, ErrorCode error) {
        return new PartitionData()
                .partitionIndex(partition)
                .errorCode(error.code())
                .highWatermark(UNKNOWN_OFFSET)
                .records(RecordBytes.EMPTY);
    }
}
