package io.barnabas.storage.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

import io.barnabas.storage.epoch.LeaderEpochs;
import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.segment.BatchScan;
import io.barnabas.storage.segment.Segment;
import io.barnabas.storage.segment.SegmentNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one segment through after an unclean shutdown: keeps the batches up to the first bad one, cuts the rest, builds the
 * indexes again and notes leader epochs. The thread that loads the log.
 */
final class SegmentRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentRecovery.class);

    private static final int READ_BYTES = 1 << 20;
    /** Outside the heap, where a file is read to without another copy; the threads that recover logs do not live long. */
    private static final ThreadLocal<ByteBuffer> READ =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(READ_BYTES));

    private final OpenFiles files;
    private final Path directory;
    private final int indexIntervalBytes;
    private final LeaderEpochs epochs;

    /** A recovered segment, the bytes that were cut off its end, the offset after its last batch. */
    record Recovered(Segment segment, long cutBytes, long nextOffset) {}

    SegmentRecovery(OpenFiles files, Path directory, int indexIntervalBytes, LeaderEpochs epochs) {
        this.files = files;
        this.directory = directory;
        this.indexIntervalBytes = indexIntervalBytes;
        this.epochs = epochs;
    }

    Recovered recover(long baseOffset, long nowMs, long rollJitterMs) throws IOException {
        for (var suffix : new String[] {SegmentNames.INDEX, SegmentNames.TIME_INDEX, SegmentNames.TXN_INDEX}) {
            files.disk().delete(directory.resolve(SegmentNames.name(baseOffset, suffix)));
        }
        var segment = Segment.create(files, directory, baseOffset, nowMs, rollJitterMs);
        var channel = segment.log().acquire();
        try {
            long fileSize = channel.size();
            var scan = new BatchScan(channel, 0, Math.min(fileSize, Integer.MAX_VALUE), READ.get());
            long expected = baseOffset;
            while (scan.next() && follows(scan, expected, baseOffset)) {
                var batch = scan.batch();
                segment.note(
                        scan.position(),
                        batch.sizeBytes(),
                        batch.lastOffset(),
                        batch.maxTimestamp(),
                        indexIntervalBytes);
                if (batch.partitionLeaderEpoch() >= 0) {
                    epochs.assign(batch.partitionLeaderEpoch(), batch.baseOffset());
                }
                expected = batch.nextOffset();
            }
            long cut = fileSize - scan.position();
            if (cut > 0) {
                OldFormat.refuse(channel, segment.log().path(), scan.position(), fileSize);
                LOG.warn(
                        "{}: found no valid batch at position {} (offset {}); cutting the {} bytes that follow",
                        segment.log().path(),
                        scan.position(),
                        expected,
                        cut);
                channel.truncate(scan.position());
                // What was cut off may hold whole batches; they must not come back behind new ones.
                channel.force(true);
            }
            segment.recovered(scan.position());
            return new Recovered(segment, cut, expected);
        } finally {
            segment.log().release();
        }
    }

    /** Base offsets lie outside the CRC: a torn header shows as offsets that go back. */
    private static boolean follows(BatchScan scan, long expected, long segmentBase) {
        var batch = scan.batch();
        return batch.crcIsValid()
                && batch.baseOffset() >= expected
                && batch.lastOffset() >= batch.baseOffset()
                && batch.lastOffset() - segmentBase <= Integer.MAX_VALUE;
    }
}
