package io.barnabas.broker.tool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigException;
import io.barnabas.protocol.Uuid;

/** Whose directories a node's log dirs are. Used once at start, before the log store opens them. */
public final class DirectoryIdentity {

    private DirectoryIdentity() {}

    /**
     * The cluster id that all log dirs agree on. The only voter of a quorum formats what is not formatted yet.
     *
     * @throws ConfigException if a directory belongs to another node or cluster, or is unformatted on a node that may not
     *     format itself, or cannot be written: one sentence
     */
    public static String ensure(BrokerConfig config) {
        var dirs = new LinkedHashSet<Path>();
        dirs.add(config.metadataLogDir());
        dirs.addAll(config.logDirs());
        String clusterId = null;
        var empty = new LinkedHashSet<Path>();
        for (var dir : dirs) {
            var file = dir.resolve(MetaProperties.FILE);
            if (!Files.exists(file)) {
                empty.add(dir);
                continue;
            }
            try {
                var known = MetaProperties.read(dir);
                check(file, "node.id", Integer.toString(config.nodeId()), Integer.toString(known.nodeId()));
                if (clusterId != null) {
                    check(file, "cluster.id", clusterId, known.clusterId());
                }
                clusterId = known.clusterId();
            } catch (IOException e) {
                throw new ConfigException("The file " + file + " cannot be used: " + e.getMessage());
            }
        }
        if (!empty.isEmpty() && !config.isSingleVoter()) {
            throw new ConfigException("No `meta.properties` found in "
                    + empty.iterator().next() + " (have you run `kafka-storage.sh` to format the directory?)");
        }
        clusterId = clusterId == null ? MetaProperties.randomId() : clusterId;
        for (var dir : empty) {
            try {
                new MetaProperties(clusterId, config.nodeId(), MetaProperties.randomId()).write(dir);
            } catch (IOException e) {
                throw new ConfigException("The log directory " + dir + " cannot be written: " + e);
            }
        }
        return clusterId;
    }

    /** The ids of the log dirs, in their order; one that has none yet gets one. Only after {@link #ensure}. */
    public static List<Uuid> directoryIds(BrokerConfig config) {
        var ids = new ArrayList<Uuid>();
        for (var dir : config.logDirs()) {
            try {
                var known = MetaProperties.read(dir);
                if (known.directoryId() == null) {
                    known = new MetaProperties(known.clusterId(), known.nodeId(), MetaProperties.randomId());
                    known.write(dir);
                }
                ids.add(Uuid.parse(known.directoryId()));
            } catch (IOException | IllegalArgumentException e) {
                throw new ConfigException(
                        "The file " + dir.resolve(MetaProperties.FILE) + " cannot be used: " + e.getMessage());
            }
        }
        return ids;
    }

    private static void check(Path file, String what, String expected, String read) {
        if (!expected.equals(read)) {
            throw new ConfigException(
                    "Invalid " + what + " in: " + file + ". Expected " + expected + ", but read " + read);
        }
    }
}
