package io.barnabas.broker.tool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;

/** The meta.properties of one log directory (version 1, KIP-631 and KIP-858). */
record MetaProperties(String clusterId, int nodeId, String directoryId) {

    static final String FILE = "meta.properties";

    /** @throws IOException if there is no readable file of version 1 with a cluster id and a node id */
    static MetaProperties read(Path dir) throws IOException {
        var properties = new Properties();
        var file = dir.resolve(FILE);
        try (var in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            properties.load(in);
        }
        var clusterId = properties.getProperty("cluster.id");
        var nodeId = properties.getProperty("node.id", properties.getProperty("broker.id"));
        if (clusterId == null || nodeId == null) {
            throw new IOException(file + " names no cluster.id or no node.id");
        }
        try {
            return new MetaProperties(
                    clusterId, Integer.parseInt(nodeId.trim()), properties.getProperty("directory.id"));
        } catch (NumberFormatException e) {
            throw new IOException(file + " has a node.id that is not a number: " + nodeId, e);
        }
    }

    /** Writes the file whole or not at all, and makes it durable. */
    void write(Path dir) throws IOException {
        Files.createDirectories(dir);
        var text = new StringBuilder("#\n");
        asMap().forEach((key, value) ->
                text.append(key).append('=').append(value).append('\n'));
        var temporary = dir.resolve(FILE + ".tmp");
        try (var out = java.nio.channels.FileChannel.open(
                temporary,
                java.nio.file.StandardOpenOption.CREATE,
                java.nio.file.StandardOpenOption.TRUNCATE_EXISTING,
                java.nio.file.StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(temporary, dir.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    TreeMap<String, String> asMap() {
        var map = new TreeMap<String, String>();
        map.put("cluster.id", clusterId);
        map.put("node.id", Integer.toString(nodeId));
        map.put("version", "1");
        if (directoryId != null) {
            map.put("directory.id", directoryId);
        }
        return map;
    }

    /** A random id in Kafka's text form; never one that looks like an option. */
    static String randomId() {
        while (true) {
            var uuid = UUID.randomUUID();
            var bytes = ByteBuffer.allocate(16)
                    .putLong(uuid.getMostSignificantBits())
                    .putLong(uuid.getLeastSignificantBits())
                    .array();
            var text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            if (!text.startsWith("-")) {
                return text;
            }
        }
    }
}
