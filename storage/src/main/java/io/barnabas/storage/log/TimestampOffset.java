package io.barnabas.storage.log;

/**
 * A record found by its timestamp.
 *
 * @param timestampMs -1 if none was found
 * @param offset -1 if none was found
 * @param leaderEpoch -1 if unknown
 */
public record TimestampOffset(long timestampMs, long offset, int leaderEpoch) {
    public static final TimestampOffset NONE = new TimestampOffset(-1, -1, -1);
}
