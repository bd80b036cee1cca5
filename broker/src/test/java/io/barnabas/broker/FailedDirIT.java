package io.barnabas.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import io.barnabas.broker.testing.Batches;
import io.barnabas.broker.testing.CapturedLog;
import io.barnabas.broker.testing.RawClient;
import io.barnabas.broker.testing.TestBroker;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AlterReplicaLogDirsRequest;
import io.barnabas.protocol.message.AlterReplicaLogDirsResponse;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsResponse;
import io.barnabas.protocol.message.DeleteRecordsRequest;
import io.barnabas.protocol.message.DeleteRecordsResponse;
import io.barnabas.protocol.message.DescribeLogDirsRequest;
import io.barnabas.protocol.message.DescribeLogDirsResponse;
import io.barnabas.protocol.message.FetchRequest;
import io.barnabas.protocol.message.FetchResponse;
import io.barnabas.protocol.message.ListOffsetsRequest;
import io.barnabas.protocol.message.ListOffsetsResponse;
import io.barnabas.protocol.message.MetadataRequest;
import io.barnabas.protocol.message.MetadataResponse;
import io.barnabas.protocol.message.MetadataResponse.MetadataResponsePartition;
import io.barnabas.protocol.message.ProduceRequest;
import io.barnabas.protocol.message.ProduceResponse;
import io.barnabas.protocol.message.ProduceResponse.PartitionProduceResponse;
import io.barnabas.protocol.wire.RecordBytes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Two log directories, the second of which fails, at run time or before the start; and one that is almost full. */
class FailedDirIT {
    @TempDir
    Path home;

    private Path first;
    private Path second;

    @BeforeEach
    void directories() {
        first = home.resolve("first");
        second = home.resolve("second");
    }

    private TestBroker start() throws Exception {
        return TestBroker.start(first, Map.of("log.dirs", first + "," + second));
    }

    /** The partition of two that lies in the second directory. */
    private int createTopic(RawClient client) throws IOException {
        var request = new CreateTopicsRequest().timeoutMs(10_000);
        request.topics()
                .add(new CreateTopicsRequest.CreatableTopic()
                        .name("t")
                        .numPartitions(2)
                        .replicationFactor((short) 1));
        var response = client.call(request, 7, CreateTopicsResponse.class);
        assertEquals(0, response.topics().get(0).errorCode());
        return Files.exists(second.resolve("t-0")) ? 0 : 1;
    }

    private static PartitionProduceResponse produce(RawClient client, int partition) throws IOException {
        var topic = new ProduceRequest.TopicProduceData().name("t");
        topic.partitionData()
                .add(new ProduceRequest.PartitionProduceData()
                        .index(partition)
                        .records(RecordBytes.of(Batches.of("v"))));
        var request = new ProduceRequest().acks((short) -1).timeoutMs(10_000);
        request.topicData().add(topic);
        var response = client.call(request, 9, ProduceResponse.class);
        return response.responses().get(0).partitionResponses().get(0);
    }

    private static int fetch(RawClient client, int partition) throws IOException {
        var topic = new FetchRequest.FetchTopic().topic("t");
        topic.partitions()
                .add(new FetchRequest.FetchPartition()
                        .partition(partition)
                        .fetchOffset(0)
                        .partitionMaxBytes(1_000));
        var request = new FetchRequest().maxWaitMs(0).minBytes(1).maxBytes(1_000);
        request.topics().add(topic);
        var response = client.call(request, 11, FetchResponse.class);
        return response.responses().get(0).partitions().get(0).errorCode();
    }

    private static int listOffsets(RawClient client, int partition) throws IOException {
        var topic = new ListOffsetsRequest.ListOffsetsTopic().name("t");
        topic.partitions()
                .add(new ListOffsetsRequest.ListOffsetsPartition()
                        .partitionIndex(partition)
                        .timestamp(-1));
        var request = new ListOffsetsRequest().replicaId(-1);
        request.topics().add(topic);
        var response = client.call(request, 5, ListOffsetsResponse.class);
        return response.topics().get(0).partitions().get(0).errorCode();
    }

    private static int deleteRecords(RawClient client, int partition) throws IOException {
        var topic = new DeleteRecordsRequest.DeleteRecordsTopic().name("t");
        topic.partitions()
                .add(new DeleteRecordsRequest.DeleteRecordsPartition()
                        .partitionIndex(partition)
                        .offset(-1));
        var request = new DeleteRecordsRequest().timeoutMs(10_000);
        request.topics().add(topic);
        var response = client.call(request, 2, DeleteRecordsResponse.class);
        return response.topics().get(0).partitions().get(0).errorCode();
    }

    private static MetadataResponsePartition metadata(RawClient client, int partition) throws IOException {
        var topic = client.call(new MetadataRequest().topics(null), 9, MetadataResponse.class).topics().stream()
                .filter(found -> found.name().equals("t"))
                .findFirst()
                .orElseThrow();
        return topic.partitions().stream()
                .filter(found -> found.partitionIndex() == partition)
                .findFirst()
                .orElseThrow();
    }

    private void assertOffline(RawClient client, int partition) throws IOException {
        int failed = ErrorCode.KAFKA_STORAGE_ERROR.code();
        assertEquals(failed, produce(client, partition).errorCode());
        assertEquals(failed, fetch(client, partition));
        assertEquals(failed, listOffsets(client, partition));
        assertEquals(failed, deleteRecords(client, partition));
        var described = metadata(client, partition);
        assertEquals(ErrorCode.LEADER_NOT_AVAILABLE.code(), described.errorCode());
        assertEquals(-1, described.leaderId());
        assertEquals(List.of(1), described.offlineReplicas());
        var dirs = client.call(new DescribeLogDirsRequest().topics(null), 4, DescribeLogDirsResponse.class)
                .results();
        for (var dir : dirs) {
            boolean bad = dir.logDir().equals(second.toString());
            assertEquals(bad ? failed : 0, dir.errorCode(), dir.logDir());
        }
        assertEquals(2, dirs.size());
    }

    private static void assertServed(RawClient client, int partition) throws IOException {
        assertEquals(0, produce(client, partition).errorCode());
        assertEquals(0, fetch(client, partition));
        assertEquals(0, listOffsets(client, partition));
        assertEquals(0, metadata(client, partition).errorCode());
    }

    @Test
    void aDirectoryThatFailsAtWorkTakesOnlyItsPartitionsAlong() throws Exception {
        try (var broker = start();
                var client = new RawClient(broker.port());
                var log = CapturedLog.of("io.barnabas.storage.dir")) {
            int there = createTopic(client);
            Files.delete(second.resolve("t-" + there));
            Files.writeString(second.resolve("t-" + there), "no directory");
            assertServed(client, 1 - there);
            assertOffline(client, there);
            assertOffline(client, there);
            assertServed(client, 1 - there);
            assertEquals(1, log.lines("goes offline").size(), log.lines().toString());
            assertTrue(log.lines("goes offline").get(0).contains(second.toString()));
        }
    }

    @Test
    void aDirectoryThatIsMissingAtTheStartIsNotReplacedByAnotherOne() throws Exception {
        int there;
        try (var broker = start();
                var client = new RawClient(broker.port())) {
            there = createTopic(client);
            assertServed(client, 0);
            assertServed(client, 1);
        }
        var away = home.resolve("away");
        Files.move(second, away);
        Files.writeString(second, "no directory");
        try (var broker = start();
                var client = new RawClient(broker.port())) {
            assertOffline(client, there);
            assertServed(client, 1 - there);
            assertFalse(Files.exists(first.resolve("t-" + there)));
        }
        Files.delete(second);
        Files.move(away, second);
        try (var broker = start();
                var client = new RawClient(broker.port())) {
            assertServed(client, there);
            assertEquals(2, produce(client, there).baseOffset());
        }
    }

    @Test
    void anIdentityThatCannotBeReadIsADirectoryThatFailed() throws Exception {
        int there;
        try (var broker = start();
                var client = new RawClient(broker.port())) {
            there = createTopic(client);
        }
        Files.writeString(second.resolve("meta.properties"), "nonsense");
        try (var broker = start();
                var client = new RawClient(broker.port())) {
            assertOffline(client, there);
            assertServed(client, 1 - there);
        }
    }

    /** What a move leaves if the old directory cannot be renamed, and the new one is not there at the next start. */
    @Test
    void aReplicaThatMovedIsNotServedFromWhereItWas() throws Exception {
        var third = home.resolve("third");
        var dirs = Map.of("log.dirs", first + "," + second + "," + third);
        try (var broker = TestBroker.start(first, dirs);
                var client = new RawClient(broker.port())) {
            createTopic(client);
            assertServed(client, 0);
            assertEquals(0, move(client, second));
            await(() -> Files.exists(second.resolve("t-0")));
            assertEquals(0, move(client, third));
            await(() -> Files.exists(third.resolve("t-0")));
            await(() -> !Files.exists(second.resolve("t-0")));
        }
        copy(third.resolve("t-0"), second.resolve("t-0"));
        try (var broker = TestBroker.start(first, Map.of("log.dirs", first + "," + third));
                var client = new RawClient(broker.port())) {
            assertServed(client, 0);
        }
        var away = home.resolve("away");
        Files.move(third, away);
        Files.writeString(third, "no directory");
        try (var broker = TestBroker.start(first, dirs);
                var client = new RawClient(broker.port())) {
            int failed = ErrorCode.KAFKA_STORAGE_ERROR.code();
            assertEquals(failed, produce(client, 0).errorCode());
            assertEquals(failed, fetch(client, 0));
            assertEquals(failed, move(client, second));
            assertEquals(failed, move(client, third));
            assertTrue(Files.exists(second.resolve("t-0")));
        }
        Files.delete(third);
        Files.move(away, third);
        try (var broker = TestBroker.start(first, dirs);
                var client = new RawClient(broker.port())) {
            assertEquals(2, produce(client, 0).baseOffset());
            assertFalse(Files.exists(second.resolve("t-0")));
            assertTrue(Files.exists(third.resolve("t-0")));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (var files = Files.list(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static int move(RawClient client, Path to) throws IOException {
        var topic = new AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic()
                .name("t")
                .partitions(List.of(0));
        var dir = new AlterReplicaLogDirsRequest.AlterReplicaLogDir().path(to.toString());
        dir.topics().add(topic);
        var request = new AlterReplicaLogDirsRequest();
        request.dirs().add(dir);
        return client.call(request, 2, AlterReplicaLogDirsResponse.class)
                .results()
                .get(0)
                .partitions()
                .get(0)
                .errorCode();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it does not happen");
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Test
    void recordsOfClientsLeaveTheReserveFree() throws Exception {
        var reserve = Map.of("log.dir.min.free.bytes", Long.toString(Long.MAX_VALUE / 4));
        try (var broker = TestBroker.start(first, reserve);
                var client = new RawClient(broker.port())) {
            createTopic(client);
            var refused = produce(client, 0);
            assertEquals(ErrorCode.KAFKA_STORAGE_ERROR.code(), refused.errorCode());
            assertTrue(refused.errorMessage().contains("full"), refused.errorMessage());
            assertEquals(0, fetch(client, 0));
            assertEquals(0, deleteRecords(client, 0));
            assertEquals(0, metadata(client, 0).errorCode());
        }
        try (var broker = TestBroker.start(first, Map.of("log.dir.min.free.bytes", "0"));
                var client = new RawClient(broker.port())) {
            assertServed(client, 0);
        }
    }
}
