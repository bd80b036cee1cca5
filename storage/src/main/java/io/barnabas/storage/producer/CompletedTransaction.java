package io.barnabas.storage.producer;

/**
 * A transaction that a marker has just ended.
 *
 * @param lastOffset offset of the marker
 * @param lastStableOffset start of the oldest transaction that is still open, or the offset after the marker
 */
public record CompletedTransaction(
        long producerId, long firstOffset, long lastOffset, boolean aborted, long lastStableOffset) {
    /** The entry for the index of the segment that holds the marker; only if aborted. */
    public AbortedTransaction toIndexEntry() {
        return new AbortedTransaction(producerId, firstOffset, lastOffset, lastStableOffset);
    }
}
