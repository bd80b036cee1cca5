package io.barnabas.compat.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    private static byte[] fetch() {
        var request = new FetchRequestData()
                .setReplicaId(-1)
                .setMinBytes(1)
                .setMaxBytes(50 << 20)
                .setSessionEpoch(-1)
                .setTopics(List.of(new FetchRequestData.FetchTopic()
                        .setTopic("t")
                        .setPartitions(List.of(new FetchRequestData.FetchPartition()
                                .setPartition(0)
                                .setPartitionMaxBytes(50 << 20)))));
        var header = new RequestHeaderData()
                .setRequestApiKey((short) 1)
                .setRequestApiVersion((short) 11)
                .setClientId("greedy");
        var head = MessageUtil.toByteBufferAccessor(header, (short) 1).buffer();
        var body = new ByteBufferAccessor(
                        MessageUtil.toByteBufferAccessor(request, (short) 11).buffer())
                .buffer();
        return ByteBuffer.allocate(Integer.BYTES + head.remaining() + body.remaining())
                .putInt(head.remaining() + body.remaining())
                .put(head)
                .put(body)
                .array();
    }
}
