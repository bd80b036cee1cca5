package io.barnabas.storage.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.LongConsumer;

import io.barnabas.storage.epoch.LeaderEpochs;
import io.barnabas.storage.file.LeasedFile;
import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.segment.BatchHeaders;
import io.barnabas.storage.segment.BatchScan;
import io.barnabas.storage.segment.Segment;
import io.barnabas.storage.segment.SegmentNames;

/**
 * Reads one segment through after an unclean shutdown: keeps the batches up to the first bad one, cuts the rest, builds the
 * indexes again and notes leader epochs. The thread that loads the log.
 */
final class SegmentRecovery {
    private static final int REPORTED_BYTES = 1 << 20;

    private static final int READ_BYTES = 1 << 20;
    /** Outside the heap, where a file is read to without another copy; the threads that recover logs do not live long. */
    private static final ThreadLocal<ByteBuffer> READ =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(READ_BYTES));

    private final OpenFiles files;
    private final Path directory;
    private final int indexIntervalBytes;
    private final LeaderEpochs epochs;
    private final LongConsumer scannedBytes;

    /**
     * A recovered segment.
     *
     * @param cutBytes that were cut off its end
     * @param nextOffset after its last batch
     * @param lastCutOffset of the records that were cut off, as far as can be told; −1 if it cannot
     */
    record Recovered(Segment segment, long cutBytes, long nextOffset, long lastCutOffset) {}

    /** @param scannedBytes told now and then how many bytes more were read */
    SegmentRecovery(
            OpenFiles files, Path directory, int indexIntervalBytes, LeaderEpochs epochs, LongConsumer scannedBytes) {
        this.files = files;
        this.directory = directory;
        this.indexIntervalBytes = indexIntervalBytes;
        this.epochs = epochs;
        this.scannedBytes = scannedBytes;
    }

    Recovered recover(long baseOffset, long nowMs) throws IOException {
        for (var suffix : new String[] {SegmentNames.INDEX, SegmentNames.TIME_INDEX, SegmentNames.TXN_INDEX}) {
            files.disk().delete(directory.resolve(SegmentNames.name(baseOffset, suffix)));
        }
        var segment = Segment.create(files, directory, baseOffset, nowMs);
        var channel = segment.log().acquire();
        try {
            long fileSize = channel.size();
            var scan = new BatchScan(channel, 0, Math.min(fileSize, Integer.MAX_VALUE), READ.get());
            long expected = baseOffset;
            int reported = 0;
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
                if (scan.position() - reported >= REPORTED_BYTES) {
                    scannedBytes.accept(scan.position() - reported);
                    reported = scan.position();
                }
            }
            scannedBytes.accept(fileSize - reported);
            long lastCut = -1;
            long cut = fileSize - scan.position();
            if (cut > 0) {
                OldFormat.refuse(channel, segment.log().path(), scan.position(), fileSize);
                lastCut = lastOffset(segment.log(), scan.position(), fileSize, expected);
                channel.truncate(scan.position());
                // What was cut off may hold whole batches; they must not come back behind new ones.
                channel.force(true);
            }
            segment.recovered(scan.position());
            return new Recovered(segment, cut, expected, lastCut);
        } finally {
            segment.log().release();
        }
    }

    /** The last offset of a file whose segment goes as a whole; −1 if it cannot be told. */
    long lastOffset(long baseOffset) throws IOException {
        var file = files.file(directory.resolve(SegmentNames.name(baseOffset, SegmentNames.LOG)));
        var channel = file.acquire();
        try {
            return lastOffset(file, 0, channel.size(), baseOffset);
        } finally {
            file.release();
            file.discard();
        }
    }

    /** By the headers only: what lies in damaged records does not matter. */
    private static long lastOffset(LeasedFile file, int position, long fileSize, long expected) throws IOException {
        try (var headers = new BatchHeaders(file, position, (int) Math.min(fileSize, Integer.MAX_VALUE))) {
            long last = -1;
            while (headers.next() && headers.baseOffset() >= expected && headers.lastOffset() >= headers.baseOffset()) {
                last = headers.lastOffset();
                expected = last + 1;
            }
            return last;
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
