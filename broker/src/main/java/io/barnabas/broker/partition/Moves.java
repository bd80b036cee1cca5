package io.barnabas.broker.partition;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.log.LogMove;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.move.MoveThreads;
import io.barnabas.storage.move.Swaps;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas that move between the log directories of this broker. Begun, given up and brought to their end on the worker of the partition;
 * the copying is done by {@link MoveThreads}. Any thread.
 */
public final class Moves implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Moves.class);

    private final LogStore logs;
    private final Partitions partitions;
    private final BiConsumer<TopicIdPartition, Uuid> located;
    private final MoveThreads threads;

    /**
     * @param threadCount {@code num.replica.alter.log.dirs.threads}
     * @param located told in the directory of which id a replica is, if the directory has one: where it was when it begins to move, so
     *     that nobody takes a copy for it, and where it went
     */
    public Moves(LogStore logs, Partitions partitions, int threadCount, BiConsumer<TopicIdPartition, Uuid> located) {
        this.logs = logs;
        this.partitions = partitions;
        this.located = located;
        this.threads = new MoveThreads(logs, threadCount, this::swap, this::moved, System::currentTimeMillis);
    }

    /** {@code replica.alter.log.dirs.io.max.bytes.per.second}, for all moves together, from now on. */
    public void limit(long bytesPerSecond) {
        threads.limit(bytesPerSecond);
    }

    /** Goes on with what a stop cut short. Once, when the replicas are there. */
    public void resume() {
        logs.moves().forEach(threads::add);
    }

    /**
     * Orders a replica to be in a directory. One that is on its way elsewhere turns around; back to where it is, it stays.
     *
     * @param path absolute, as {@code log.dirs} has it
     * @return NONE once it is on its way; INVALID_REPLICA_ASSIGNMENT if the directory is cordoned, wherever the replica is;
     *     NOT_LEADER_OR_FOLLOWER if this broker has no such replica: if it gets one before the next stop,
     *     that is created there
     */
    public CompletionStage<ErrorCode> order(TopicPartition name, String path) {
        if (!PartitionDirectory.mayMove(name)) {
            return CompletableFuture.completedFuture(ErrorCode.INVALID_TOPIC_EXCEPTION);
        }
        var target = directory(path);
        if (target.isEmpty()) {
            return CompletableFuture.completedFuture(ErrorCode.LOG_DIR_NOT_FOUND);
        }
        var answer = new CompletableFuture<ErrorCode>();
        partitions.ownerOf(name).execute(() -> {
            try {
                answer.complete(begin(name, target.get()));
            } catch (StorageException e) {
                LOG.warn("{} cannot move to {}: {}", name, target.get(), e.getMessage());
                answer.complete(ErrorCode.KAFKA_STORAGE_ERROR);
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private Optional<LogDirectory> directory(String path) {
        return logs.directories().stream()
                .filter(directory ->
                        directory.path().toAbsolutePath().toString().equals(path))
                .findFirst();
    }

    private ErrorCode begin(TopicPartition name, LogDirectory target) throws StorageException {
        target.ensureOnline();
        if (target.isCordoned()) {
            LOG.warn("{} cannot move to {}: it is cordoned (cordoned.log.dirs)", name, target);
            return ErrorCode.INVALID_REPLICA_ASSIGNMENT;
        }
        if (partitions.isOffline(name)) {
            return ErrorCode.KAFKA_STORAGE_ERROR;
        }
        var partition = partitions.find(name);
        if (partition == null) {
            if (!logs.prefer(name, target)) {
                LOG.warn("{} does not exist; it is not remembered that it is to be in {}: too many are", name, target);
            }
            return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        }
        var going = logs.moveOf(name).orElse(null);
        if (going != null && going.target() == target) {
            return ErrorCode.NONE;
        }
        logs.dropFuture(name);
        var log = partition.log();
        if (log.directory() == target) {
            return ErrorCode.NONE;
        }
        if (!logs.offline().isEmpty()) {
            // In one of them may be a copy already.
            LOG.warn("{} does not move to {} while log directories are offline: {}", name, target, logs.offline());
            return ErrorCode.KAFKA_STORAGE_ERROR;
        }
        LOG.info("{} moves from {} to {}", name, log.directory(), target);
        isIn(partition.id(), log.directory());
        threads.add(logs.move(log, target));
        return ErrorCode.NONE;
    }

    private void swap(LogMove move, Swaps.Answer answer) {
        partitions.ownerOf(move.partition()).execute(() -> {
            var partition = partitions.find(move.partition());
            if (partition == null) {
                answer.swapped(false);
            } else {
                partition.swapAtEnd(move, answer);
            }
        });
    }

    private void moved(LogMove move) {
        var name = move.partition();
        isIn(new TopicIdPartition(move.source().topicId(), name.topic(), name.partition()), move.target());
    }

    private void isIn(TopicIdPartition partition, LogDirectory directory) {
        directory.id().ifPresent(id -> located.accept(partition, id));
    }

    @Override
    public void close() {
        threads.close();
    }
}
