package io.barnabas.broker.handler.data;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.broker.partition.Partition;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.message.ListOffsetsRequest;
import io.barnabas.protocol.message.ListOffsetsRequest.ListOffsetsPartition;
import io.barnabas.protocol.message.ListOffsetsResponse;
import io.barnabas.protocol.message.ListOffsetsResponse.ListOffsetsPartitionResponse;
import io.barnabas.protocol.message.ListOffsetsResponse.ListOffsetsTopicResponse;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.log.TimestampOffset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * API 2 · ListOffsets · v1–11.
 *
 * <p>Timestamps below zero ask for special offsets: -1 the end, -2 the start, -3 (v7) the largest timestamp, -4 (v8) the start of
 * what is local, -5 (v9) the end of what is tiered, -6 (v11) the first not yet tiered. Nothing is tiered here, so -4 is -2, and -5
 * and -6 give no offset.
 */
public final class ListOffsetsHandler implements Handler<ListOffsetsRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ListOffsetsHandler.class);
    private static final long LATEST = -1;
    private static final long EARLIEST = -2;
    private static final long MAX_TIMESTAMP = -3;
    private static final long EARLIEST_LOCAL = -4;
    private static final long LATEST_TIERED = -5;
    private static final long EARLIEST_PENDING_UPLOAD = -6;
    private static final int CONSUMER = -1;
    private static final int DEBUGGING_CONSUMER = -2;
    private static final byte READ_COMMITTED = 1;
    private static final short FIRST_EPOCH_VERSION = 4;

    private final Partitions partitions;
    private final Cluster cluster;
    private final Executor readers;

    /** @param readers runs lookups by timestamp, which read from the disk */
    public ListOffsetsHandler(Partitions partitions, Cluster cluster, Executor readers) {
        this.partitions = partitions;
        this.cluster = cluster;
        this.readers = readers;
    }

    @Override
    public ApiKey api() {
        return ApiKey.LIST_OFFSETS;
    }

    @Override
    public CompletionStage<ListOffsetsResponse> handle(RequestContext context, ListOffsetsRequest request) {
        return readsRecords(request)
                ? CompletableFuture.supplyAsync(() -> answer(context, request), readers)
                : CompletableFuture.completedFuture(answer(context, request));
    }

    private static boolean readsRecords(ListOffsetsRequest request) {
        for (var topic : request.topics()) {
            for (var partition : topic.partitions()) {
                if (partition.timestamp() >= 0 || partition.timestamp() == MAX_TIMESTAMP) {
                    return true;
                }
            }
        }
        return false;
    }

    private ListOffsetsResponse answer(RequestContext context, ListOffsetsRequest request) {
        var twice = duplicates(request);
        var refused = new HashSet<TopicPartition>();
        var response = new ListOffsetsResponse();
        for (var topic : request.topics()) {
            var answered = new ListOffsetsTopicResponse().name(topic.name());
            for (var partition : topic.partitions()) {
                var name = new TopicPartition(topic.name(), partition.partitionIndex());
                if (!twice.contains(name)) {
                    answered.partitions().add(list(context.apiVersion(), request, name, partition));
                } else if (refused.add(name)) {
                    answered.partitions().add(failed(partition, ErrorCode.INVALID_REQUEST));
                }
            }
            response.topics().add(answered);
        }
        return response;
    }

    private static Set<TopicPartition> duplicates(ListOffsetsRequest request) {
        var seen = new HashSet<TopicPartition>();
        var twice = new HashSet<TopicPartition>();
        for (var topic : request.topics()) {
            for (var partition : topic.partitions()) {
                var name = new TopicPartition(topic.name(), partition.partitionIndex());
                if (!seen.add(name)) {
                    twice.add(name);
                }
            }
        }
        return twice;
    }

    private ListOffsetsPartitionResponse list(
            short version, ListOffsetsRequest request, TopicPartition name, ListOffsetsPartition asked) {
        if (!supported(asked.timestamp(), version)) {
            return failed(asked, ErrorCode.UNSUPPORTED_VERSION);
        }
        Partition partition = partitions.find(name);
        if (partitions.isOffline(name)) {
            return failed(asked, ErrorCode.KAFKA_STORAGE_ERROR);
        }
        if (partition == null) {
            return failed(
                    asked,
                    cluster.contains(name) ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        var leadership = partition.leadership();
        ErrorCode epochCheck = leadership.check(asked.currentLeaderEpoch());
        if (epochCheck != ErrorCode.NONE) {
            return failed(asked, epochCheck);
        }
        if (!leadership.local() && request.replicaId() != DEBUGGING_CONSUMER) {
            return failed(asked, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        try {
            var found = find(partition, request, asked.timestamp());
            var answer =
                    failed(asked, ErrorCode.NONE).timestamp(found.timestampMs()).offset(found.offset());
            if (version >= FIRST_EPOCH_VERSION) {
                answer.leaderEpoch(found.leaderEpoch());
            }
            return answer;
        } catch (StorageException e) {
            return failed(asked, ErrorCode.KAFKA_STORAGE_ERROR);
        } catch (CorruptRecordsException e) {
            LOG.debug("No offset of {} can be told for timestamp {}", partition, asked.timestamp(), e);
            return failed(asked, ErrorCode.CORRUPT_MESSAGE);
        }
    }

    private static boolean supported(long timestampMs, short version) {
        if (timestampMs >= EARLIEST) {
            return true;
        }
        if (timestampMs == MAX_TIMESTAMP) {
            return version >= 7;
        }
        if (timestampMs == EARLIEST_LOCAL) {
            return version >= 8;
        }
        if (timestampMs == LATEST_TIERED) {
            return version >= 9;
        }
        return timestampMs == EARLIEST_PENDING_UPLOAD && version >= 11;
    }

    private static TimestampOffset find(Partition partition, ListOffsetsRequest request, long timestampMs)
            throws StorageException {
        var log = partition.log();
        var view = log.view();
        boolean consumer = request.replicaId() == CONSUMER;
        long limit = !consumer
                ? view.logEndOffset()
                : request.isolationLevel() == READ_COMMITTED ? view.lastStableOffset() : view.highWatermark();
        if (timestampMs == LATEST) {
            return new TimestampOffset(-1, limit, partition.leadership().epoch());
        }
        if (timestampMs == EARLIEST || timestampMs == EARLIEST_LOCAL) {
            int epoch = log.epochAt(view.logStartOffset()).orElse(-1);
            return new TimestampOffset(-1, view.logStartOffset(), epoch);
        }
        if (timestampMs == LATEST_TIERED || timestampMs == EARLIEST_PENDING_UPLOAD) {
            return TimestampOffset.NONE;
        }
        var found = timestampMs == MAX_TIMESTAMP ? log.offsetOfMaxTimestamp() : log.offsetForTimestamp(timestampMs);
        return found.offset() < limit ? found : TimestampOffset.NONE;
    }

    private static ListOffsetsPartitionResponse failed(ListOffsetsPartition asked, ErrorCode error) {
        return new ListOffsetsPartitionResponse()
                .partitionIndex(asked.partitionIndex())
                .errorCode(error.code())
                .timestamp(-1)
                .offset(-1);
    }

    @Override
    public ApiMessage failure(RequestContext context, ListOffsetsRequest request, ErrorCode error) {
        var response = new ListOffsetsResponse();
        for (var topic : request.topics()) {
            var answered = new ListOffsetsTopicResponse().name(topic.name());
            for (var partition : topic.partitions()) {
                answered.partitions().add(failed(partition, error));
            }
            response.topics().add(answered);
        }
        return response;
    }
}
