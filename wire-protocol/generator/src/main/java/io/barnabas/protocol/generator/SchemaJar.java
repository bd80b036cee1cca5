package io.barnabas.protocol.generator;

import java.io.IOException;
import java.net.JarURLConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One Kafka jar on the processor path that carries schemas.
 *
 * @param landmark a schema that only this jar has; it is how the jar is found
 * @param javaPackage the package of the codecs generated from it
 */
record SchemaJar(String landmark, String javaPackage) {
    static final List<SchemaJar> ALL = List.of(
            new SchemaJar("common/message/FetchRequest.json", "io.barnabas.protocol.message"),
            new SchemaJar("common/metadata/TopicRecord.json", "io.barnabas.protocol.metadata"),
            new SchemaJar("common/message/OffsetCommitKey.json", "io.barnabas.protocol.coordinator"),
            new SchemaJar("common/message/TransactionLogKey.json", "io.barnabas.protocol.coordinator"),
            new SchemaJar("common/message/ShareSnapshotKey.json", "io.barnabas.protocol.coordinator"),
            new SchemaJar("message/ProducerSnapshot.json", "io.barnabas.protocol.coordinator"));

    List<Schemas.Message> messages(ClassLoader loader) throws IOException {
        var url = loader.getResource(landmark);
        if (url == null) {
            throw new IOException(landmark + " is on no jar of annotationProcessorPaths");
        }
        var connection = (JarURLConnection) url.openConnection();
        // A cached jar would stay open, and stale, in an IDE that keeps its compiler running.
        connection.setUseCaches(false);
        var folder = landmark.substring(0, landmark.lastIndexOf('/') + 1);
        var reader = new SchemaReader();
        List<Schemas.Message> messages = new ArrayList<>();
        try (var jar = connection.getJarFile()) {
            for (var entry : (Iterable<java.util.jar.JarEntry>) jar.stream()::iterator) {
                var name = entry.getName();
                if (name.startsWith(folder) && name.endsWith(".json")) {
                    try (var in = jar.getInputStream(entry)) {
                        messages.add(reader.read(in));
                    } catch (IOException | RuntimeException e) {
                        throw new IOException("schema " + name + ": " + e.getMessage(), e);
                    }
                }
            }
        }
        messages.sort(Comparator.comparing(Schemas.Message::name));
        return messages;
    }
}
