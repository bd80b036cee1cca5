package io.barnabas.storage.producer;

import java.util.TreeMap;

/**
 * The transactions of one log that consumers of committed records must not read past: the open ones, and those whose marker the high
 * watermark has not passed. Owner thread only.
 */
final class UnstableTransactions {
    /** First offset to producer of transactions without a marker. */
    private final TreeMap<Long, Long> open = new TreeMap<>();
    /** First offset to marker offset of transactions whose marker the high watermark has not passed. */
    private final TreeMap<Long, Long> unreplicated = new TreeMap<>();

    boolean isEmpty() {
        return open.isEmpty() && unreplicated.isEmpty();
    }

    void open(long firstOffset, long producerId) {
        open.put(firstOffset, producerId);
    }

    /**
     * A marker ends an open transaction.
     *
     * @return the last stable offset once the high watermark has passed the marker
     */
    long end(long firstOffset, long markerOffset) {
        open.remove(firstOffset);
        unreplicated.put(firstOffset, markerOffset);
        return open.isEmpty() ? markerOffset + 1 : open.firstKey();
    }

    /** Transactions whose markers are below the high watermark hold nothing back any more. */
    void highWatermark(long offset) {
        if (!unreplicated.isEmpty()) {
            unreplicated.values().removeIf(marker -> marker < offset);
        }
    }

    /** First offset of the first of them; −1 if there is none. */
    long firstOffset() {
        long undecided = open.isEmpty() ? -1 : open.firstKey();
        long undelivered = unreplicated.isEmpty() ? -1 : unreplicated.firstKey();
        if (undecided < 0 || undelivered < 0) {
            return Math.max(undecided, undelivered);
        }
        return Math.min(undecided, undelivered);
    }

    /** Whose open transaction is the oldest; null if none is open. */
    Long producerOfOldestOpen() {
        var oldest = open.firstEntry();
        return oldest == null ? null : oldest.getValue();
    }

    void clear() {
        open.clear();
        unreplicated.clear();
    }
}
