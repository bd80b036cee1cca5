package io.barnabas.storage.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.storage.dir.LogDirectory;
import io.barnabas.storage.dir.PartitionDirectory;
import io.barnabas.storage.segment.SegmentNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the recovery of one log directory is: a line a second, if it takes longer than one. Counted by the threads that recover;
 * told by a thread {@code recovery-progress-<directory>}, which ends with them.
 */
final class RecoveryProgress {
    private static final Logger LOG = LoggerFactory.getLogger(RecoveryProgress.class);
    private static final long PERIOD_MS = 1_000;
    /** What has been read tells how fast the rest will be from so much on, or from a hundredth of all. */
    private static final long ENOUGH_BYTES = 64 << 20;

    private final LogDirectory directory;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> recoveryPoints;
    private final AtomicInteger donePartitions = new AtomicInteger();
    private final LongAdder doneBytes = new LongAdder();

    RecoveryProgress(
            LogDirectory directory, List<TopicPartition> partitions, Map<TopicPartition, Long> recoveryPoints) {
        this.directory = directory;
        this.partitions = partitions;
        this.recoveryPoints = recoveryPoints;
    }

    void partitionDone() {
        donePartitions.incrementAndGet();
    }

    void scanned(long bytes) {
        doneBytes.add(bytes);
    }

    /** The lines come until this is closed. */
    interface Lines extends AutoCloseable {
        @Override
        void close();
    }

    Lines tell() {
        var done = new CountDownLatch(1);
        var thread = new Thread(() -> tellUntil(done), "recovery-progress-" + directory);
        thread.setDaemon(true);
        thread.start();
        return done::countDown;
    }

    private void tellUntil(CountDownLatch done) {
        long startedNanos = System.nanoTime();
        long totalBytes = -1;
        try {
            while (!done.await(PERIOD_MS, TimeUnit.MILLISECONDS)) {
                if (totalBytes < 0) {
                    totalBytes = totalBytes();
                }
                LOG.info(line(totalBytes, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param elapsedMs since the recovery began */
    String line(long totalBytes, long elapsedMs) {
        long scanned = Math.min(doneBytes.sum(), totalBytes);
        var rest = isEnough(scanned, totalBytes)
                ? (long) Math.ceil((double) (totalBytes - scanned) / scanned * elapsedMs / 1_000) + " s"
                : "unknown";
        return "Recovering " + directory + ": " + donePartitions + " of " + partitions.size() + " partitions, "
                + scanned + " of " + totalBytes + " bytes; estimated rest " + rest;
    }

    private static boolean isEnough(long scanned, long totalBytes) {
        return scanned > 0 && (scanned >= ENOUGH_BYTES || scanned >= totalBytes / 100);
    }

    /** What has to be read through, by the sizes of the files; partitions recovered meanwhile may have been cut. */
    long totalBytes() {
        long total = 0;
        for (var partition : partitions) {
            try {
                total += unflushedBytes(partition);
            } catch (IOException e) {
                LOG.debug("Cannot tell how much of {} has to be recovered", partition, e);
            }
        }
        return total;
    }

    private long unflushedBytes(TopicPartition partition) throws IOException {
        var path = directory.path().resolve(PartitionDirectory.name(partition));
        var bases = new ArrayList<Long>();
        for (var name : directory.disk().list(path)) {
            SegmentNames.baseOffset(name, SegmentNames.LOG).ifPresent(bases::add);
        }
        long recoveryPoint = recoveryPoints.getOrDefault(partition, 0L);
        long total = 0;
        for (int i = 0; i < bases.size(); i++) {
            if (i + 1 == bases.size() || bases.get(i + 1) > recoveryPoint) {
                total += directory.disk().sizeBytes(path.resolve(SegmentNames.name(bases.get(i), SegmentNames.LOG)));
            }
        }
        return total;
    }
}
