package io.barnabas.storage.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

import io.barnabas.protocol.TopicPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.storage.file.Disk;
import io.barnabas.storage.file.RealDisk;
import org.apache.kafka.metadata.properties.PropertiesUtils;
import org.apache.kafka.storage.internals.checkpoint.CleanShutdownFileHandler;
import org.apache.kafka.storage.internals.checkpoint.OffsetCheckpointFile;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CheckpointFilesTest {
    @TempDir
    Path directory;

    private final Disk disk = new RealDisk();

    @Test
    void offsetsGoBothWays() throws Exception {
        var file = directory.resolve("replication-offset-checkpoint");
        assertEquals(Map.of(), OffsetCheckpoint.read(disk, file));
        OffsetCheckpoint.write(disk, file, Map.of(new TopicPartition("a.b", 3), 17L));
        var kafka = new OffsetCheckpointFile(file.toFile(), new LogDirFailureChannel(1));
        assertEquals(Map.of(new org.apache.kafka.common.TopicPartition("a.b", 3), 17L), kafka.read());
        kafka.write(Map.of(
                new org.apache.kafka.common.TopicPartition("x", 0), 1L,
                new org.apache.kafka.common.TopicPartition("y", 1), 2L));
        assertEquals(
                Map.of(new TopicPartition("x", 0), 1L, new TopicPartition("y", 1), 2L),
                OffsetCheckpoint.read(disk, file));
        Files.writeString(file, "0\n2\nx 0 1\n");
        assertThrows(IOException.class, () -> OffsetCheckpoint.read(disk, file));
        Files.writeString(file, "1\n0\n");
        assertThrows(IOException.class, () -> OffsetCheckpoint.read(disk, file));
        Files.writeString(file, "0\n1\nx zero 1\n");
        assertThrows(IOException.class, () -> OffsetCheckpoint.read(disk, file));
    }

    @Test
    void metaPropertiesAreKafkas() throws IOException {
        assertEquals(Optional.empty(), MetaProperties.read(disk, directory));
        var id = Uuid.random();
        var ours = MetaProperties.of("cluster:1", 7, id);
        ours.write(disk, directory);
        assertEquals(Optional.of(ours), MetaProperties.read(disk, directory));
        var kafka = new org.apache.kafka.metadata.properties.MetaProperties.Builder(PropertiesUtils.readPropertiesFile(
                        directory.resolve(MetaProperties.FILE).toString()))
                .build();
        assertEquals("cluster:1", kafka.clusterId().orElseThrow());
        assertEquals(7, kafka.nodeId().orElseThrow());
        assertEquals(id.toString(), kafka.directoryId().orElseThrow().toString());
        Files.writeString(directory.resolve(MetaProperties.FILE), "broker.id=3\n");
        var old = MetaProperties.read(disk, directory).orElseThrow();
        assertEquals(OptionalInt.of(3), old.nodeId());
        assertEquals(Optional.empty(), old.clusterId());
        Files.writeString(directory.resolve(MetaProperties.FILE), "version=1\nnode.id=3\n");
        assertThrows(IOException.class, () -> MetaProperties.read(disk, directory));
        Files.writeString(directory.resolve(MetaProperties.FILE), "version=2\nnode.id=3\n");
        assertThrows(IOException.class, () -> MetaProperties.read(disk, directory));
    }

    @Test
    void partitionMetadataIsKafkas() throws IOException {
        assertEquals(Optional.empty(), PartitionMetadataFile.read(disk, directory));
        var id = Uuid.random();
        PartitionMetadataFile.write(disk, directory, id);
        assertEquals(Optional.of(id), PartitionMetadataFile.read(disk, directory));
        var kafka = new org.apache.kafka.storage.internals.checkpoint.PartitionMetadataFile(
                directory.resolve(PartitionMetadataFile.FILE).toFile(), new LogDirFailureChannel(1));
        assertEquals(id.toString(), kafka.read().topicId().toString());
        Files.writeString(directory.resolve(PartitionMetadataFile.FILE), "version: 0\n");
        assertThrows(IOException.class, () -> PartitionMetadataFile.read(disk, directory));
    }

    @Test
    void cleanShutdownGoesBothWays() throws Exception {
        assertFalse(CleanShutdown.consume(disk, directory));
        CleanShutdown.mark(disk, directory, 42);
        var kafka = new CleanShutdownFileHandler(directory.toString());
        assertEquals(OptionalLong.of(42), kafka.read());
        kafka.write(43);
        assertEquals(OptionalLong.of(43), CleanShutdown.brokerEpoch(disk, directory));
        assertTrue(CleanShutdown.consume(disk, directory));
        assertEquals(OptionalLong.empty(), CleanShutdown.brokerEpoch(disk, directory));
    }
}
