package io.barnabas.storage.compaction;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.storage.index.OffsetIndex;
import io.barnabas.storage.index.TimeIndex;
import io.barnabas.storage.segment.Segment;

/** Which neighbouring segments become one: as many as fit into one by their sizes now, so that segments do not dwindle. */
final class SegmentGroups {
    private SegmentGroups() {}

    /**
     * @param maxBytes of the data of a group
     * @param maxIndexBytes of each kind of index of a group
     * @param endOffset no record lies at or above it
     */
    static List<List<Segment>> of(List<Segment> segments, int maxBytes, int maxIndexBytes, long endOffset) {
        var groups = new ArrayList<List<Segment>>();
        int from = 0;
        while (from < segments.size()) {
            int to = from + 1;
            long bytes = segments.get(from).sizeBytes();
            long indexBytes = indexBytes(segments.get(from));
            long timeIndexBytes = timeIndexBytes(segments.get(from));
            while (to < segments.size()) {
                var next = segments.get(to);
                bytes += next.sizeBytes();
                indexBytes += indexBytes(next);
                timeIndexBytes += timeIndexBytes(next);
                long end = to + 1 < segments.size() ? segments.get(to + 1).baseOffset() : endOffset;
                boolean offsetsFit =
                        next.sizeBytes() == 0 || end - 1 - segments.get(from).baseOffset() <= Integer.MAX_VALUE;
                if (bytes > maxBytes || indexBytes > maxIndexBytes || timeIndexBytes > maxIndexBytes || !offsetsFit) {
                    break;
                }
                to++;
            }
            groups.add(segments.subList(from, to));
            from = to;
        }
        return groups;
    }

    private static long indexBytes(Segment segment) {
        return (long) segment.offsetIndex().entries() * OffsetIndex.ENTRY_SIZE_BYTES;
    }

    private static long timeIndexBytes(Segment segment) {
        return (long) segment.timeIndex().entries() * TimeIndex.ENTRY_SIZE_BYTES;
    }
}
