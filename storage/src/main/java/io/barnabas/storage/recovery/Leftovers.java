package io.barnabas.storage.recovery;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.barnabas.storage.file.Disk;
import io.barnabas.storage.segment.BatchScan;
import io.barnabas.storage.segment.SegmentNames;

/**
 * Clears a partition directory of what an interrupted delete or compaction left, by Kafka's protocol: {@code .deleted} goes;
 * {@code .cleaned} goes, with the swap files at or above it (that compaction had not finished); a {@code .swap} left over
 * takes its place, and the segments it replaces go. The thread that loads the log.
 */
final class Leftovers {
    private Leftovers() {}

    static void clear(Disk disk, Path directory) throws IOException {
        long firstCleaned = Long.MAX_VALUE;
        var swaps = new ArrayList<String>();
        for (var name : disk.list(directory)) {
            var offset = SegmentNames.leadingOffset(name);
            if (name.endsWith(SegmentNames.DELETED)) {
                disk.delete(directory.resolve(name));
            } else if (name.endsWith(SegmentNames.CLEANED) && offset.isPresent()) {
                firstCleaned = Math.min(firstCleaned, offset.getAsLong());
                disk.delete(directory.resolve(name));
            } else if (name.endsWith(SegmentNames.SWAP) && offset.isPresent()) {
                swaps.add(name);
            }
        }
        var finished = new ArrayList<String>();
        for (var name : swaps) {
            if (SegmentNames.leadingOffset(name).getAsLong() >= firstCleaned) {
                disk.delete(directory.resolve(name));
            } else {
                finished.add(name);
            }
        }
        if (!finished.isEmpty()) {
            takePlace(disk, directory, finished);
        }
    }

    private static void takePlace(Disk disk, Path directory, List<String> swaps) throws IOException {
        long from = Long.MAX_VALUE;
        long to = Long.MIN_VALUE;
        for (var name : swaps) {
            if (name.endsWith(SegmentNames.LOG + SegmentNames.SWAP)) {
                long base = SegmentNames.leadingOffset(name).getAsLong();
                from = Math.min(from, base);
                to = Math.max(to, nextOffset(disk, directory.resolve(name), base));
            }
        }
        for (var name : disk.list(directory)) {
            var offset = SegmentNames.leadingOffset(name);
            if (offset.isPresent()
                    && !name.endsWith(SegmentNames.SWAP)
                    && (offset.getAsLong() == from || offset.getAsLong() >= from && offset.getAsLong() < to)) {
                disk.delete(directory.resolve(name));
            }
        }
        for (var name : swaps) {
            var plain = name.substring(0, name.length() - SegmentNames.SWAP.length());
            disk.rename(directory.resolve(name), directory.resolve(plain));
        }
        disk.forceDirectory(directory);
    }

    private static long nextOffset(Disk disk, Path file, long baseOffset) throws IOException {
        try (var channel = disk.open(file)) {
            var scan = new BatchScan(channel, 0, channel.size());
            long next = baseOffset;
            while (scan.next()) {
                next = scan.batch().nextOffset();
            }
            return next;
        }
    }
}
