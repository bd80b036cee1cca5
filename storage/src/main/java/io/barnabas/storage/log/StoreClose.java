package io.barnabas.storage.log;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import io.barnabas.storage.checkpoint.CleanShutdown;
import io.barnabas.storage.dir.LogDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A clean shutdown, all log directories at the same time: flushes and closes every log, writes checkpoints and the marker. A directory
 * without space for all that gets no marker: the next start recovers it. The stopping thread; no log is in use or moves any more.
 */
final class StoreClose {
    private static final Logger LOG = LoggerFactory.getLogger(StoreClose.class);

    private final LogStore store;
    private final LogStoreConfig config;
    private final LongSupplier clockMs;

    StoreClose(LogStore store, LogStoreConfig config, LongSupplier clockMs) {
        this.store = store;
        this.config = config;
        this.clockMs = clockMs;
    }

    void run() {
        var online = store.online();
        Parallel.forEach("log-dir-closing", online.size(), online, this::close);
    }

    private void close(LogDirectory directory) {
        var open = ConcurrentHashMap.<PartitionLog>newKeySet();
        open.addAll(store.logsIn(directory));
        // What is on the disk of a copy that is cut in part is not what is known of it: it is made anew.
        var closing = open.stream().filter(log -> !log.state().halfCut).toList();
        Parallel.forEach("log-closing-" + directory, config.recoveryThreadsPerDir(), closing, log -> {
            log.close(clockMs.getAsLong());
            open.remove(log);
        });
        if (directory.isOnline()) {
            try {
                finish(directory, closing, open.isEmpty());
            } catch (IOException e) {
                var failure = directory.failUnlessFull("Cannot finish the clean shutdown", e);
                LOG.warn("{}; the next start recovers its logs", failure.getMessage());
            }
        }
        open.forEach(PartitionLog::abandon);
    }

    private void finish(LogDirectory directory, List<PartitionLog> closing, boolean whole) throws IOException {
        if (whole) {
            store.journal(directory).close();
        } else {
            store.journal(directory).abandon();
        }
        store.checkpoints(directory).write(closing);
        if (whole) {
            CleanShutdown.mark(directory.disk(), directory.path(), CleanShutdown.UNKNOWN_EPOCH);
        } else {
            LOG.warn("{} is not shut down cleanly for want of space; the next start recovers its logs", directory);
        }
    }
}
