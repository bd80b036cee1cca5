package io.barnabas.storage.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

import io.barnabas.storage.epoch.LeaderEpochs;
import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.index.OffsetIndex;
import io.barnabas.storage.index.TimeIndex;
import io.barnabas.storage.producer.ProducerLedger;
import io.barnabas.storage.producer.TransactionIndex;
import io.barnabas.storage.segment.Segment;
import io.barnabas.storage.segment.SegmentNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads one partition directory. After a clean shutdown the files are trusted; otherwise every segment that reaches above
 * the recovery point is read through, and the log ends at the first bad batch. One thread per partition, any number of
 * partitions at once.
 */
public final class LogLoader {
    private static final Logger LOG = LoggerFactory.getLogger(LogLoader.class);

    /** Our own indexes are seldom as long. */
    private static final int PREALLOCATED_BYTES = 1 << 20;

    private final OpenFiles files;
    private final Path directory;
    private final int indexIntervalBytes;
    private final BooleanSupplier compacted;
    private final long logStartCheckpoint;
    private final long recoveryPoint;
    private final boolean cleanShutdown;
    private final long nowMs;
    private final LongConsumer scannedBytes;
    private final List<Segment> segments = new ArrayList<>();
    /** Base offsets of segments whose indexes were built again. */
    private final TreeSet<Long> rebuilt = new TreeSet<>();

    /**
     * @param compacted whether the topic is compacted, so that offsets may be missing between batches
     * @param logStartCheckpoint log start offset as last checkpointed, 0 if never
     * @param recoveryPoint offset below which the log was known to be on stable storage, 0 if unknown
     * @param scannedBytes told now and then how many bytes more were read through; on the thread that loads
     */
    public LogLoader(
            OpenFiles files,
            Path directory,
            int indexIntervalBytes,
            BooleanSupplier compacted,
            long logStartCheckpoint,
            long recoveryPoint,
            boolean cleanShutdown,
            long nowMs,
            LongConsumer scannedBytes) {
        this.files = files;
        this.directory = directory;
        this.indexIntervalBytes = indexIntervalBytes;
        this.compacted = compacted;
        this.logStartCheckpoint = logStartCheckpoint;
        this.recoveryPoint = recoveryPoint;
        this.cleanShutdown = cleanShutdown;
        this.nowMs = nowMs;
        this.scannedBytes = scannedBytes;
    }

    public LoadedLog load(LeaderEpochs epochs, ProducerLedger producers) throws IOException {
        Leftovers.clear(files.disk(), directory);
        loadSegments(epochs, producers);
        long nextOffset = segments.isEmpty() ? logStartCheckpoint : last().readNextOffset();
        if (nextOffset < logStartCheckpoint) {
            LOG.warn(
                    "{}: the log ends at offset {}, below its start {}: segment files are missing; it goes on empty",
                    directory,
                    nextOffset,
                    logStartCheckpoint);
            for (var segment : segments) {
                deleteFiles(segment.baseOffset());
            }
            segments.clear();
            epochs.clear();
            nextOffset = logStartCheckpoint;
        }
        if (segments.isEmpty()) {
            segments.add(Segment.create(files, directory, nextOffset, nowMs));
            if (nextOffset > 0) {
                last().createFiles();
                files.disk().forceDirectory(directory);
            }
        }
        long logStart = Math.max(logStartCheckpoint, segments.get(0).baseOffset());
        epochs.truncateFromEnd(nextOffset);
        epochs.truncateFromStart(logStart);
        ProducerRebuild.rebuild(producers, segments, logStart, nextOffset, rebuilt, nowMs);
        long trustedUpTo = cleanShutdown ? nextOffset : Math.min(recoveryPoint, nextOffset);
        return new LoadedLog(List.copyOf(segments), logStart, nextOffset, trustedUpTo, epochs, producers);
    }

    private Segment last() {
        return segments.get(segments.size() - 1);
    }

    private void loadSegments(LeaderEpochs epochs, ProducerLedger producers) throws IOException {
        var names = new TreeSet<>(files.disk().list(directory));
        deleteOrphans(names);
        var bases = new ArrayList<Long>();
        for (var name : names) {
            SegmentNames.baseOffset(name, SegmentNames.LOG).ifPresent(bases::add);
        }
        producers.deleteStraySnapshots(bases);
        var recovery = new SegmentRecovery(files, directory, indexIntervalBytes, epochs, scannedBytes);
        boolean cut = false;
        Loss loss = null;
        for (int i = 0; i < bases.size(); i++) {
            long base = bases.get(i);
            if (cut) {
                loss = loss.withSegment(
                        files.disk().sizeBytes(directory.resolve(SegmentNames.name(base, SegmentNames.LOG))),
                        recovery.lastOffset(base));
                deleteFiles(base);
                continue;
            }
            boolean trusted = cleanShutdown || i + 1 < bases.size() && bases.get(i + 1) <= recoveryPoint;
            var segment = trusted ? openTrusted(base, names) : null;
            if (segment != null && i == 0) {
                refuseOldFormat(segment);
            }
            if (segment == null) {
                var recovered = recovery.recover(base, nowMs);
                segment = recovered.segment();
                rebuilt.add(base);
                if (recovered.cutBytes() > 0) {
                    loss = Loss.in(recovered);
                }
                cut = !trusted && (recovered.cutBytes() > 0 || endsEarly(recovered.nextOffset(), bases, i));
                if (cut && loss == null) {
                    loss = Loss.in(recovered);
                }
                if (i + 1 < bases.size() && !cut) {
                    segment.seal();
                }
            }
            segments.add(segment);
        }
        if (loss != null) {
            LOG.warn("{}: {}", directory.getFileName(), loss);
        }
        if (cut) {
            // A deleted segment must not come back beside records written from now on.
            files.disk().forceDirectory(directory);
        }
    }

    /**
     * Data lost at exactly the end of a batch leaves no bad bytes, only a gap before the next segment. Compaction leaves gaps
     * too, so there they are no sign of a loss.
     */
    private boolean endsEarly(long nextOffset, List<Long> bases, int index) {
        return index + 1 < bases.size() && nextOffset < bases.get(index + 1) && !compacted.getAsBoolean();
    }

    private void deleteOrphans(TreeSet<String> names) throws IOException {
        for (var suffix : List.of(SegmentNames.INDEX, SegmentNames.TIME_INDEX, SegmentNames.TXN_INDEX)) {
            for (var name : List.copyOf(names)) {
                var base = SegmentNames.baseOffset(name, suffix);
                if (base.isPresent() && !names.contains(SegmentNames.name(base.getAsLong(), SegmentNames.LOG))) {
                    LOG.warn("{}: deleting {}, which has no segment", directory, name);
                    files.disk().delete(directory.resolve(name));
                    names.remove(name);
                }
            }
        }
    }

    /** Messages of an old format, if there are any, begin the log. */
    private static void refuseOldFormat(Segment segment) throws IOException {
        if (segment.sizeBytes() > 0) {
            var channel = segment.log().acquire();
            try {
                OldFormat.refuse(channel, segment.log().path(), 0, segment.sizeBytes());
            } finally {
                segment.log().release();
            }
        }
    }

    /** Null if an index is missing, its size is no whole number of entries, or it has entries of nothing. */
    private Segment openTrusted(long base, TreeSet<String> names) throws IOException {
        int offsetEntries = entries(base, SegmentNames.INDEX, OffsetIndex.ENTRY_SIZE_BYTES, names);
        int timeEntries = entries(base, SegmentNames.TIME_INDEX, TimeIndex.ENTRY_SIZE_BYTES, names);
        int transactions = names.contains(SegmentNames.name(base, SegmentNames.TXN_INDEX))
                ? entries(base, SegmentNames.TXN_INDEX, TransactionIndex.ENTRY_SIZE_BYTES, names)
                : 0;
        long size = files.disk().sizeBytes(directory.resolve(SegmentNames.name(base, SegmentNames.LOG)));
        // Of a segment that a cut has emptied, a power loss after a clean stop may bring the indexes back.
        boolean stale = size == 0 && (offsetEntries > 0 || timeEntries > 0 || transactions > 0);
        if (offsetEntries < 0 || timeEntries < 0 || transactions < 0 || stale) {
            LOG.warn("{}: an index of segment {} is missing or damaged and is built again", directory, base);
            return null;
        }
        return Segment.existing(
                files,
                directory,
                base,
                Math.toIntExact(size),
                offsetEntries,
                timeEntries,
                transactions * TransactionIndex.ENTRY_SIZE_BYTES,
                nowMs);
    }

    private int entries(long base, String suffix, int entrySizeBytes, TreeSet<String> names) throws IOException {
        var name = SegmentNames.name(base, suffix);
        if (!names.contains(name)) {
            return -1;
        }
        var path = directory.resolve(name);
        long size = files.disk().sizeBytes(path);
        boolean whole =
                size % entrySizeBytes == 0 && !(size >= PREALLOCATED_BYTES && endsEmpty(path, size, entrySizeBytes));
        return whole ? Math.toIntExact(size / entrySizeBytes) : -1;
    }

    /** Kafka makes the indexes of an active segment as long as they may become; who kills it leaves them so. */
    private boolean endsEmpty(Path index, long sizeBytes, int entrySizeBytes) throws IOException {
        var last = ByteBuffer.allocate(entrySizeBytes);
        try (var channel = files.disk().open(index)) {
            while (last.hasRemaining() && channel.read(last, sizeBytes - entrySizeBytes + last.position()) >= 0) {}
        }
        return ByteBuffer.allocate(entrySizeBytes).equals(last.flip());
    }

    private void deleteFiles(long base) throws IOException {
        for (var suffix : List.of(
                SegmentNames.LOG,
                SegmentNames.INDEX,
                SegmentNames.TIME_INDEX,
                SegmentNames.TXN_INDEX,
                SegmentNames.SNAPSHOT)) {
            files.disk().delete(directory.resolve(SegmentNames.name(base, suffix)));
        }
    }
}
