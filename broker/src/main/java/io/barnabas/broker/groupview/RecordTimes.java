package io.barnabas.broker.groupview;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.barnabas.broker.partition.Partition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.record.CorruptRecordsException;
import io.barnabas.storage.file.StorageException;

/**
 * When the records at committed offsets were written, by the headers of their batches: exact at the beginning of a batch, else as early
 * as its first record. One header is read for each offset that was not asked for the last time, on the thread that asks, which may
 * wait for the disk; after {@value #BUDGET_MS} ms of that the rest is not known until the next time. One thread at a time.
 */
final class RecordTimes {
    private static final long BUDGET_MS = 1_000;
    private static final long UNKNOWN = -1;

    private Map<Key, Long> known = new HashMap<>();
    private Map<Key, Long> asked = new HashMap<>();
    private long beganNanos;

    private record Key(Uuid topicId, int partition, long offset) {}

    void begin() {
        asked = new HashMap<>();
        beganNanos = System.nanoTime();
    }

    /** Milliseconds since the epoch of the first record at or after an offset; -1 if unknown. */
    long of(Partition partition, long offset) {
        var log = partition.log();
        long from = Math.max(offset, log.view().logStartOffset());
        var key = new Key(partition.id().topicId(), partition.id().partition(), from);
        Long found = asked.getOrDefault(key, known.get(key));
        if (found == null) {
            if (System.nanoTime() - beganNanos > TimeUnit.MILLISECONDS.toNanos(BUDGET_MS)) {
                return UNKNOWN;
            }
            try {
                found = log.timestampAt(from);
            } catch (StorageException | CorruptRecordsException e) {
                return UNKNOWN;
            }
        }
        if (found >= 0) {
            asked.put(key, found);
        }
        return found;
    }

    /** What was not asked for is forgotten. */
    void end() {
        known = asked;
    }
}
