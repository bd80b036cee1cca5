package io.barnabas.compat.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Clients that take more than their share of a broker with little memory: others are served on, and the process stays small. */
class BoundedMemoryIT {
    private static final String HEAP = "-Xmx64m";
    /** Heap and direct memory at their limits, code, metaspace and stacks. */
    private static final long MOST_RESIDENT_KIB = 400 << 10;

    @TempDir
    static Path home;

    private static ChildBroker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = new ChildBroker(Product.BARNABAS, home.resolve("broker"), Map.of(), List.of(HEAP));
        broker.start();
        produce(64);
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("wide", 2_000, (short) 1)))
                    .all()
                    .get();
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static void produce(int records) throws Exception {
        var settings = Map.<String, Object>of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "delivery.timeout.ms",
                60_000,
                "request.timeout.ms",
                20_000,
                "linger.ms",
                0);
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>("t", 0, null, new byte[64 << 10]))
                        .get();
            }
        }
    }

    private static void assertServes() throws Exception {
        produce(1);
        for (var line : Files.readAllLines(Path.of("/proc/" + broker.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                long residentKib = Long.parseLong(line.replaceAll("[^0-9]", ""));
                assertTrue(residentKib < MOST_RESIDENT_KIB, line);
            }
        }
        var output = Files.readString(broker.output());
        assertEquals(-1, output.indexOf("OutOfMemoryError"), output);
        assertEquals(-1, output.indexOf("\tat "), () -> "a stack trace for a client's fault:\n" + output);
    }

    private static Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), broker.port());
    }

    @Test
    void requestsThatAreNeverFinished() throws Exception {
        var sockets = new ArrayList<Socket>();
        try {
            var part = new byte[4 << 20];
            ByteBuffer.wrap(part).putInt(90 << 20);
            for (int i = 0; i < 60; i++) {
                var socket = connect();
                sockets.add(socket);
                try {
                    socket.getOutputStream().write(part);
                } catch (IOException closed) {
                    // Refused for want of room: as well.
                }
            }
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
        assertServes();
    }

    @Test
    void announcedSizesCostNothing() throws Exception {
        var sockets = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 500; i++) {
                var socket = connect();
                sockets.add(socket);
                socket.getOutputStream()
                        .write(ByteBuffer.allocate(4).putInt(99 << 20).array());
            }
            assertServes();
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void answersThatAreNeverRead() throws Exception {
        var sockets = new ArrayList<Socket>();
        try {
            var fetch = fetch();
            for (int i = 0; i < 50; i++) {
                var socket = connect();
                sockets.add(socket);
                for (int request = 0; request < 200; request++) {
                    socket.getOutputStream().write(fetch);
                }
            }
            assertServes();
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
        assertServes();
    }

    /** Many small requests in one write, each with an answer that is a thousand times larger, and none of it is read. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void smallRequestsWithLargeAnswersThatAreNeverRead(boolean configs) throws Exception {
        var one = configs ? describeConfigs(1) : allTopics();
        var many = ByteBuffer.allocate(one.length * 3_000);
        while (many.hasRemaining()) {
            many.put(one);
        }
        var sockets = new ArrayList<SocketChannel>();
        try {
            for (int i = 0; i < 20; i++) {
                var socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.port()));
                sockets.add(socket);
                // Goes on where it was held up, as soon as the broker reads again, which it must not.
                socket.configureBlocking(false);
                socket.write(many.rewind());
            }
            assertServes();
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
        assertServes();
    }

    /** One request each: it is refused or answered, and the process lives. */
    @Test
    void requestsThatAskForTheSameThingTooOften() throws Exception {
        var requests = new LinkedHashMap<String, byte[]>();
        requests.put("1,000,000 topics that do not exist", topics(1_000_000));
        requests.put("9,000,000 groups", groups(9_000_000));
        requests.put("20,000 times the broker's configuration", describeConfigs(20_000));
        requests.put("40 MiB of a member's metadata", join(40 << 20));
        for (var request : requests.entrySet()) {
            try (var socket = connect()) {
                socket.setSoTimeout(60_000);
                try {
                    socket.getOutputStream().write(request.getValue());
                    socket.getInputStream().readNBytes(100 << 20);
                } catch (SocketException closed) {
                    // As well.
                }
            }
            assertServes();
        }
    }

    private static byte[] allTopics() {
        return request(new MetadataRequestData().setTopics(null), 3, 1);
    }

    private static byte[] topics(int count) {
        var topics = new ArrayList<MetadataRequestTopic>(count);
        for (int i = 0; i < count; i++) {
            topics.add(new MetadataRequestTopic().setName("t" + i));
        }
        return request(new MetadataRequestData().setTopics(topics).setAllowAutoTopicCreation(false), 3, 4);
    }

    private static byte[] groups(int count) {
        return request(new DescribeGroupsRequestData().setGroups(Collections.nCopies(count, "g")), 15, 1);
    }

    private static byte[] describeConfigs(int times) {
        var self = new DescribeConfigsResource()
                .setResourceType((byte) 4)
                .setResourceName("1")
                .setConfigurationKeys(null);
        return request(new DescribeConfigsRequestData().setResources(Collections.nCopies(times, self)), 32, 1);
    }

    private static byte[] join(int metadataBytes) {
        var protocol = new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[metadataBytes]);
        return request(
                new JoinGroupRequestData()
                        .setGroupId("g")
                        .setProtocolType("consumer")
                        .setSessionTimeoutMs(10_000)
                        .setRebalanceTimeoutMs(10_000)
                        .setProtocols(new JoinGroupRequestProtocolCollection(
                                List.of(protocol).iterator())),
                11,
                3);
    }

    private static byte[] fetch() {
        return request(
                new FetchRequestData()
                        .setReplicaId(-1)
                        .setMinBytes(1)
                        .setMaxBytes(50 << 20)
                        .setSessionEpoch(-1)
                        .setTopics(List.of(new FetchRequestData.FetchTopic()
                                .setTopic("t")
                                .setPartitions(List.of(new FetchRequestData.FetchPartition()
                                        .setPartition(0)
                                        .setPartitionMaxBytes(50 << 20))))),
                1,
                11);
    }

    private static byte[] request(ApiMessage request, int key, int version) {
        var header = new RequestHeaderData()
                .setRequestApiKey((short) key)
                .setRequestApiVersion((short) version)
                .setClientId("greedy");
        var head = MessageUtil.toByteBufferAccessor(header, (short) 1).buffer();
        var body = MessageUtil.toByteBufferAccessor(request, (short) version).buffer();
        return ByteBuffer.allocate(Integer.BYTES + head.remaining() + body.remaining())
                .putInt(head.remaining() + body.remaining())
                .put(head)
                .put(body)
                .array();
    }
}
