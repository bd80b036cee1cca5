package io.barnabas.storage.recovery;

import java.nio.file.Path;

/**
 * What a log lost because it was found damaged, for the line that says so.
 *
 * @param file the segment that was found damaged
 * @param position of the first byte that was cut off
 * @param firstOffset of the records lost
 * @param lastOffset of the records lost; −1 if it cannot be told
 * @param bytes cut off there
 * @param segments that followed and were deleted
 * @param segmentBytes they had
 */
record Loss(Path file, int position, long firstOffset, long lastOffset, long bytes, int segments, long segmentBytes) {

    static Loss in(SegmentRecovery.Recovered recovered) {
        var segment = recovered.segment();
        return new Loss(
                segment.log().path(),
                segment.sizeBytes(),
                recovered.nextOffset(),
                recovered.lastCutOffset(),
                recovered.cutBytes(),
                0,
                0);
    }

    /** One more segment that is deleted: what follows damage would leave a gap. */
    Loss withSegment(long sizeBytes, long last) {
        return new Loss(
                file, position, firstOffset, Math.max(lastOffset, last), bytes, segments + 1, segmentBytes + sizeBytes);
    }

    @Override
    public String toString() {
        return "damaged at offset " + firstOffset + " (" + file + ", position " + position + "): "
                + (lastOffset < firstOffset
                        ? "what there was from offset " + firstOffset + " on is lost"
                        : "the records of offsets " + firstOffset + " to " + lastOffset + " are lost")
                + ", " + bytes + " bytes cut off there"
                + (segments == 0 ? "" : " and " + segments + " later segments of " + segmentBytes + " bytes deleted");
    }
}
