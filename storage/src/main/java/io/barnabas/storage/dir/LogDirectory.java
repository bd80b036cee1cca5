package io.barnabas.storage.dir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.OpenFiles;
import io.barnabas.storage.file.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of a node's {@code log.dirs}: online until the first failed disk operation, then offline for good. Thread-safe.
 */
public final class LogDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(LogDirectory.class);

    private final Path path;
    private final OpenFiles files;
    private final Consumer<LogDirectory> whenOffline;
    private final AtomicReference<StorageException> failure = new AtomicReference<>();
    private final AtomicInteger partitions = new AtomicInteger();
    private final Reserve reserve = new Reserve(this);
    private final FlushTimes flushTimes = new FlushTimes();
    private volatile Uuid id;
    private volatile boolean cordoned;

    /**
     * @param whenOffline told once, on the thread whose operation failed
     */
    public LogDirectory(Path path, OpenFiles files, Consumer<LogDirectory> whenOffline) {
        this.path = path;
        this.files = files;
        this.whenOffline = whenOffline;
    }

    /** The {@code directory.id} of its meta.properties (KIP-858); empty if it has none. */
    public Optional<Uuid> id() {
        return Optional.ofNullable(id);
    }

    void id(Uuid directoryId) {
        id = directoryId;
    }

    public Path path() {
        return path;
    }

    public OpenFiles files() {
        return files;
    }

    public Disk disk() {
        return files.disk();
    }

    public boolean isOnline() {
        return failure.get() == null;
    }

    /** Whether no new logs are to be placed here, as long as another directory can take them; those that are here stay. */
    public boolean isCordoned() {
        return cordoned;
    }

    public void cordon(boolean takesNone) {
        cordoned = takesNone;
    }

    /** The space that is kept free here. */
    public Reserve reserve() {
        return reserve;
    }

    /** What flushes of logs, and of the journal, take here. */
    public FlushTimes flushTimes() {
        return flushTimes;
    }

    /** Partitions placed here: the measure by which new ones choose their directory. */
    public AtomicInteger partitions() {
        return partitions;
    }

    /**
     * @throws StorageException if an earlier operation took the directory offline
     */
    public void ensureOnline() throws StorageException {
        var earlier = failure.get();
        if (earlier != null) {
            throw new StorageException("Log directory " + path + " is offline: " + earlier.getMessage(), earlier);
        }
    }

    /** Takes the directory offline and gives what to throw. */
    public StorageException fail(String what, Throwable cause) {
        var exception = cause instanceof StorageException already
                ? already
                : new StorageException(what + " in log directory " + path + ": " + cause, cause);
        if (failure.compareAndSet(null, exception)) {
            LOG.error(
                    "Log directory {} goes offline ({}); its partitions answer KAFKA_STORAGE_ERROR until the broker is"
                            + " restarted with a working disk",
                    path,
                    exception.getMessage());
            LOG.debug("Why {} is offline", path, exception);
            whenOffline.accept(this);
        }
        return exception;
    }

    /**
     * The same after an operation that can be done again as if nothing had happened: if it found no space, the directory stays online.
     * Records are taken on: only an append that finds no space itself ends that, see {@link Reserve#exhausted}.
     */
    public StorageException failUnlessFull(String what, IOException cause) {
        if (!isOnline() || !reserve.isWhy(cause)) {
            return fail(what, cause);
        }
        return new StorageException(what + " in log directory " + path + ": there is no space", cause);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
