package io.barnabas.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.random.RandomGenerator;

/**
 * A disk in memory that behaves at a crash as badly as a real one may: bytes written since the last force of their file are
 * lost or torn, creates, renames and deletes since the last force of their directory are lost from some point on,
 * independently per directory. Operations can be made to fail. Thread-safe; all randomness comes from the generator given
 * to {@link #crash}.
 */
public final class SimulatedDisk implements Disk {
    private sealed interface Node {}

    private record FileNode(SimulatedFile file) implements Node {}

    private static final class DirectoryNode implements Node {
        final Map<String, Node> entries = new TreeMap<>();
        Map<String, Node> durable = new TreeMap<>();
        /** Entries as they were after each change since the last force, oldest first. */
        final List<Map<String, Node>> unsynced = new ArrayList<>();

        void changed() {
            unsynced.add(new TreeMap<>(entries));
        }

        void force() {
            durable = new TreeMap<>(entries);
            unsynced.clear();
        }
    }

    private final DirectoryNode root;
    private final Set<Path> locks = new HashSet<>();
    private volatile BiPredicate<String, Path> failing = (operation, path) -> false;
    private volatile boolean crashed;
    private volatile long usableBytes = Long.MAX_VALUE;
    private volatile long totalBytes = 1L << 40;

    public SimulatedDisk() {
        this(new DirectoryNode());
    }

    private SimulatedDisk(DirectoryNode root) {
        this.root = root;
    }

    /** From now on, operations ("read", "write", "truncate", "force", "rename", "delete", "create") the predicate accepts fail. */
    public void failWhen(BiPredicate<String, Path> operationAndPath) {
        failing = operationAndPath;
    }

    /** The machine loses power: this disk is dead from now on, the one returned is what is found after it. */
    public synchronized SimulatedDisk crash(RandomGenerator random) {
        crashed = true;
        return new SimulatedDisk(afterCrash(root, random));
    }

    /** The process dies but the machine does not: all that was written is there. */
    public synchronized SimulatedDisk killProcess() {
        crashed = true;
        return new SimulatedDisk(copy(root));
    }

    private static DirectoryNode afterCrash(DirectoryNode directory, RandomGenerator random) {
        int survivors = random.nextInt(directory.unsynced.size() + 1);
        var found = survivors == 0 ? directory.durable : directory.unsynced.get(survivors - 1);
        var result = new DirectoryNode();
        found.forEach((name, node) -> result.entries.put(
                name,
                node instanceof DirectoryNode child
                        ? afterCrash(child, random)
                        : new FileNode(((FileNode) node).file().afterCrash(random))));
        result.force();
        return result;
    }

    private static DirectoryNode copy(DirectoryNode directory) {
        var result = new DirectoryNode();
        result.entries.putAll(directory.entries);
        result.durable = new TreeMap<>(directory.durable);
        result.unsynced.addAll(directory.unsynced);
        return result;
    }

    void check(String operation, Path path) throws IOException {
        if (crashed) {
            throw new IOException("The machine has crashed");
        }
        if (failing.test(operation, path)) {
            var failure = new IOException("Simulated failure: " + operation + " of " + path);
            throw operation.equals("force") ? new ForceFailedException(failure.getMessage(), failure) : failure;
        }
    }

    private Node node(Path path) {
        Node node = root;
        for (var name : path) {
            if (!(node instanceof DirectoryNode directory)) {
                return null;
            }
            node = directory.entries.get(name.toString());
        }
        return node;
    }

    private DirectoryNode parent(Path path) throws IOException {
        var parent = path.getParent() == null ? root : node(path.getParent());
        if (parent instanceof DirectoryNode directory) {
            return directory;
        }
        throw new NoSuchFileException(path.toString());
    }

    @Override
    public synchronized FileChannel open(Path file) throws IOException {
        check("read", file);
        if (node(file) instanceof FileNode found) {
            return new SimulatedChannel(this, file, found.file());
        }
        throw new NoSuchFileException(file.toString());
    }

    @Override
    public synchronized FileChannel openOrCreate(Path file) throws IOException {
        check("create", file);
        if (node(file) == null) {
            var parent = parent(file);
            parent.entries.put(file.getFileName().toString(), new FileNode(new SimulatedFile()));
            parent.changed();
        }
        return open(file);
    }

    @Override
    public synchronized boolean exists(Path path) {
        return node(path) != null;
    }

    @Override
    public synchronized boolean isDirectory(Path path) {
        return node(path) instanceof DirectoryNode;
    }

    @Override
    public synchronized long sizeBytes(Path file) throws IOException {
        check("read", file);
        if (node(file) instanceof FileNode found) {
            return found.file().size();
        }
        throw new NoSuchFileException(file.toString());
    }

    @Override
    public long lastModifiedMs(Path file) {
        return 0;
    }

    @Override
    public synchronized List<String> list(Path directory) throws IOException {
        check("read", directory);
        if (node(directory) instanceof DirectoryNode found) {
            return List.copyOf(found.entries.keySet());
        }
        throw new NoSuchFileException(directory.toString());
    }

    @Override
    public synchronized void createDirectories(Path directory) throws IOException {
        if (directory.getParent() != null && node(directory.getParent()) == null) {
            createDirectories(directory.getParent());
        }
        if (directory.getFileName() != null) {
            createDirectory(directory);
        }
    }

    @Override
    public synchronized void createDirectory(Path directory) throws IOException {
        check("create", directory);
        if (node(directory) == null) {
            var parent = parent(directory);
            parent.entries.put(directory.getFileName().toString(), new DirectoryNode());
            parent.changed();
        }
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        check("rename", from);
        var node = node(from);
        if (node == null) {
            throw new NoSuchFileException(from.toString());
        }
        var source = parent(from);
        var target = parent(to);
        source.entries.remove(from.getFileName().toString());
        target.entries.put(to.getFileName().toString(), node);
        source.changed();
        if (target != source) {
            target.changed();
        }
    }

    @Override
    public synchronized boolean delete(Path path) throws IOException {
        check("delete", path);
        var node = node(path);
        if (node instanceof DirectoryNode directory && !directory.entries.isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        if (node == null) {
            return false;
        }
        var parent = parent(path);
        parent.entries.remove(path.getFileName().toString());
        parent.changed();
        return true;
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        check("force", directory);
        if (node(directory) instanceof DirectoryNode found) {
            found.force();
            return;
        }
        throw new NoSuchFileException(directory.toString());
    }

    @Override
    public long usableBytes(Path path) {
        return usableBytes;
    }

    @Override
    public long totalBytes(Path path) {
        return totalBytes;
    }

    /** What {@link #totalBytes(Path)} tells from now on. */
    public void totalBytes(long bytes) {
        totalBytes = bytes;
    }

    /** What {@link #usableBytes} tells from now on. */
    public void usableBytes(long bytes) {
        usableBytes = bytes;
    }

    @Override
    public synchronized Optional<Closeable> lock(Path file) throws IOException {
        openOrCreate(file).close();
        if (!locks.add(file)) {
            return Optional.empty();
        }
        return Optional.of(() -> {
            synchronized (this) {
                locks.remove(file);
            }
        });
    }
}
