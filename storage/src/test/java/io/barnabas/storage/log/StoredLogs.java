package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.wire.Chunk;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.move.Swaps;
import io.barnabas.storage.producer.ProducerSettings;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

/** Opens stores and reads logs back, for tests. */
public final class StoredLogs {
    public static final Uuid TOPIC_ID = new Uuid(7, 9);

    /** As {@link KafkaLogs} has them. */
    static final ProducerSettings PRODUCERS = new ProducerSettings(86_400_000, false);

    /** Small, so that tests use files again and again. */
    private static final long JOURNAL_FILE_BYTES = 5_000;

    private StoredLogs() {}

    public static LogStoreConfig config(LogConfig logs, Path... dirs) {
        return builder(logs, dirs).build();
    }

    public static LogStoreConfig.Builder builder(LogConfig logs, Path... dirs) {
        return LogStoreConfig.builder(List.of(dirs), 1, "cluster")
                .recoveryThreadsPerDir(2)
                .maxOpenFiles(16)
                .topicConfig(topic -> logs)
                .producerSettings(PRODUCERS)
                .journalFileBytes(JOURNAL_FILE_BYTES);
    }

    public static TopicIdPartition partition(int partition) {
        return new TopicIdPartition(TOPIC_ID, "topic", partition);
    }

    public static LogStore open(Disk disk, LogConfig logs, Path... dirs) {
        return LogStore.open(config(logs, dirs), disk, () -> 1_000_000L);
    }

    /** The log of a partition, which must be there. */
    static PartitionLog log(LogStore store, int partition) {
        return store.log(partition(partition).topicPartition()).orElseThrow();
    }

    /** Writes and commits a batch that must be taken. */
    static void append(PartitionLog log, ByteBuffer batch, int leaderEpoch, AppendOrigin origin, long nowMs)
            throws StorageException {
        var result = log.stage(batch, leaderEpoch, origin, 0, (short) 0, nowMs);
        assertInstanceOf(AppendResult.Appended.class, result, result::toString);
        log.writeStaged(nowMs);
        log.advanceHighWatermark(log.view().logEndOffset());
    }

    /**
     * Swaps as the owner of a log does.
     *
     * @param next told the log to go on with, before the answer
     * @return false if it failed
     */
    static boolean swap(LogMove move, Swaps.Answer answer, Consumer<PartitionLog> next, long nowMs) {
        try {
            var moved = move.swap(nowMs);
            if (moved != null) {
                next.accept(moved);
            }
            answer.swapped(moved != null);
            return true;
        } catch (StorageException | RuntimeException e) {
            answer.failed(e);
            return false;
        }
    }

    static LogDirectory directory(LogStore store, Path path) {
        return store.directories().stream()
                .filter(each -> each.path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    /** One that the log is not in. */
    static LogDirectory otherDirectory(LogStore store, PartitionLog log) {
        return store.directories().stream()
                .filter(each -> each != log.directory())
                .findFirst()
                .orElseThrow();
    }

    /** How many directories of partitions were given such a name. */
    static long directoriesEndingWith(String suffix, Path in) throws IOException {
        try (var all = Files.list(in)) {
            return all.filter(path -> path.toString().endsWith(suffix)).count();
        }
    }

    /** All batches from an offset to the log end, each a copy of its bytes, as a replica would fetch them. */
    public static List<ByteBuffer> batches(PartitionLog log, long from, int maxBytes) throws IOException {
        var found = new ArrayList<ByteBuffer>();
        long offset = from;
        while (offset < log.view().logEndOffset()) {
            var bytes = bytes(log.read(offset, maxBytes, ReadIsolation.LOG_END, true));
            if (bytes.remaining() == 0) {
                break;
            }
            while (bytes.remaining() >= 61) {
                int sizeBytes = 12 + bytes.getInt(bytes.position() + 8);
                if (sizeBytes > bytes.remaining()) {
                    break;
                }
                found.add(bytes.slice(bytes.position(), sizeBytes));
                offset = lastOffset(found.get(found.size() - 1)) + 1;
                bytes.position(bytes.position() + sizeBytes);
            }
        }
        return found;
    }

    public static long lastOffset(ByteBuffer batch) {
        return batch.getLong(0) + batch.getInt(23);
    }

    public static ByteBuffer bytes(ReadResult read) throws IOException {
        var bytes = ByteBuffer.allocate(read.records().sizeBytes());
        for (var chunk : read.records().chunks()) {
            if (chunk instanceof Chunk.FileRange range) {
                long position = range.position();
                int end = bytes.position() + range.sizeBytes();
                while (bytes.position() < end) {
                    int count = range.source().channel().read(bytes.limit(end), position);
                    if (count < 0) {
                        throw new IOException("range ends early at " + position);
                    }
                    position += count;
                }
                bytes.limit(bytes.capacity());
                range.source().release();
            } else if (chunk instanceof Chunk.Bytes inMemory) {
                bytes.put(inMemory.buffer().duplicate());
            }
        }
        return bytes.flip();
    }
}
