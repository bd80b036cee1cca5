package io.barnabas.broker.handler.data;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.RequestContext;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.message.DescribeLogDirsRequest;
import io.barnabas.protocol.message.DescribeLogDirsResponse;
import io.barnabas.protocol.message.DescribeLogDirsResponse.DescribeLogDirsPartition;
import io.barnabas.protocol.message.DescribeLogDirsResponse.DescribeLogDirsResult;
import io.barnabas.protocol.message.DescribeLogDirsResponse.DescribeLogDirsTopic;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.PartitionLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * API 35 · DescribeLogDirs · v1–5. What lies in which log directory, and how much room there is (v4, KIP-827). A directory that does
 * not work is told with KAFKA_STORAGE_ERROR and nothing in it. The copy of a replica that moves is its future replica, with what it lacks as
 * lag. A directory that takes no new replicas is cordoned (v5, KIP-1066).
 */
public final class DescribeLogDirsHandler implements Handler<DescribeLogDirsRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(DescribeLogDirsHandler.class);

    private static final long UNKNOWN_LAG = -1;

    private final LogStore logs;
    private final Executor readers;

    /** @param readers asks the file systems, which may take long */
    public DescribeLogDirsHandler(LogStore logs, Executor readers) {
        this.logs = logs;
        this.readers = readers;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DESCRIBE_LOG_DIRS;
    }

    @Override
    public CompletionStage<DescribeLogDirsResponse> handle(RequestContext context, DescribeLogDirsRequest request) {
        return CompletableFuture.supplyAsync(() -> answer(request), readers);
    }

    private DescribeLogDirsResponse answer(DescribeLogDirsRequest request) {
        var asked = asked(request);
        var response = new DescribeLogDirsResponse();
        for (var directory : logs.directories()) {
            response.results().add(describe(directory, asked));
        }
        return response;
    }

    /** Null for all. */
    private static Set<TopicPartition> asked(DescribeLogDirsRequest request) {
        if (request.topics() == null) {
            return null;
        }
        var asked = new HashSet<TopicPartition>();
        for (var topic : request.topics()) {
            topic.partitions().forEach(partition -> asked.add(new TopicPartition(topic.topic(), partition)));
        }
        return asked;
    }

    private DescribeLogDirsResult describe(LogDirectory directory, Set<TopicPartition> asked) {
        var result = new DescribeLogDirsResult()
                .logDir(directory.path().toAbsolutePath().toString());
        if (!directory.isOnline()) {
            return result.errorCode(ErrorCode.KAFKA_STORAGE_ERROR.code());
        }
        try {
            var store = Files.getFileStore(directory.path());
            result.totalBytes(orMost(store.getTotalSpace())).usableBytes(orMost(store.getUsableSpace()));
        } catch (IOException e) {
            LOG.warn("Cannot tell how large the file system of {} is: {}", directory.path(), e.toString());
            return result.errorCode(ErrorCode.KAFKA_STORAGE_ERROR.code());
        }
        return result.topics(topics(directory, asked)).isCordoned(directory.isCordoned());
    }

    /** File systems of more than 8 EiB say so with a negative number. */
    private static long orMost(long bytes) {
        return bytes < 0 ? Long.MAX_VALUE : bytes;
    }

    private List<DescribeLogDirsTopic> topics(LogDirectory directory, Set<TopicPartition> asked) {
        var topics = new TreeMap<String, DescribeLogDirsTopic>();
        for (var log : logs.logs()) {
            if (isWanted(log, directory, asked)) {
                add(topics, log, describe(log));
            }
        }
        for (var copy : logs.futureLogs()) {
            if (isWanted(copy, directory, asked)) {
                add(topics, copy, describeFuture(copy));
            }
        }
        return List.copyOf(topics.values());
    }

    private static boolean isWanted(PartitionLog log, LogDirectory directory, Set<TopicPartition> asked) {
        return log.directory() == directory && (asked == null || asked.contains(log.partition()));
    }

    private static void add(
            Map<String, DescribeLogDirsTopic> topics, PartitionLog log, DescribeLogDirsPartition partition) {
        topics.computeIfAbsent(log.partition().topic(), topic -> new DescribeLogDirsTopic().name(topic))
                .partitions()
                .add(partition);
    }

    /** What it lacks is not known while its replica is in a directory that does not work. */
    private DescribeLogDirsPartition describeFuture(PartitionLog copy) {
        long end = copy.view().logEndOffset();
        long lag = logs.log(copy.partition())
                .filter(log -> log.directory().isOnline())
                .map(log -> log.view().logEndOffset() - end)
                .orElse(UNKNOWN_LAG);
        return new DescribeLogDirsPartition()
                .partitionIndex(copy.partition().partition())
                .partitionSize(copy.sizeBytes())
                .offsetLag(lag)
                .isFutureKey(true);
    }

    private static DescribeLogDirsPartition describe(PartitionLog log) {
        var view = log.view();
        return new DescribeLogDirsPartition()
                .partitionIndex(log.partition().partition())
                .partitionSize(view.sizeBytes())
                .offsetLag(Math.max(0, view.highWatermark() - view.logEndOffset()));
    }

    @Override
    public DescribeLogDirsResponse failure(RequestContext context, DescribeLogDirsRequest request, ErrorCode error) {
        return new DescribeLogDirsResponse().errorCode(error.code());
    }
}
