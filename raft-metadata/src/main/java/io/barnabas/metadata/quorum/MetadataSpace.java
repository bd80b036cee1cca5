package io.barnabas.metadata.quorum;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The space of a node's metadata directory. A file {@code reserve} of no meaning keeps some, so that topics can be deleted, which is a
 * write too, and the node can start, when a disk is full to the last byte: a write that finds no space takes a piece of it. The thread
 * {@code metadata-reserve} makes it whole again when there is space for that. Any thread; writes of one channel on one thread at a time.
 */
class MetadataSpace implements AutoCloseable {
    static final String NAME = "reserve";
    static final long RESERVE_BYTES = 4L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(MetadataSpace.class);
    /** Small: another program may be faster, and a piece is then good for one block. */
    private static final long PIECE_BYTES = 64 << 10;
    /** What must be free beyond the reserve for it to be made whole; with more than that, it is not bytes that a write lacks. */
    private static final long MARGIN_BYTES = 1 << 20;

    private static final long LOOK_MS = 1_000;
    private static final long REPEAT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Path directory;
    private final Path file;
    private final long wholeBytes;
    private Thread thread;
    private boolean closed;
    private long keptBytes;
    private boolean told;
    private boolean toldFull;
    private long toldFullNanos;

    /** @param wholeBytes size of the reserve; 0 for none */
    MetadataSpace(Path directory, long wholeBytes) {
        this.directory = directory;
        this.file = directory.resolve(NAME);
        this.wholeBytes = wholeBytes;
    }

    /**
     * Finds out what the reserve holds, and sees to it from now on.
     *
     * @throws MetadataDiskFullException if nothing can be written at all
     */
    synchronized void open() throws IOException {
        keptBytes = Files.exists(file) ? Files.size(file) : 0;
        if (keptBytes == 0 && usableBytes() == 0 && !isSpace()) {
            throw new MetadataDiskFullException(directory, null);
        }
        if (wholeBytes > 0) {
            thread = new Thread(this::keepWhole, "metadata-reserve");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** A user that may use what is kept for administrators finds space where none is told of. */
    private boolean isSpace() throws IOException {
        var probe = file.resolveSibling(NAME + ".tmp");
        try (var channel = channel(probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate((int) PIECE_BYTES), 0);
            return true;
        } catch (IOException e) {
            if (!isWhy(e)) {
                throw e;
            }
            return false;
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /** Opens a file; seam for tests. */
    FileChannel channel(Path path, OpenOption... options) throws IOException {
        return FileChannel.open(path, options);
    }

    /** What an unprivileged user may still write; seam for tests. */
    long usableBytes() {
        return directory.toFile().getUsableSpace();
    }

    /** Opens a file that may have to be made. */
    FileChannel openOrMake(Path path, OpenOption... options) throws IOException {
        while (true) {
            try {
                return channel(path, options);
            } catch (IOException e) {
                makeRoom(e, 0);
            }
        }
    }

    /**
     * Writes all of a buffer.
     *
     * @throws MetadataDiskFullException if there is no space, nor any of the reserve; what was written of it is of no harm, and it can be
     *     written again at the same place
     */
    void write(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        int start = buffer.position();
        while (buffer.hasRemaining()) {
            try {
                channel.write(buffer, position + buffer.position() - start);
            } catch (IOException e) {
                makeRoom(e, buffer.remaining());
            }
        }
    }

    /** Writes a new small file, or replaces one at once; on the disk when this returns. */
    void replace(Path path, ByteBuffer content) throws IOException {
        var next = path.resolveSibling(path.getFileName() + ".tmp");
        try (var channel = openOrMake(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            write(channel, content, 0);
            channel.force(true);
        }
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        DurableFiles.force(path.toAbsolutePath().getParent());
    }

    /** Whether a snapshot, which is not written from the reserve, had better wait. */
    boolean isShort() {
        return usableBytes() < MARGIN_BYTES;
    }

    /** Takes a piece of the reserve after an operation that found no space; throws if that is not why it failed, or nothing is left. */
    private synchronized void makeRoom(IOException why, long wantedBytes) throws IOException {
        if (!isWhy(why) || usableBytes() > MARGIN_BYTES + wantedBytes) {
            throw why;
        }
        if (keptBytes == 0) {
            throw new MetadataDiskFullException(directory, why);
        }
        long leftBytes = Math.max(0, keptBytes - Math.max(PIECE_BYTES, 2 * wantedBytes));
        shrink(leftBytes);
        if (!told) {
            told = true;
            LOG.warn(
                    "The disk of the metadata directory {} is full. Changes of the metadata go on in space that was kept for"
                            + " them, of which {} bytes are left: free some, by deleting topics or what else fills the disk",
                    directory,
                    keptBytes);
        }
        notifyAll();
    }

    /** Forced, because a file system may give the space to others only then. */
    private void shrink(long leftBytes) throws IOException {
        try (var channel = channel(file, StandardOpenOption.WRITE)) {
            channel.truncate(leftBytes);
            channel.force(true);
        }
        keptBytes = leftBytes;
    }

    /** The system's words depend on its language. */
    private boolean isWhy(IOException failure) {
        var words = String.valueOf(failure.getMessage());
        return words.contains("No space left on device")
                || words.contains("Disk quota exceeded")
                || usableBytes() < PIECE_BYTES;
    }

    /** Says that nothing can be written, once a minute. */
    synchronized void tellFull(MetadataDiskFullException why) {
        if (!toldFull || System.nanoTime() - toldFullNanos > REPEAT_NANOS) {
            toldFull = true;
            toldFullNanos = System.nanoTime();
            LOG.error("{} Changes of the metadata wait until there is some", why.getMessage());
        }
    }

    private synchronized void keepWhole() {
        try {
            while (!closed) {
                wait(keptBytes < wholeBytes ? LOOK_MS : 0);
                if (!closed && keptBytes < wholeBytes) {
                    makeWhole();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Random bytes, since a file system may keep none for zeros. */
    private void makeWhole() {
        if (usableBytes() < wholeBytes - keptBytes + MARGIN_BYTES) {
            return;
        }
        var random = new SplittableRandom();
        try (var channel = channel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (long position = keptBytes; position < wholeBytes; ) {
                var bytes = new byte[(int) Math.min(PIECE_BYTES, wholeBytes - position)];
                random.nextBytes(bytes);
                position += channel.write(ByteBuffer.wrap(bytes), position);
            }
            channel.force(true);
            keptBytes = wholeBytes;
        } catch (IOException e) {
            LOG.debug("The reserve {} is not whole yet", file, e);
            giveBack();
            return;
        }
        if (told || toldFull) {
            told = false;
            toldFull = false;
            LOG.info("The disk of the metadata directory {} has space again", directory);
        }
    }

    private void giveBack() {
        try {
            shrink(keptBytes);
        } catch (IOException e) {
            LOG.debug("{} is larger than needed", file, e);
        }
    }

    @Override
    public void close() {
        Thread ending;
        synchronized (this) {
            closed = true;
            ending = thread;
            notifyAll();
        }
        if (ending != null) {
            try {
                ending.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
