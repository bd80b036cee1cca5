package io.barnabas.broker.tool;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;

import io.barnabas.broker.Broker;
import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.controlplane.LocalController;
import io.barnabas.broker.logging.Logging;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiVersionsRequest;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.DescribeConfigsRequest;
import io.barnabas.protocol.message.FetchRequest;
import io.barnabas.protocol.message.FindCoordinatorRequest;
import io.barnabas.protocol.message.InitProducerIdRequest;
import io.barnabas.protocol.message.ListOffsetsRequest;
import io.barnabas.protocol.message.MetadataRequest;
import io.barnabas.protocol.message.MetadataResponse;
import io.barnabas.protocol.message.ProduceRequest;
import io.barnabas.protocol.message.RequestHeader;
import io.barnabas.protocol.message.ResponseHeader;
import io.barnabas.protocol.record.Compression;
import io.barnabas.protocol.record.RecordBatchBuilder;
import io.barnabas.protocol.wire.ApiMessage;
import io.barnabas.protocol.wire.RecordBytes;
import io.barnabas.protocol.wire.WireReader;
import io.barnabas.protocol.wire.WireWriter;

/**
 * Starts a broker on free loopback ports over a temporary directory, sends it the requests that clients begin with, and stops it. Run
 * with {@code -XX:ArchiveClassesAtExit}, so that the archive holds the classes that a start and the first requests need.
 */
public final class Rehearsal implements AutoCloseable {
    private static final String TOPIC = "rehearsal";
    private static final long DEADLINE_MS = 30_000;
    /** The last version of Produce and Fetch that names topics instead of giving their ids. */
    private static final short NAMED_TOPICS = 12;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private int correlationId;

    private Rehearsal(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) DEADLINE_MS);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    public static void main(String[] args) throws IOException {
        Logging.start();
        var directory = Files.createTempDirectory("barnabas-rehearsal");
        try {
            try (var broker = Broker.start(config(directory), new LocalController(() -> System.exit(1)));
                    var client = new Rehearsal(broker.port("PLAINTEXT"))) {
                client.play();
            }
        } finally {
            delete(directory);
        }
    }

    private static BrokerConfig config(Path directory) {
        var values = new LinkedHashMap<String, String>();
        values.put("process.roles", "broker,controller");
        values.put("node.id", "1");
        values.put("controller.quorum.voters", "1@127.0.0.1:0");
        values.put("listeners", "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0");
        values.put("controller.listener.names", "CONTROLLER");
        values.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        values.put("admin.listeners", "127.0.0.1:0");
        values.put("log.dirs", directory.toString());
        values.put("offsets.topic.replication.factor", "1");
        values.put("offsets.topic.num.partitions", "1");
        return BrokerConfig.of(values);
    }

    private void play() throws IOException {
        call(new ApiVersionsRequest().clientSoftwareName("rehearsal").clientSoftwareVersion("1"));
        var creation = new CreateTopicsRequest().timeoutMs((int) DEADLINE_MS);
        creation.topics()
                .add(new CreateTopicsRequest.CreatableTopic()
                        .name(TOPIC)
                        .numPartitions(1)
                        .replicationFactor((short) 1));
        call(creation);
        awaitLeader();
        call(new InitProducerIdRequest().transactionTimeoutMs(1_000));
        for (var codec : Compression.values()) {
            produce(codec);
        }
        listOffsets();
        fetch();
        call(new FindCoordinatorRequest().keyType((byte) 0).coordinatorKeys(List.of(TOPIC)));
        var description = new DescribeConfigsRequest();
        description
                .resources()
                .add(new DescribeConfigsRequest.DescribeConfigsResource()
                        .resourceType((byte) 2)
                        .resourceName(TOPIC));
        call(description);
    }

    private void awaitLeader() throws IOException {
        var request = new MetadataRequest().topics(List.of(new MetadataRequest.MetadataRequestTopic().name(TOPIC)));
        long deadline = System.nanoTime() + DEADLINE_MS * 1_000_000;
        while (true) {
            var topic = ((MetadataResponse) call(request)).topics().get(0);
            if (topic.errorCode() == ErrorCode.NONE.code()
                    && topic.partitions().stream().allMatch(partition -> partition.leaderId() > 0)) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("The topic of the rehearsal has no leader: " + topic);
            }
        }
    }

    private void produce(Compression codec) throws IOException {
        var value = "a value ".repeat(32).getBytes(StandardCharsets.UTF_8);
        var batch = new RecordBatchBuilder()
                .compression(codec)
                .append(System.currentTimeMillis(), value, value)
                .build();
        var topic = new ProduceRequest.TopicProduceData().name(TOPIC);
        topic.partitionData()
                .add(new ProduceRequest.PartitionProduceData().index(0).records(RecordBytes.of(batch)));
        var request = new ProduceRequest().acks((short) -1).timeoutMs((int) DEADLINE_MS);
        request.topicData().add(topic);
        call(request, NAMED_TOPICS);
    }

    private void listOffsets() throws IOException {
        var topic = new ListOffsetsRequest.ListOffsetsTopic().name(TOPIC);
        topic.partitions()
                .add(new ListOffsetsRequest.ListOffsetsPartition()
                        .partitionIndex(0)
                        .timestamp(-1));
        var request = new ListOffsetsRequest().replicaId(-1);
        request.topics().add(topic);
        call(request);
    }

    private void fetch() throws IOException {
        var topic = new FetchRequest.FetchTopic().topic(TOPIC);
        topic.partitions()
                .add(new FetchRequest.FetchPartition()
                        .partition(0)
                        .fetchOffset(0)
                        .partitionMaxBytes(1 << 20));
        var request = new FetchRequest().maxWaitMs(100).minBytes(1).sessionEpoch(-1);
        request.topics().add(topic);
        call(request, NAMED_TOPICS);
    }

    private ApiMessage call(ApiMessage request) throws IOException {
        return call(request, request.highestVersion());
    }

    private ApiMessage call(ApiMessage request, short version) throws IOException {
        var api = ApiKey.of(request.apiKey()).orElseThrow();
        var used = (short) Math.min(version, api.highestVersion());
        var writer = new WireWriter();
        new RequestHeader()
                .requestApiKey(api.id())
                .requestApiVersion(used)
                .correlationId(++correlationId)
                .clientId(TOPIC)
                .write(writer, api.requestHeaderVersion(used));
        request.write(writer, used);
        byte[] body = writer.toByteArray();
        out.write(ByteBuffer.allocate(Integer.BYTES + body.length)
                .putInt(body.length)
                .put(body)
                .array());
        out.flush();
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        var reader = new WireReader(ByteBuffer.wrap(answer));
        ResponseHeader.read(reader, api.responseHeaderVersion(used));
        return api.readResponse(reader, used);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static void delete(Path directory) throws IOException {
        try (var found = Files.walk(directory)) {
            for (var path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
