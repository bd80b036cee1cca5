package io.barnabas.storage.compaction;

/**
 * How compaction works on this node, in Kafka's keys.
 *
 * @param threads {@code log.cleaner.threads}
 * @param dedupeBufferBytes {@code log.cleaner.dedupe.buffer.size}: bound of the key maps of all threads together; taken only
 *     as it is needed
 * @param loadFactor {@code log.cleaner.io.buffer.load.factor}: how full a key map may get, above 0 and at most 1
 * @param ioBufferBytes {@code log.cleaner.io.buffer.size}: for reading and writing, of all threads together
 * @param maxIoBytesPerSecond {@code log.cleaner.io.max.bytes.per.second}: read and written, of all threads together
 * @param backoffMs {@code log.cleaner.backoff.ms}: pause when there is nothing to do
 */
public record CompactionSettings(
        int threads,
        long dedupeBufferBytes,
        double loadFactor,
        int ioBufferBytes,
        double maxIoBytesPerSecond,
        long backoffMs) {
    public static final CompactionSettings DEFAULT =
            new CompactionSettings(1, 128L << 20, 0.9, 512 << 10, Double.MAX_VALUE, 15_000);

    /** Keys that one thread's map may hold. */
    long maxKeys() {
        return Math.max(1, (long) (OffsetMap.slotsIn(dedupeBufferBytes / Math.max(1, threads)) * loadFactor));
    }

    /** Slots that one thread's map may have. */
    int maxSlots() {
        return OffsetMap.slotsIn(dedupeBufferBytes / Math.max(1, threads));
    }

    int bufferBytes() {
        return Math.max(1, ioBufferBytes / Math.max(1, threads) / 2);
    }
}
