package io.barnabas.storage.retention;

/**
 * What retention needs to know of one segment.
 *
 * @param nextOffset base offset of the following segment, or the log end offset for the last one
 * @param largestTimestampMs largest record timestamp, or when the file was last modified if no record has one
 */
public record SegmentFacts(long baseOffset, long nextOffset, long sizeBytes, long largestTimestampMs) {}
