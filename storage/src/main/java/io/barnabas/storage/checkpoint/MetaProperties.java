package io.barnabas.storage.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;

import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.Disk;

/**
 * Whose a log directory is: its {@code meta.properties}. Version 1 (KRaft, KIP-631 and KIP-858) has {@code node.id} and
 * {@code cluster.id}; version 0 (ZooKeeper's time) may lack both and says {@code broker.id}.
 */
public record MetaProperties(int version, Optional<String> clusterId, OptionalInt nodeId, Optional<Uuid> directoryId) {
    public static final String FILE = "meta.properties";

    private static final String VERSION = "version";
    private static final String CLUSTER_ID = "cluster.id";
    private static final String NODE_ID = "node.id";
    private static final String BROKER_ID = "broker.id";
    private static final String DIRECTORY_ID = "directory.id";

    public static MetaProperties of(String clusterId, int nodeId, Uuid directoryId) {
        return new MetaProperties(1, Optional.of(clusterId), OptionalInt.of(nodeId), Optional.ofNullable(directoryId));
    }

    /**
     * Empty if the directory has no such file.
     *
     * @throws IOException if the file cannot be read, or says what cannot be
     */
    public static Optional<MetaProperties> read(Disk disk, Path directory) throws IOException {
        var file = directory.resolve(FILE);
        var properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(disk.readAll(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is no properties file: " + e.getMessage(), e);
        }
        int version = number(file, VERSION, properties.getProperty(VERSION, "0"));
        if (version != 0 && version != 1) {
            throw new IOException(file + " has version " + version + "; only 0 and 1 are known");
        }
        var clusterId = Optional.ofNullable(properties.getProperty(CLUSTER_ID));
        var id = properties.getProperty(version == 0 ? BROKER_ID : NODE_ID);
        if (version == 1 && (clusterId.isEmpty() || id == null)) {
            throw new IOException(file + " names no " + (id == null ? NODE_ID : CLUSTER_ID));
        }
        var nodeId = id == null ? OptionalInt.empty() : OptionalInt.of(number(file, NODE_ID, id));
        return Optional.of(new MetaProperties(version, clusterId, nodeId, directoryId(file, properties)));
    }

    private static Optional<Uuid> directoryId(Path file, Properties properties) throws IOException {
        var text = properties.getProperty(DIRECTORY_ID);
        try {
            return text == null ? Optional.empty() : Optional.of(Uuid.parse(text));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " has a " + DIRECTORY_ID + " that is none: " + e.getMessage(), e);
        }
    }

    private static int number(Path file, String name, String value) throws IOException {
        try {
            return Integer.parseInt(value.trim());
        } catch (NumberFormatException e) {
            throw new IOException(file + " has a " + name + " that is not a number: " + value, e);
        }
    }

    /** Replaces the directory's file, durably. */
    public void write(Disk disk, Path directory) throws IOException {
        var properties = new Properties();
        properties.setProperty(VERSION, Integer.toString(version));
        clusterId.ifPresent(id -> properties.setProperty(CLUSTER_ID, id));
        nodeId.ifPresent(id -> properties.setProperty(version == 0 ? BROKER_ID : NODE_ID, Integer.toString(id)));
        directoryId.ifPresent(id -> properties.setProperty(DIRECTORY_ID, id.toString()));
        var text = new StringWriter();
        properties.store(text, "");
        disk.replace(directory.resolve(FILE), text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
