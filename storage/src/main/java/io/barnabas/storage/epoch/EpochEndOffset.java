package io.barnabas.storage.epoch;

/**
 * Largest known epoch not above the one asked for, and the offset after its last record (API 23, OffsetForLeaderEpoch).
 *
 * @param epoch −1 if unknown
 * @param endOffset −1 if unknown
 */
public record EpochEndOffset(int epoch, long endOffset) {
    public static final EpochEndOffset UNKNOWN = new EpochEndOffset(-1, -1);
}
