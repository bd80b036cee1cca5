package io.barnabas.broker;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import io.barnabas.broker.testing.Batches;
import io.barnabas.broker.testing.CapturedLog;
import io.barnabas.broker.testing.RawClient;
import io.barnabas.broker.testing.TestBroker;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiVersionsRequest;
import io.barnabas.protocol.message.ApiVersionsResponse;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsResponse;
import io.barnabas.protocol.message.MetadataRequest;
import io.barnabas.protocol.message.ProduceRequest;
import io.barnabas.protocol.message.ProduceRequest.PartitionProduceData;
import io.barnabas.protocol.message.ProduceRequest.TopicProduceData;
import io.barnabas.protocol.message.ProduceResponse;
import io.barnabas.protocol.message.ProduceResponse.PartitionProduceResponse;
import io.barnabas.protocol.wire.RecordBytes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Hostile and broken clients: each gets Kafka's answer, and others are served on. */
class BadInputIT {
    @TempDir
    static Path logDir;

    private static TestBroker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = TestBroker.start(logDir, Map.of("socket.request.max.bytes", "4000000"));
        try (var client = new RawClient(broker.port())) {
            var request = new CreateTopicsRequest().timeoutMs(10_000);
            request.topics()
                    .add(new CreateTopicsRequest.CreatableTopic()
                            .name("t")
                            .numPartitions(1)
                            .replicationFactor((short) 1));
            var response = client.call(request, 7, CreateTopicsResponse.class);
            assertEquals(0, response.topics().get(0).errorCode());
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void hostileLengthsCloseTheConnection() throws Exception {
        for (int length : new int[] {-1, Integer.MIN_VALUE, 4_000_001, Integer.MAX_VALUE, 0, 1, 3}) {
            try (var client = new RawClient(broker.port())) {
                var bytes = ByteBuffer.allocate(4 + Math.max(0, Math.min(length, 3)));
                client.sendRaw(bytes.putInt(length).array());
                assertTrue(client.isClosedByBroker(), "length " + length);
            }
        }
        assertServes();
    }

    @Test
    void foreignProtocolsAreRefused() throws Exception {
        byte[] http = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] tls = {0x16, 3, 1, 0, (byte) 0xa5, 1, 0, 0};
        for (byte[] hello : List.of(http, tls)) {
            try (var client = new RawClient(broker.port())) {
                client.sendRaw(hello);
                assertTrue(client.isClosedByBroker());
            }
        }
        assertServes();
    }

    @Test
    void unknownKeysAndVersionsCloseTheConnection() throws Exception {
        for (int[] keyAndVersion : new int[][] {{999, 0}, {-1, 0}, {3, 99}, {3, -1}, {0, 2}, {1, 3}, {18, -1}}) {
            try (var client = new RawClient(broker.port())) {
                var frame = ByteBuffer.allocate(16)
                        .putShort((short) keyAndVersion[0])
                        .putShort((short) keyAndVersion[1])
                        .putInt(7)
                        .putShort((short) -1);
                client.sendFrame(frame.array());
                if (keyAndVersion[0] != 18) {
                    assertTrue(client.isClosedByBroker(), keyAndVersion[0] + " v" + keyAndVersion[1]);
                }
            }
        }
        assertServes();
    }

    @Test
    void aClientThatGoesOnAskingNonsenseIsNotToldOfEachTime() throws Exception {
        try (var log = CapturedLog.of("io.barnabas.broker.network")) {
            long began = System.nanoTime();
            for (int i = 0; i < 50; i++) {
                try (var client = new RawClient(broker.port())) {
                    client.sendFrame(new byte[] {0x7f, 0x7f, 0, 0, 0, 0, 0, 7, -1, -1});
                    assertTrue(client.isClosedByBroker());
                }
            }
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
            assertTrue(log.lines("Closing the connection").size() <= seconds + 2, () -> log.lines()
                    .toString());
        }
        assertServes();
    }

    @Test
    void aFutureApiVersionsIsAnsweredInTheFormOfTheFirst() throws Exception {
        try (var client = new RawClient(broker.port())) {
            byte[] body = RawClient.frame(
                    new ApiVersionsRequest().clientSoftwareName("x").clientSoftwareVersion("1"), 3, 77);
            ByteBuffer.wrap(body).putShort(2, (short) 99);
            client.sendFrame(body);
            var response = client.receiveFrame();
            assertEquals(77, response.getInt());
            assertEquals(ErrorCode.UNSUPPORTED_VERSION.code(), response.getShort());
            assertEquals(1, response.getInt());
            assertEquals(18, response.getShort());
            assertEquals(0, response.getShort());
            assertEquals(4, response.getShort());
            assertEquals(0, response.remaining());
            assertEquals(
                    0,
                    client.call(
                                    new ApiVersionsRequest()
                                            .clientSoftwareName("x")
                                            .clientSoftwareVersion("1"),
                                    4,
                                    ApiVersionsResponse.class)
                            .errorCode());
        }
    }

    @Test
    void oddSoftwareNamesAreInvalid() throws Exception {
        try (var client = new RawClient(broker.port())) {
            var request = new ApiVersionsRequest().clientSoftwareName("a b").clientSoftwareVersion("1");
            assertEquals(
                    ErrorCode.INVALID_REQUEST.code(),
                    client.call(request, 3, ApiVersionsResponse.class).errorCode());
        }
    }

    @Test
    void truncatedAndFlippedRequestsHarmNoOneElse() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var metadata = new MetadataRequest();
        metadata.topics().add(new MetadataRequest.MetadataRequestTopic().name("t"));
        List<byte[]> good = List.of(
                RawClient.frame(produce(Batches.of("a", "b"), -1), 9, 1),
                RawClient.frame(metadata, 12, 1),
                RawClient.frame(new ApiVersionsRequest().clientSoftwareName("x").clientSoftwareVersion("1"), 3, 1));
        for (int round = 0; round < 200; round++) {
            byte[] frame = good.get(random.nextInt(good.size())).clone();
            if (random.nextBoolean()) {
                frame = Arrays.copyOf(frame, random.nextInt(frame.length));
            } else {
                for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            try (var client = new RawClient(broker.port())) {
                client.sendFrame(frame);
            } catch (EOFException | SocketException e) {
                // The broker may close at any moment.
            }
        }
        assertServes();
    }

    @Test
    void corruptAndOversizedBatchesAreRefusedAndLeaveTheLogAlone() throws Exception {
        try (var client = new RawClient(broker.port())) {
            ByteBuffer corrupt = Batches.of("value");
            corrupt.put(corrupt.limit() - 2, (byte) ~corrupt.get(corrupt.limit() - 2));
            assertEquals(ErrorCode.CORRUPT_MESSAGE, produced(client, corrupt, 9));
            assertEquals(ErrorCode.MESSAGE_TOO_LARGE, produced(client, Batches.of("x".repeat(2_000_000)), 9));
            var two = ByteBuffer.allocate(2 * Batches.of("v").remaining());
            two.put(Batches.of("v")).put(Batches.of("v")).flip();
            assertEquals(ErrorCode.INVALID_RECORD, produced(client, two, 9));
            assertEquals(ErrorCode.INVALID_RECORD, produced(client, ByteBuffer.allocate(0), 9));
            ByteBuffer old = Batches.of("v");
            old.put(16, (byte) 1);
            assertEquals(ErrorCode.INVALID_RECORD, produced(client, old, 9));
            assertEquals(ErrorCode.NONE, produced(client, Batches.of("v"), 9));
        }
    }

    @Test
    void aFailedProduceWithoutAcksClosesTheConnection() throws Exception {
        try (var client = new RawClient(broker.port())) {
            client.send(produce(Batches.of("fine"), 0), 9);
            assertServes(client);
            client.send(produce(ByteBuffer.allocate(0), 0), 9);
            assertTrue(client.isClosedByBroker());
        }
    }

    @Test
    void anUnknownNumberOfAcksIsRefused() throws Exception {
        try (var client = new RawClient(broker.port())) {
            var response = client.call(produce(Batches.of("v"), 2), 9, ProduceResponse.class);
            assertEquals(
                    ErrorCode.INVALID_REQUIRED_ACKS.code(), partition(response).errorCode());
        }
    }

    @Test
    void aSlowSenderDoesNotHoldUpOthers() throws Exception {
        try (var slow = new RawClient(broker.port())) {
            slow.sendRaw(ByteBuffer.allocate(10).putInt(3_000_000).array());
            assertServes();
        }
    }

    private static ErrorCode produced(RawClient client, ByteBuffer records, int version) throws IOException {
        var response = client.call(produce(records, -1), version, ProduceResponse.class);
        return ErrorCode.of(partition(response).errorCode());
    }

    private static PartitionProduceResponse partition(ProduceResponse response) {
        return response.responses().get(0).partitionResponses().get(0);
    }

    private static ProduceRequest produce(ByteBuffer records, int acks) {
        var topic = new TopicProduceData().name("t");
        topic.partitionData().add(new PartitionProduceData().index(0).records(RecordBytes.of(records)));
        var request = new ProduceRequest().acks((short) acks).timeoutMs(10_000);
        request.topicData().add(topic);
        return request;
    }

    private static void assertServes() throws IOException {
        try (var client = new RawClient(broker.port())) {
            assertServes(client);
        }
    }

    private static void assertServes(RawClient client) throws IOException {
        var request = new ApiVersionsRequest().clientSoftwareName("x").clientSoftwareVersion("1");
        assertEquals(0, client.call(request, 4, ApiVersionsResponse.class).errorCode());
    }
}
