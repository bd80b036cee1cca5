package io.barnabas.storage.epoch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.OptionalInt;

import io.barnabas.storage.checkpoint.CheckpointText;
import io.barnabas.storage.file.Disk;

/**
 * First offset of each leader epoch of a log, in {@code leader-epoch-checkpoint} of its directory. Changed by the owner
 * thread, read by any. Changes stay in memory until {@link #flush} replaces the file, durably: the log does that before it
 * counts records as flushed and after it truncates. Until then a recovery finds the epochs in the batches it reads, and
 * cuts what lies outside of the log.
 */
public final class LeaderEpochs {
    public static final String FILE = "leader-epoch-checkpoint";

    private static final int FIELDS = 2;
    private static final Entries NONE = new Entries(new int[0], new long[0]);

    /** Both ascending, of one length. */
    private record Entries(int[] epochs, long[] starts) {
        int size() {
            return epochs.length;
        }

        int last() {
            return epochs.length - 1;
        }

        /** Index of the last epoch not above one; −1 if none. */
        int floor(int epoch) {
            int found = Arrays.binarySearch(epochs, epoch);
            return found >= 0 ? found : -found - 2;
        }

        Entries first(int count) {
            return new Entries(Arrays.copyOf(epochs, count), Arrays.copyOf(starts, count));
        }

        Entries with(int epoch, long start) {
            var grown = first(size() + 1);
            grown.epochs[size()] = epoch;
            grown.starts[size()] = start;
            return grown;
        }
    }

    private final Disk disk;
    private Path directory;
    private volatile Entries entries = NONE;
    private boolean unwritten;

    private LeaderEpochs(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /** Without epochs, for a new log. */
    public static LeaderEpochs empty(Disk disk, Path partitionDirectory) {
        return new LeaderEpochs(disk, partitionDirectory);
    }

    /** @throws IOException if the file is there, but cannot be read or is damaged */
    public static LeaderEpochs load(Disk disk, Path partitionDirectory) throws IOException {
        var loaded = new LeaderEpochs(disk, partitionDirectory);
        var file = partitionDirectory.resolve(FILE);
        var entries = NONE;
        for (var fields : CheckpointText.read(disk, file, FIELDS)) {
            long epoch = CheckpointText.number(file, fields[0]);
            long start = CheckpointText.number(file, fields[1]);
            if (epoch < 0 || epoch > Integer.MAX_VALUE || start < 0) {
                throw new IOException(file + " is damaged: epoch " + epoch + " cannot start at offset " + start);
            }
            entries = assigned(entries, (int) epoch, start);
        }
        loaded.entries = entries;
        return loaded;
    }

    /** The partition directory has another name now. */
    public synchronized void directory(Path newDirectory) {
        directory = newDirectory;
    }

    /** The file may hold other epochs: the next {@link #flush} replaces it in any case. */
    public synchronized void rewrite() {
        unwritten = true;
    }

    /** The same epochs for another directory; {@link #flush} writes them there. */
    public LeaderEpochs copyTo(Path otherDirectory) {
        var copy = new LeaderEpochs(disk, otherDirectory);
        copy.publish(entries);
        return copy;
    }

    /**
     * Notes that an epoch begins at an offset; no-op if it is the latest and began before. Entries that contradict it are
     * dropped.
     *
     * @throws IllegalArgumentException if either is negative
     */
    public void assign(int epoch, long startOffset) {
        if (epoch < 0 || startOffset < 0) {
            throw new IllegalArgumentException("Epoch " + epoch + " cannot start at offset " + startOffset);
        }
        var before = entries;
        var after = assigned(before, epoch, startOffset);
        if (after != before) {
            publish(after);
        }
    }

    private static Entries assigned(Entries entries, int epoch, long start) {
        int last = entries.last();
        if (last >= 0 && entries.epochs[last] == epoch && start >= entries.starts[last]) {
            return entries;
        }
        int kept = entries.size();
        while (kept > 0 && (entries.epochs[kept - 1] >= epoch || entries.starts[kept - 1] >= start)) {
            kept--;
        }
        return entries.first(kept).with(epoch, start);
    }

    private synchronized void publish(Entries now) {
        entries = now;
        unwritten = true;
    }

    /**
     * Where an epoch ended, seen by a follower or consumer that asks for it.
     *
     * @param epoch −1 gives {@link EpochEndOffset#UNKNOWN}, as does one above all known
     * @return the log end for the latest epoch; for one older than all known, that epoch with the first known offset
     */
    public EpochEndOffset endOffset(int epoch, long logEndOffset) {
        var now = entries;
        if (epoch == EpochEndOffset.UNKNOWN.epoch()) {
            return EpochEndOffset.UNKNOWN;
        }
        int floor = now.floor(epoch);
        if (floor == now.last()) {
            return floor >= 0 && now.epochs[floor] == epoch
                    ? new EpochEndOffset(epoch, logEndOffset)
                    : EpochEndOffset.UNKNOWN;
        }
        return new EpochEndOffset(floor < 0 ? epoch : now.epochs[floor], now.starts[floor + 1]);
    }

    /** Drops epochs that begin at or above an offset. */
    public void truncateFromEnd(long endOffset) {
        var now = entries;
        int kept = now.size();
        while (kept > 0 && now.starts[kept - 1] >= endOffset) {
            kept--;
        }
        if (endOffset >= 0 && kept < now.size()) {
            publish(now.first(kept));
        }
    }

    /** Drops epochs that ended at or below an offset; the one that goes on there begins there now. */
    public void truncateFromStart(long startOffset) {
        var now = entries;
        int begun = 0;
        while (begun < now.size() && now.starts[begun] <= startOffset) {
            begun++;
        }
        if (begun == 0 || begun == 1 && now.starts[0] == startOffset) {
            return;
        }
        var left = new Entries(
                Arrays.copyOfRange(now.epochs, begun - 1, now.size()),
                Arrays.copyOfRange(now.starts, begun - 1, now.size()));
        left.starts[0] = startOffset;
        publish(left);
    }

    /** Drops all epochs. */
    public void clear() {
        if (entries.size() > 0) {
            publish(NONE);
        }
    }

    /** Writes what is not written yet. Any thread. */
    public synchronized void flush() throws IOException {
        if (unwritten) {
            var now = entries;
            var lines = new ArrayList<String>(now.size());
            for (int i = 0; i < now.size(); i++) {
                lines.add(now.epochs[i] + " " + now.starts[i]);
            }
            CheckpointText.write(disk, directory.resolve(FILE), lines);
            unwritten = false;
        }
    }

    public OptionalInt latest() {
        var now = entries;
        return now.size() == 0 ? OptionalInt.empty() : OptionalInt.of(now.epochs[now.last()]);
    }

    /** The epoch before the latest. */
    public OptionalInt previous() {
        var now = entries;
        return now.size() < 2 ? OptionalInt.empty() : OptionalInt.of(now.epochs[now.last() - 1]);
    }

    /** The largest epoch below one. */
    public OptionalInt previous(int epoch) {
        var now = entries;
        int floor = now.floor(epoch);
        int lower = floor >= 0 && now.epochs[floor] == epoch ? floor - 1 : floor;
        return lower < 0 ? OptionalInt.empty() : OptionalInt.of(now.epochs[lower]);
    }

    /** The epoch that wrote the record at an offset. */
    public OptionalInt epochAt(long offset) {
        var now = entries;
        int found = Arrays.binarySearch(now.starts, offset);
        int floor = found >= 0 ? found : -found - 2;
        return floor < 0 ? OptionalInt.empty() : OptionalInt.of(now.epochs[floor]);
    }

    /** First offset of an epoch; −1 if the epoch is not known. */
    public long startOffset(int epoch) {
        var now = entries;
        int floor = now.floor(epoch);
        return floor >= 0 && now.epochs[floor] == epoch ? now.starts[floor] : -1;
    }

    public int size() {
        return entries.size();
    }
}
