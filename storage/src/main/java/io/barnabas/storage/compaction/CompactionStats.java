package io.barnabas.storage.compaction;

/**
 * What the last compaction of each thread took, taken together as Kafka's metrics do.
 *
 * @param elapsedSecs of the longest
 * @param bufferUtilization how full the fullest key map was, 0 to 1 of what it may take
 * @param bytesRead of all
 * @param bytesWritten of all
 * @param maxDelayMs how far a log was beyond its {@code max.compaction.lag.ms} when the compaction was chosen
 */
public record CompactionStats(
        double elapsedSecs, double bufferUtilization, long bytesRead, long bytesWritten, long maxDelayMs) {
    public static final CompactionStats NONE = new CompactionStats(0, 0, 0, 0, 0);

    /** How much of what was read was written again, in percent. */
    public int recopyPercent() {
        return (int) (100.0 * bytesWritten / Math.max(1, bytesRead));
    }

    CompactionStats and(CompactionStats other) {
        return new CompactionStats(
                Math.max(elapsedSecs, other.elapsedSecs),
                Math.max(bufferUtilization, other.bufferUtilization),
                bytesRead + other.bytesRead,
                bytesWritten + other.bytesWritten,
                Math.max(maxDelayMs, other.maxDelayMs));
    }
}
