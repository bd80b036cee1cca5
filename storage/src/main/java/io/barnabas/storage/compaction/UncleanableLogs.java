package io.barnabas.storage.compaction;

/**
 * The logs of a directory that could not be compacted and are left as they are until the next start.
 *
 * @param bytes that they would have compacted
 */
public record UncleanableLogs(int count, long bytes) {}
