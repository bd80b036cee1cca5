package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.codec.LogEntryDecoder;
import com.alipay.sofa.jraft.entity.codec.LogEntryEncoder;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Raft log in files of our own (see {@link RaftSegment}). Entries are on the disk when an append returns. After a failed write
 * nothing more is written: nobody knows what is on the disk then. Only for space, which {@link MetadataSpace} may lack, an append waits.
 * JRaft appends on one thread and reads on several, rarely, since it keeps the newest entries in memory; one lock does.
 */
final class FileRaftLog implements LogStorage {
    static final long SEGMENT_BYTES = 16L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(FileRaftLog.class);

    /** How often an append that found no space tries again. */
    private static final long SPACE_WAIT_MS = 500;

    private final Path directory;
    private final MetadataSpace space;
    private final long segmentBytes;
    private final TreeMap<Long, RaftSegment> segments = new TreeMap<>();
    private LogEntryEncoder encoder;
    private LogEntryDecoder decoder;
    /** JRaft's own account of who the voters are, from log and snapshot. */
    private ConfigurationManager configurations;
    /** Above the first segment's first index after a prefix was cut within that. */
    private long firstIndex = 1;

    private IOException failure;
    private boolean closing;

    /** @param segmentBytes a new file begins once the last one has reached this */
    FileRaftLog(Path directory, MetadataSpace space, long segmentBytes) {
        this.directory = directory;
        this.space = space;
        this.segmentBytes = segmentBytes;
    }

    /**
     * Opens the files; comes before {@link #init}, because JRaft does not come to an end well when that fails.
     *
     * @throws RaftLogCorruptException with path and position
     */
    synchronized void open() throws IOException {
        DurableFiles.makeDirectory(directory);
        try {
            openSegments();
        } catch (IOException | RuntimeException e) {
            closeSegments();
            throw e;
        }
    }

    @Override
    public synchronized boolean init(LogStorageOptions options) {
        encoder = options.getLogEntryCodecFactory().encoder();
        decoder = options.getLogEntryCodecFactory().decoder();
        configurations = options.getConfigurationManager();
        try {
            for (var segment : segments.values()) {
                for (long index = segment.firstIndex(); index <= segment.lastIndex(); index++) {
                    if (segment.isConfiguration(index)) {
                        configurations.add(configuration(read(index)));
                    }
                }
            }
            return true;
        } catch (IOException e) {
            return failed("be read", e);
        }
    }

    /** Why a call did not succeed; null if all did. */
    synchronized IOException failure() {
        return failure;
    }

    /** The voters named last by log or snapshot, rising; none if there is neither. Right after the start of the node only. */
    List<Integer> voters() {
        return NodeNames.idsOf(configurations.getLastConfiguration().getConf().getPeers());
    }

    /** Whether there is any file of a log in a directory. */
    static boolean existsIn(Path directory) throws IOException {
        return Files.isDirectory(directory) && !files(directory).isEmpty();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (var found = Files.list(directory)) {
            return found.filter(file -> file.toString().endsWith(RaftSegment.ENDING))
                    .sorted()
                    .toList();
        }
    }

    private void openSegments() throws IOException {
        var files = files(directory);
        for (int i = 0; i < files.size(); i++) {
            var segment = RaftSegment.open(files.get(i), i == files.size() - 1);
            var before = segments.lastEntry();
            segments.put(segment.firstIndex(), segment);
            if (before != null && before.getValue().lastIndex() + 1 != segment.firstIndex()) {
                throw new RaftLogCorruptException("The metadata log is damaged: " + segment.path()
                        + " does not follow entry " + before.getValue().lastIndex() + ", the last before it.");
            }
        }
        if (!segments.isEmpty()) {
            firstIndex = segments.firstKey();
        }
    }

    private static ConfigurationEntry configuration(LogEntry entry) {
        var now = new Configuration(entry.getPeers(), entry.getLearners());
        var before = entry.getOldPeers() == null
                ? new Configuration()
                : new Configuration(entry.getOldPeers(), entry.getOldLearners());
        return new ConfigurationEntry(entry.getId().copy(), now, before);
    }

    @Override
    public synchronized long getFirstLogIndex() {
        return firstIndex;
    }

    @Override
    public synchronized long getLastLogIndex() {
        return segments.isEmpty()
                ? firstIndex - 1
                : segments.lastEntry().getValue().lastIndex();
    }

    @Override
    public synchronized LogEntry getEntry(long index) {
        if (index < firstIndex || index > getLastLogIndex()) {
            return null;
        }
        try {
            return read(index);
        } catch (IOException e) {
            failed("be read", e);
            return null;
        }
    }

    @Override
    @Deprecated
    public long getTerm(long index) {
        var entry = getEntry(index);
        return entry == null ? 0 : entry.getId().getTerm();
    }

    @Override
    public boolean appendEntry(LogEntry entry) {
        return appendEntries(List.of(entry)) == 1;
    }

    /** All, or after a failure none: JRaft stops the node then. Waits while the disk is full. */
    @Override
    public synchronized int appendEntries(List<LogEntry> entries) {
        if (entries.isEmpty() || failure != null) {
            return 0;
        }
        try {
            List<RaftSegment.NewEntry> encoded = new ArrayList<>(entries.size());
            long next = getLastLogIndex() + 1;
            for (int i = 0; i < entries.size(); i++) {
                var entry = entries.get(i);
                if (entry.getId().getIndex() != next + i) {
                    throw new IOException(
                            "entry " + entry.getId().getIndex() + " cannot follow entry " + (next + i - 1));
                }
                encoded.add(new RaftSegment.NewEntry(
                        encoder.encode(entry), entry.getType() == EntryType.ENTRY_TYPE_CONFIGURATION));
            }
            append(next, encoded);
            return entries.size();
        } catch (IOException | RuntimeException e) {
            failed("be written", e);
            return 0;
        }
    }

    private void append(long index, List<RaftSegment.NewEntry> encoded) throws IOException {
        while (true) {
            try {
                segmentFor(index).append(encoded, space);
                return;
            } catch (MetadataDiskFullException e) {
                if (closing) {
                    throw e;
                }
                space.tellFull(e);
                awaitSpace();
            }
        }
    }

    private void awaitSpace() throws IOException {
        try {
            wait(SPACE_WAIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for space");
        }
    }

    /** From now on no append waits for space. */
    synchronized void closing() {
        closing = true;
        notifyAll();
    }

    private RaftSegment segmentFor(long index) throws IOException {
        if (segments.isEmpty() || segments.lastEntry().getValue().sizeBytes() >= segmentBytes) {
            segments.put(index, RaftSegment.create(space, directory, index));
        }
        return segments.lastEntry().getValue();
    }

    /**
     * Whole files go. Within the first file only the index moves, and is back when the log is opened again; JRaft cuts again once it has
     * loaded its snapshot.
     */
    @Override
    public synchronized boolean truncatePrefix(long firstIndexKept) {
        try {
            long last = getLastLogIndex();
            while (!segments.isEmpty() && isBefore(firstIndexKept, last)) {
                segments.firstEntry().getValue().delete();
                segments.pollFirstEntry();
            }
            DurableFiles.force(directory);
            firstIndex = Math.max(firstIndex, firstIndexKept);
            return true;
        } catch (IOException e) {
            return failed("be shortened", e);
        }
    }

    /** Whether the first file holds nothing from an index on; an empty last file stays where the next entry belongs to it. */
    private boolean isBefore(long firstIndexKept, long lastIndex) {
        var segment = segments.firstEntry().getValue();
        boolean awaitsNext = segment.firstIndex() == lastIndex + 1 && firstIndexKept <= lastIndex + 1;
        return segment.lastIndex() < firstIndexKept && !awaitsNext;
    }

    @Override
    public synchronized boolean truncateSuffix(long lastIndexKept) {
        try {
            while (!segments.isEmpty() && segments.lastKey() > lastIndexKept) {
                segments.lastEntry().getValue().delete();
                segments.pollLastEntry();
            }
            DurableFiles.force(directory);
            if (!segments.isEmpty()) {
                segments.lastEntry().getValue().truncateAfter(lastIndexKept);
            }
            firstIndex = Math.min(firstIndex, lastIndexKept + 1);
            return true;
        } catch (IOException e) {
            return failed("be shortened", e);
        }
    }

    /**
     * Drops everything; the log goes on at an index that a snapshot ends before. An empty file remembers the index, so that, other than
     * in JRaft's own storage, no entry is made up for it.
     */
    @Override
    public synchronized boolean reset(long nextIndex) {
        try {
            if (nextIndex <= 0) {
                throw new IOException("no log goes on at entry " + nextIndex);
            }
            while (!segments.isEmpty()) {
                segments.lastEntry().getValue().delete();
                segments.pollLastEntry();
            }
            segments.put(nextIndex, RaftSegment.create(space, directory, nextIndex));
            firstIndex = nextIndex;
            return true;
        } catch (IOException e) {
            return failed("be started anew", e);
        }
    }

    @Override
    public synchronized void shutdown() {
        closeSegments();
    }

    private void closeSegments() {
        for (var segment : segments.values()) {
            try {
                segment.close();
            } catch (IOException e) {
                LOG.warn("{} could not be closed", segment.path(), e);
            }
        }
        segments.clear();
    }

    private LogEntry read(long index) throws IOException {
        var segment = segments.floorEntry(index).getValue();
        var entry = decoder.decode(segment.entry(index));
        if (entry == null || entry.getId().getIndex() != index) {
            throw new RaftLogCorruptException(
                    "The metadata log is damaged: entry " + index + " in " + segment.path() + " is another one.");
        }
        return entry;
    }

    private boolean failed(String what, Exception e) {
        if (e instanceof MetadataDiskFullException) {
            LOG.error("The metadata log in {} cannot {}: {}", directory, what, e.getMessage());
        } else {
            LOG.error("The metadata log in {} cannot {}: {}", directory, what, e.getMessage(), e);
        }
        if (failure == null) {
            failure = e instanceof IOException io ? io : new IOException(e);
        }
        return false;
    }
}
