package io.barnabas.metadata.single;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

import io.barnabas.metadata.controller.CommittedMetadata;
import io.barnabas.metadata.controller.Proposals;
import io.barnabas.metadata.controller.SnapshotCodec;
import io.barnabas.metadata.image.MetadataImage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Metadata of a quorum of one, where a batch is committed once it is on this node's disk: one file of entries, forced one by one,
 * and folded into the image on the thread "metadata-log". Opening it replays the file, cuts a torn tail, and rewrites a file that
 * has grown as one snapshot.
 *
 * <p>File {@code barnabas-metadata.log}, beside the partitions' directories, where Apache Kafka overlooks it: entries of int32 size of what follows its checksum, int32 CRC-32C of that, int8 kind
 * (0 record batch, 1 snapshot), int64 index, payload.
 */
public final class SingleVoterLog implements Proposals, AutoCloseable {
    /** The only term there is. */
    public static final long TERM = 1;

    private static final Logger LOG = LoggerFactory.getLogger(SingleVoterLog.class);
    private static final String FILE = "barnabas-metadata.log";
    private static final String LOCK_FILE = "barnabas-metadata.lock";
    private static final int FRAME_BYTES = 2 * Integer.BYTES;
    private static final int HEAD_BYTES = Byte.BYTES + Long.BYTES;
    private static final int MAX_PAYLOAD_BYTES = 1 << 30;
    private static final long REWRITE_BYTES = 4 << 20;
    private static final byte BATCH = 0;
    private static final byte SNAPSHOT = 1;
    private static final long CLOSE_S = 10;

    private final Path directory;
    private final CommittedMetadata committed;
    private final Consumer<Throwable> onFatal;
    private final FileChannel lockFile;
    private final ExecutorService thread;
    /** Thread "metadata-log", once open. */
    private FileChannel file;

    private long index;
    private boolean failed;

    private SingleVoterLog(
            Path directory, CommittedMetadata committed, FileChannel lockFile, Consumer<Throwable> onFatal) {
        this.directory = directory;
        this.committed = committed;
        this.lockFile = lockFile;
        this.onFatal = onFatal;
        thread = Executors.newSingleThreadExecutor(task -> {
            var created = new Thread(task, "metadata-log");
            created.setDaemon(true);
            return created;
        });
    }

    /**
     * Takes the log of a node and publishes what it holds.
     *
     * @param metadataDir {@code metadata.log.dir}
     * @param onFatal called once, on the thread "metadata-log", when a write failed: nobody knows what is on the disk then
     * @throws IOException with a sentence that says what is wrong, if another process has the log or it cannot be read
     */
    public static SingleVoterLog open(Path metadataDir, CommittedMetadata committed, Consumer<Throwable> onFatal)
            throws IOException {
        Files.createDirectories(metadataDir);
        var log = new SingleVoterLog(metadataDir, committed, lock(metadataDir), onFatal);
        try {
            log.load();
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
        return log;
    }

    private static FileChannel lock(Path directory) throws IOException {
        var channel =
                FileChannel.open(directory.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            LOG.debug("Locked in this process", e);
        }
        if (lock == null) {
            channel.close();
            throw new IOException("Failed to acquire the lock of " + directory.resolve(FILE)
                    + ": another process uses this metadata directory; stop it, or set metadata.log.dir.");
        }
        return channel;
    }

    private void load() throws IOException {
        var path = directory.resolve(FILE);
        boolean isNew = !Files.exists(path);
        file = open(path);
        if (isNew) {
            forceDirectory();
        }
        long position = replay();
        if (position < file.size()) {
            LOG.warn("Cutting {} torn bytes from the end of {}", file.size() - position, path);
            file.truncate(position);
            file.force(true);
        }
        file.position(position);
        if (position > REWRITE_BYTES) {
            rewrite(path);
        }
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Folds all whole entries; returns where they end. */
    private long replay() throws IOException {
        var image = MetadataImage.EMPTY;
        committed.publish(image);
        long position = 0;
        while (true) {
            var entry = readEntry(position);
            if (entry == null) {
                return position;
            }
            byte kind = entry.get();
            index = entry.getLong();
            var payload = new byte[entry.remaining()];
            entry.get(payload);
            if (kind == SNAPSHOT) {
                committed.publish(SnapshotCodec.decode(payload).at(index));
            } else {
                committed.apply(index, payload);
            }
            position += FRAME_BYTES + HEAD_BYTES + payload.length;
        }
    }

    /** Kind, index and payload of the entry at a position; null if no whole entry is there. */
    private ByteBuffer readEntry(long position) throws IOException {
        var frame = ByteBuffer.allocate(FRAME_BYTES);
        if (!readFully(frame, position)) {
            return null;
        }
        int size = frame.getInt();
        int checksum = frame.getInt();
        if (size < HEAD_BYTES || size > MAX_PAYLOAD_BYTES || size > file.size() - position - FRAME_BYTES) {
            return null;
        }
        var entry = ByteBuffer.allocate(size);
        return readFully(entry, position + FRAME_BYTES) && checksum(entry) == checksum ? entry : null;
    }

    private boolean readFully(ByteBuffer buffer, long position) throws IOException {
        while (buffer.hasRemaining()) {
            if (file.read(buffer, position + buffer.position()) < 0) {
                return false;
            }
        }
        buffer.flip();
        return true;
    }

    private static int checksum(ByteBuffer entry) {
        var crc = new CRC32C();
        crc.update(entry.duplicate());
        return (int) crc.getValue();
    }

    private void rewrite(Path path) throws IOException {
        var next = path.resolveSibling(FILE + ".tmp");
        Files.deleteIfExists(next);
        file.close();
        file = open(next);
        append(SNAPSHOT, index, SnapshotCodec.encode(committed.image()));
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory();
    }

    private void forceDirectory() throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private void append(byte kind, long entryIndex, byte[] payload) throws IOException {
        int size = HEAD_BYTES + payload.length;
        var entry = ByteBuffer.allocate(FRAME_BYTES + size);
        entry.position(FRAME_BYTES);
        entry.put(kind).putLong(entryIndex).put(payload).flip();
        int checksum = checksum(entry.duplicate().position(FRAME_BYTES));
        entry.putInt(0, size).putInt(Integer.BYTES, checksum);
        while (entry.hasRemaining()) {
            file.write(entry);
        }
        file.force(false);
    }

    @Override
    public CompletionStage<Long> propose(byte[] recordBatch, long term) {
        return CompletableFuture.supplyAsync(() -> commit(recordBatch), thread);
    }

    private long commit(byte[] recordBatch) {
        if (failed) {
            throw new IllegalStateException("The metadata log failed before");
        }
        try {
            append(BATCH, index + 1, recordBatch);
            index++;
            committed.apply(index, recordBatch);
            return index;
        } catch (IOException | RuntimeException e) {
            failed = true;
            LOG.error("The metadata log in {} cannot be written; the node stops", directory, e);
            onFatal.accept(e);
            throw new IllegalStateException("The metadata log cannot be written", e);
        }
    }

    /** Ends the thread after what was proposed, and gives the directory back. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(CLOSE_S, TimeUnit.SECONDS);
            if (file != null) {
                file.close();
            }
            lockFile.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("The metadata log in {} did not close cleanly", directory, e);
        }
    }
}
