package io.barnabas.broker.tool;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.checkpoint.MetaProperties;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.RealDisk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whose directories a node's log dirs are. Used once at start, before the log store opens them. */
public final class DirectoryIdentity {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryIdentity.class);
    private static final Disk DISK = new RealDisk();

    private DirectoryIdentity() {}

    /**
     * The cluster id that all log dirs agree on. The only voter of a quorum formats what is not formatted yet and holds nothing of a
     * cluster: a directory with partitions has lost its identity, and a new one would disown them. Log dirs that cannot be read or
     * written are passed over, as long as another works and the one with the cluster metadata does: the log store starts without them.
     *
     * @throws ConfigException if a directory belongs to another node or cluster, or is unformatted where that is not mended here,
     *     or the one with the cluster metadata, or all of them, cannot be used: one sentence
     */
    public static String ensure(BrokerConfig config) {
        var dirs = new LinkedHashSet<Path>();
        dirs.add(config.metadataLogDir());
        dirs.addAll(config.logDirs());
        String clusterId = null;
        var empty = new LinkedHashSet<Path>();
        var unusable = new LinkedHashMap<Path, String>();
        for (var dir : dirs) {
            var file = dir.resolve(MetaProperties.FILE);
            if (!Files.exists(file)) {
                empty.add(dir);
                continue;
            }
            try {
                var known = read(dir);
                check(file, "node.id", Integer.toString(config.nodeId()), nodeId(known));
                if (clusterId != null) {
                    check(file, "cluster.id", clusterId, clusterId(known));
                }
                clusterId = clusterId(known);
            } catch (IOException e) {
                unusable.put(dir, unusable(file, e));
            }
        }
        if (!empty.isEmpty() && !config.isSingleVoter()) {
            throw new ConfigException(noIdentity(empty.iterator().next()));
        }
        for (var dir : List.copyOf(empty)) {
            try {
                refuseIfInUse(dir, clusterId);
            } catch (IOException e) {
                empty.remove(dir);
                unusable.put(
                        dir,
                        "The log directory " + dir + " cannot be read (" + reason(e)
                                + "); correct log.dirs, or make it a directory that this user may read.");
            }
        }
        refuseIfTooFew(config, unusable);
        var clusterIsNew = clusterId == null;
        clusterId = clusterIsNew ? Uuid.random().toString() : clusterId;
        for (var dir : empty) {
            try {
                format(dir, clusterId, config.nodeId(), Uuid.random());
            } catch (IOException e) {
                unusable.put(
                        dir,
                        "The log directory " + dir + " cannot be written (" + reason(e)
                                + "); correct log.dirs, or make it a directory that this user may write.");
                refuseIfTooFew(config, unusable);
                continue;
            }
            LOG.info(
                    "Formatted the empty log directory {} with node.id {} and {} cluster.id {}",
                    dir,
                    config.nodeId(),
                    clusterIsNew ? "a new" : "the known",
                    clusterId);
        }
        return clusterId;
    }

    private static void refuseIfTooFew(BrokerConfig config, Map<Path, String> unusable) {
        var ofMetadata = unusable.get(config.metadataLogDir());
        if (ofMetadata != null) {
            throw new ConfigException(ofMetadata);
        }
        if (!unusable.isEmpty() && unusable.keySet().containsAll(config.logDirs())) {
            throw new ConfigException(unusable.values().iterator().next());
        }
    }

    private static String noIdentity(Path dir) {
        return "No `meta.properties` found in " + dir + " (have you run `kafka-storage.sh` to format the directory?)";
    }

    private static void refuseIfInUse(Path dir, String clusterId) throws IOException {
        LogDirContents.somethingOfACluster(dir).ifPresent(name -> {
            throw new ConfigException(noIdentity(dir) + ", but it holds " + name
                    + ": restore the file, or write it anew with `kafka-storage.sh format --ignore-formatted"
                    + " --cluster-id " + (clusterId == null ? "<the id the cluster had>" : clusterId)
                    + "`, or move the directories of the partitions away.");
        });
    }

    /** The ids of the log dirs that work, in their order; one that has none yet gets one. Only after {@link #ensure}. */
    public static List<Uuid> directoryIds(BrokerConfig config) {
        ConfigException firstFailure = null;
        var ids = new ArrayList<Uuid>();
        for (var dir : config.logDirs()) {
            try {
                var known = read(dir);
                if (known.directoryId().isEmpty()) {
                    format(dir, clusterId(known), config.nodeId(), Uuid.random());
                    known = read(dir);
                }
                ids.add(known.directoryId().orElseThrow());
            } catch (IOException e) {
                var failure = new ConfigException(unusable(dir.resolve(MetaProperties.FILE), e));
                firstFailure = firstFailure == null ? failure : firstFailure;
            }
        }
        if (ids.isEmpty()) {
            throw firstFailure;
        }
        return ids;
    }

    /** Most such failures name the file themselves. */
    static String unusable(Path file, IOException e) {
        var what = e.getMessage() == null ? e.toString() : e.getMessage();
        return what.startsWith(file.toString())
                ? what + "; restore the file, or correct log.dirs."
                : "The file " + file + " cannot be used: " + what;
    }

    /** @throws IOException if the directory has no readable meta.properties that names a cluster and a node */
    static MetaProperties read(Path dir) throws IOException {
        var file = dir.resolve(MetaProperties.FILE);
        var known = MetaProperties.read(DISK, dir).orElseThrow(() -> new IOException(file + " does not exist"));
        if (known.clusterId().filter(id -> !id.isBlank()).isEmpty()
                || known.nodeId().isEmpty()) {
            throw new IOException(file + " names no cluster.id or no node.id");
        }
        return known;
    }

    /** Makes the directory, if need be, this node's; durable when it returns. */
    static void format(Path dir, String clusterId, int nodeId, Uuid directoryId) throws IOException {
        Files.createDirectories(dir);
        MetaProperties.of(clusterId, nodeId, directoryId).write(DISK, dir);
    }

    /** Of what {@link #read} returned. */
    static String clusterId(MetaProperties known) {
        return known.clusterId().orElseThrow();
    }

    /** Of what {@link #read} returned. */
    static String nodeId(MetaProperties known) {
        return Integer.toString(known.nodeId().orElseThrow());
    }

    private static void check(Path file, String what, String expected, String read) {
        if (!expected.equals(read)) {
            throw new ConfigException(
                    "Invalid " + what + " in: " + file + ". Expected " + expected + ", but read " + read);
        }
    }

    /** The JDK says most of it in the names of exceptions. */
    private static String reason(IOException e) {
        if (e instanceof FileAlreadyExistsException) {
            return "there is a file of that name";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e instanceof FileSystemException system && system.getReason() != null
                ? system.getReason()
                : e.getMessage();
    }
}
