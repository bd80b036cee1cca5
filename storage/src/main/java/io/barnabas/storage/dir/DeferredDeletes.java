package io.barnabas.storage.dir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.barnabas.storage.file.StorageException;

/**
 * Files and directories already renamed out of use ({@code .deleted}, {@code -delete}), deleted after
 * {@code file.delete.delay.ms} so that readers that still have them finish. Filled by any thread, run by maintenance.
 */
public final class DeferredDeletes {
    private record Entry(LogDirectory directory, List<Path> paths, long dueMs) {}

    private final ConcurrentLinkedQueue<Entry> entries = new ConcurrentLinkedQueue<>();

    public void add(LogDirectory directory, List<Path> paths, long dueMs) {
        entries.add(new Entry(directory, List.copyOf(paths), dueMs));
    }

    /** A directory with files to be deleted has another name now. */
    public void moved(Path from, Path to) {
        for (var entry : entries) {
            if (entry.paths().stream().anyMatch(path -> path.startsWith(from)) && entries.remove(entry)) {
                var paths = entry.paths().stream()
                        .map(path -> path.startsWith(from) ? to.resolve(from.relativize(path)) : path)
                        .toList();
                entries.add(new Entry(entry.directory(), paths, entry.dueMs()));
            }
        }
    }

    /** Deletes what is due; what cannot be deleted takes its log directory offline. */
    public void run(long nowMs) {
        var later = new ArrayList<Entry>();
        for (var entry = entries.poll(); entry != null; entry = entries.poll()) {
            if (entry.dueMs() > nowMs) {
                later.add(entry);
            } else if (entry.directory().isOnline()) {
                delete(entry);
            }
        }
        entries.addAll(later);
    }

    private static void delete(Entry entry) {
        for (var path : entry.paths()) {
            try {
                entry.directory().disk().deleteRecursively(path);
            } catch (StorageException e) {
                return;
            } catch (IOException e) {
                entry.directory().fail("Cannot delete " + path, e);
                return;
            }
        }
    }
}
