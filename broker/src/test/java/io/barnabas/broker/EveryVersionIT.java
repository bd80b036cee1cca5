package io.barnabas.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

import io.barnabas.broker.testing.Batches;
import io.barnabas.broker.testing.RawClient;
import io.barnabas.broker.testing.TestBroker;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequest;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse;
import io.barnabas.protocol.message.AlterReplicaLogDirsRequest;
import io.barnabas.protocol.message.AlterReplicaLogDirsResponse;
import io.barnabas.protocol.message.ApiVersionsRequest;
import io.barnabas.protocol.message.ApiVersionsResponse;
import io.barnabas.protocol.message.CreatePartitionsRequest;
import io.barnabas.protocol.message.CreatePartitionsResponse;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsResponse;
import io.barnabas.protocol.message.DeleteTopicsRequest;
import io.barnabas.protocol.message.DeleteTopicsResponse;
import io.barnabas.protocol.message.DescribeClusterRequest;
import io.barnabas.protocol.message.DescribeClusterResponse;
import io.barnabas.protocol.message.DescribeLogDirsRequest;
import io.barnabas.protocol.message.DescribeLogDirsResponse;
import io.barnabas.protocol.message.DescribeTopicPartitionsRequest;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponse;
import io.barnabas.protocol.message.FetchRequest;
import io.barnabas.protocol.message.FetchResponse;
import io.barnabas.protocol.message.InitProducerIdRequest;
import io.barnabas.protocol.message.InitProducerIdResponse;
import io.barnabas.protocol.message.ListConfigResourcesRequest;
import io.barnabas.protocol.message.ListConfigResourcesResponse;
import io.barnabas.protocol.message.ListOffsetsRequest;
import io.barnabas.protocol.message.ListOffsetsResponse;
import io.barnabas.protocol.message.ListPartitionReassignmentsRequest;
import io.barnabas.protocol.message.ListPartitionReassignmentsResponse;
import io.barnabas.protocol.message.MetadataRequest;
import io.barnabas.protocol.message.MetadataResponse;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequest;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponse;
import io.barnabas.protocol.message.ProduceRequest;
import io.barnabas.protocol.message.ProduceResponse;
import io.barnabas.protocol.wire.RecordBytes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Each API at each version it advertises, by hand-made requests. */
class EveryVersionIT {
    @TempDir
    static Path logDir;

    private static TestBroker broker;
    private static RawClient client;

    @BeforeAll
    static void start() throws Exception {
        broker = TestBroker.start(logDir);
        client = new RawClient(broker.port());
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        broker.close();
    }

    @Test
    void apiVersions() throws Exception {
        for (int version = 0; version <= 4; version++) {
            var request = new ApiVersionsRequest();
            if (version >= 3) {
                request.clientSoftwareName("test").clientSoftwareVersion("1.0");
            }
            var response = client.call(request, version, ApiVersionsResponse.class);
            assertEquals(0, response.errorCode());
            var produce = response.apiKeys().stream()
                    .filter(api -> api.apiKey() == 0)
                    .findFirst()
                    .orElseThrow();
            assertEquals(0, produce.minVersion());
            assertEquals(13, produce.maxVersion());
            assertEquals(version >= 4, response.supportedFeatures().stream().anyMatch(f -> f.minVersion() == 0));
        }
    }

    @Test
    void produceAndFetch() throws Exception {
        Uuid id = create("pf", 1);
        long offset = 0;
        for (int version = 3; version <= 13; version++) {
            var topic = new ProduceRequest.TopicProduceData();
            if (version >= 13) {
                topic.topicId(id);
            } else {
                topic.name("pf");
            }
            topic.partitionData()
                    .add(new ProduceRequest.PartitionProduceData()
                            .index(0)
                            .records(RecordBytes.of(Batches.of("v" + version))));
            var request = new ProduceRequest().acks((short) -1).timeoutMs(5_000);
            request.topicData().add(topic);
            var part = client.call(request, version, ProduceResponse.class)
                    .responses()
                    .get(0)
                    .partitionResponses()
                    .get(0);
            assertEquals(0, part.errorCode(), "v" + version);
            assertEquals(offset++, part.baseOffset());
            assertEquals(-1, part.logAppendTimeMs());
        }
        for (int version = 4; version <= 18; version++) {
            var part = fetch(id, version, 0);
            assertEquals(0, part.errorCode(), "v" + version);
            assertEquals(offset, part.highWatermark());
            assertTrue(part.records().sizeBytes() > 0);
            assertEquals(
                    ErrorCode.OFFSET_OUT_OF_RANGE.code(),
                    fetch(id, version, 1_000).errorCode());
        }
    }

    private static FetchResponse.PartitionData fetch(Uuid id, int version, long offset) throws IOException {
        var topic = new FetchRequest.FetchTopic();
        if (version >= 13) {
            topic.topicId(id);
        } else {
            topic.topic("pf");
        }
        topic.partitions()
                .add(new FetchRequest.FetchPartition()
                        .partition(0)
                        .fetchOffset(offset)
                        .partitionMaxBytes(1 << 20));
        var request = new FetchRequest().maxWaitMs(100).minBytes(1).maxBytes(1 << 20);
        request.topics().add(topic);
        return client.call(request, version, FetchResponse.class)
                .responses()
                .get(0)
                .partitions()
                .get(0);
    }

    @Test
    void listOffsets() throws Exception {
        create("lo", 1);
        for (int version = 1; version <= 11; version++) {
            for (long timestamp : new long[] {-1, -2, -3, -4, -5, -6, -7, 0, 5}) {
                var topic = new ListOffsetsRequest.ListOffsetsTopic().name("lo");
                topic.partitions()
                        .add(new ListOffsetsRequest.ListOffsetsPartition()
                                .partitionIndex(0)
                                .timestamp(timestamp));
                var request = new ListOffsetsRequest().replicaId(-1);
                request.topics().add(topic);
                var part = client.call(request, version, ListOffsetsResponse.class)
                        .topics()
                        .get(0)
                        .partitions()
                        .get(0);
                boolean known = timestamp >= -2
                        || timestamp == -3 && version >= 7
                        || timestamp == -4 && version >= 8
                        || timestamp == -5 && version >= 9
                        || timestamp == -6 && version >= 11;
                assertEquals(
                        known ? 0 : ErrorCode.UNSUPPORTED_VERSION.code(),
                        part.errorCode(),
                        "v" + version + " timestamp " + timestamp);
                long expected = timestamp == -1 || timestamp == -2 || known && timestamp == -4 ? 0 : -1;
                assertEquals(expected, part.offset(), "v" + version + " timestamp " + timestamp);
            }
        }
    }

    @Test
    void metadata() throws Exception {
        Uuid id = create("md", 2);
        for (int version = 0; version <= 13; version++) {
            var request = new MetadataRequest();
            request.topics().add(new MetadataRequest.MetadataRequestTopic().name("md"));
            var response = client.call(request, version, MetadataResponse.class);
            assertEquals(1, response.brokers().size());
            assertEquals(broker.port(), response.brokers().get(0).port());
            var topic = response.topics().get(0);
            assertEquals(0, topic.errorCode(), "v" + version);
            assertEquals(2, topic.partitions().size());
            assertEquals(1, topic.partitions().get(0).leaderId());
            if (version >= 10) {
                assertEquals(id, topic.topicId());
            }
        }
        var byId = new MetadataRequest();
        byId.topics().add(new MetadataRequest.MetadataRequestTopic().topicId(id).name(null));
        assertEquals(
                "md",
                client.call(byId, 12, MetadataResponse.class).topics().get(0).name());
        var invalid = new MetadataRequest();
        invalid.topics().add(new MetadataRequest.MetadataRequestTopic().name("no spaces"));
        assertEquals(
                ErrorCode.INVALID_TOPIC_EXCEPTION.code(),
                client.call(invalid, 9, MetadataResponse.class).topics().get(0).errorCode());
    }

    @Test
    void topics() throws Exception {
        for (int version = 2; version <= 7; version++) {
            create("t" + version, 1, version);
        }
        for (int version = 0; version <= 3; version++) {
            var request = new CreatePartitionsRequest().timeoutMs(5_000);
            request.topics()
                    .add(new CreatePartitionsRequest.CreatePartitionsTopic()
                            .name("t2")
                            .count(2 + version)
                            .assignments(null));
            var result = client.call(request, version, CreatePartitionsResponse.class)
                    .results()
                    .get(0);
            assertEquals(0, result.errorCode(), "v" + version + " " + result.errorMessage());
        }
        for (int version = 1; version <= 6; version++) {
            var request = new DeleteTopicsRequest().timeoutMs(5_000);
            if (version < 6) {
                request.topicNames().add("t" + (version + 1));
            } else {
                request.topics().add(new DeleteTopicsRequest.DeleteTopicState().name("t7"));
            }
            var result = client.call(request, version, DeleteTopicsResponse.class)
                    .responses()
                    .get(0);
            assertEquals(0, result.errorCode(), "v" + version);
        }
    }

    @Test
    void describeTopicPartitionsInPages() throws Exception {
        create("dtp-a", 3);
        create("dtp-b", 1);
        var request = new DescribeTopicPartitionsRequest().responsePartitionLimit(2);
        request.topics().add(new DescribeTopicPartitionsRequest.TopicRequest().name("dtp-b"));
        request.topics().add(new DescribeTopicPartitionsRequest.TopicRequest().name("dtp-a"));
        var first = client.call(request, 0, DescribeTopicPartitionsResponse.class);
        assertEquals(1, first.topics().size());
        assertEquals("dtp-a", first.nextCursor().topicName());
        assertEquals(2, first.nextCursor().partitionIndex());
        request.cursor(
                new DescribeTopicPartitionsRequest.Cursor().topicName("dtp-a").partitionIndex(2));
        var second = client.call(request, 0, DescribeTopicPartitionsResponse.class);
        assertEquals(2, second.topics().size());
        assertEquals(null, second.nextCursor());
    }

    @Test
    void logDirs() throws Exception {
        create("in-a-directory", 1);
        for (int version = 1; version <= 2; version++) {
            assertEquals(0, alterLogDir(logDir.toString(), 0, version));
            assertEquals(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code(), alterLogDir(logDir.toString(), 9, version));
            assertEquals(ErrorCode.LOG_DIR_NOT_FOUND.code(), alterLogDir("/nowhere", 0, version));
        }
        for (int version = 1; version <= 5; version++) {
            var response =
                    client.call(new DescribeLogDirsRequest().topics(null), version, DescribeLogDirsResponse.class);
            var dir = response.results().get(0);
            assertEquals(logDir.toString(), dir.logDir());
            assertTrue(dir.topics().stream().anyMatch(topic -> topic.name().equals("in-a-directory")));
        }
    }

    private static int alterLogDir(String path, int partition, int version) throws IOException {
        var topic = new AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic()
                .name("in-a-directory")
                .partitions(List.of(partition));
        var dir = new AlterReplicaLogDirsRequest.AlterReplicaLogDir().path(path);
        dir.topics().add(topic);
        var request = new AlterReplicaLogDirsRequest();
        request.dirs().add(dir);
        var result = client.call(request, version, AlterReplicaLogDirsResponse.class)
                .results()
                .get(0);
        assertEquals("in-a-directory", result.topicName());
        assertEquals(partition, result.partitions().get(0).partitionIndex());
        return result.partitions().get(0).errorCode();
    }

    @Test
    void reassignments() throws Exception {
        create("reassigned", 1);
        for (int version = 0; version <= 1; version++) {
            var topic = new AlterPartitionReassignmentsRequest.ReassignableTopic().name("reassigned");
            topic.partitions().add(new AlterPartitionReassignmentsRequest.ReassignablePartition().replicas(List.of(1)));
            var request = new AlterPartitionReassignmentsRequest();
            request.topics().add(topic);
            var response = client.call(request, version, AlterPartitionReassignmentsResponse.class);
            assertEquals(0, response.responses().get(0).partitions().get(0).errorCode());
        }
        var listed = client.call(
                new ListPartitionReassignmentsRequest().topics(null), 0, ListPartitionReassignmentsResponse.class);
        assertEquals(0, listed.errorCode());
        assertTrue(listed.topics().isEmpty());
    }

    @Test
    void describeCluster() throws Exception {
        for (int version = 0; version <= 2; version++) {
            var response = client.call(new DescribeClusterRequest(), version, DescribeClusterResponse.class);
            assertEquals(0, response.errorCode());
            assertEquals(1, response.brokers().get(0).brokerId());
        }
        var controllers = new DescribeClusterRequest().endpointType((byte) 2);
        assertEquals(
                ErrorCode.MISMATCHED_ENDPOINT_TYPE.code(),
                client.call(controllers, 1, DescribeClusterResponse.class).errorCode());
    }

    @Test
    void listConfigResources() throws Exception {
        create("lc", 1);
        // Version 0 knows client metrics only, and there are none.
        assertEquals(List.of(), configResources(new ListConfigResourcesRequest(), 0));
        assertEquals(List.of("4 1"), configResources(listed(4), 1));
        assertEquals(List.of("8 1"), configResources(listed(8), 1));
        assertTrue(configResources(listed(2), 1).contains("2 lc"));
        assertTrue(configResources(listed(), 1).containsAll(List.of("8 1", "4 1", "2 lc")));
        assertEquals(
                ErrorCode.UNSUPPORTED_VERSION.code(),
                client.call(listed(2, 3), 1, ListConfigResourcesResponse.class).errorCode());
    }

    private static ListConfigResourcesRequest listed(int... types) {
        var request = new ListConfigResourcesRequest();
        for (int type : types) {
            request.resourceTypes().add((byte) type);
        }
        return request;
    }

    private static List<String> configResources(ListConfigResourcesRequest request, int version) throws IOException {
        var response = client.call(request, version, ListConfigResourcesResponse.class);
        assertEquals(0, response.errorCode());
        return response.configResources().stream()
                .map(resource -> resource.resourceType() + " " + resource.resourceName())
                .toList();
    }

    @Test
    void producerIdsAreUnique() throws Exception {
        var ids = new HashSet<Long>();
        for (int version = 0; version <= 5; version++) {
            for (int i = 0; i < 300; i++) {
                var request = new InitProducerIdRequest().transactionalId(null).transactionTimeoutMs(60_000);
                var response = client.call(request, version, InitProducerIdResponse.class);
                assertEquals(0, response.errorCode());
                assertEquals(0, response.producerEpoch());
                assertTrue(ids.add(response.producerId()));
            }
        }
    }

    @Test
    void offsetForLeaderEpoch() throws Exception {
        create("epochs", 1);
        for (int version = 2; version <= 4; version++) {
            var topic = new OffsetForLeaderEpochRequest.OffsetForLeaderTopic().topic("epochs");
            topic.partitions()
                    .add(new OffsetForLeaderEpochRequest.OffsetForLeaderPartition()
                            .partition(0)
                            .currentLeaderEpoch(-1)
                            .leaderEpoch(0));
            var request = new OffsetForLeaderEpochRequest();
            if (version >= 3) {
                request.replicaId(-1);
            }
            request.topics().add(topic);
            var end = client.call(request, version, OffsetForLeaderEpochResponse.class)
                    .topics()
                    .get(0)
                    .partitions()
                    .get(0);
            assertEquals(0, end.errorCode());
            assertEquals(0, end.endOffset());
        }
    }

    private static Uuid create(String topic, int partitions) throws IOException {
        return create(topic, partitions, 7);
    }

    private static Uuid create(String topic, int partitions, int version) throws IOException {
        var request = new CreateTopicsRequest().timeoutMs(10_000);
        request.topics()
                .add(new CreateTopicsRequest.CreatableTopic()
                        .name(topic)
                        .numPartitions(partitions)
                        .replicationFactor((short) 1));
        var result = client.call(request, version, CreateTopicsResponse.class)
                .topics()
                .get(0);
        assertEquals(0, result.errorCode(), result.errorMessage());
        return result.topicId();
    }
}
