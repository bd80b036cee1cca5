package io.barnabas.storage.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.storage.file.StorageException;
import io.barnabas.storage.segment.Segment;
import io.barnabas.storage.segment.SegmentNames;

/** Puts what a compaction wrote into the log. Owner only. */
final class CompactedSegments {
    private final LogState log;

    CompactedSegments(LogState log) {
        this.log = log;
    }

    /** See {@link PartitionLog#replaceSegments}. */
    boolean replace(List<Segment> old, Segment cleaned, int cutsBefore, long nowMs) throws StorageException {
        if (log.gone || log.follower != null || log.cuts != cutsBefore || !log.chain.hasRolled(old)) {
            return false;
        }
        var directory = log.home.directory();
        directory.ensureOnline();
        long deleteMs = nowMs + log.config.fileDeleteDelayMs();
        try {
            cleaned.rename(SegmentNames.CLEANED, SegmentNames.SWAP);
            log.chain.replace(old, cleaned);
            log.publish();
            var retired = new ArrayList<Path>();
            for (var segment : old) {
                if (segment.baseOffset() != cleaned.baseOffset()) {
                    log.producers.retireSnapshot(segment.baseOffset()).ifPresent(retired::add);
                }
            }
            log.chain.retire(old, deleteMs);
            log.home.deletes().add(directory, retired, deleteMs);
            cleaned.rename(SegmentNames.SWAP, "");
            return true;
        } catch (IOException e) {
            throw log.failed("swap compacted segments of", e);
        }
    }

    void cleanedUpTo(long offset, int cutsBefore) {
        if (log.cuts == cutsBefore && log.follower == null) {
            log.cleanedOffset = offset;
        }
    }
}
