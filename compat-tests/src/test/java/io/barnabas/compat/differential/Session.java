package io.barnabas.compat.differential;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** One run of a scenario against one broker: its connection, its topic names and its transcript. */
public final class Session implements AutoCloseable {
    private final String name;
    private final int port;
    private final Transcript transcript = new Transcript();
    private final List<Connection> opened = new ArrayList<>();
    private Connection connection;

    Session(String name, int port) {
        this.name = name;
        this.port = port;
        connection = connect();
    }

    /** A topic or group name that no other scenario uses. */
    public String name(String suffix) {
        return name + "-" + suffix;
    }

    public Transcript transcript() {
        return transcript;
    }

    public Connection connection() {
        return connection;
    }

    /** A further connection, closed with the session. */
    public Connection connect() {
        Connection another = new Connection(port);
        opened.add(another);
        return another;
    }

    /** Leaves the present connection, which the broker may have closed, for a new one. */
    public void reconnect() {
        connection = connect();
    }

    /** Sends a request, writes its answer into the transcript, and returns it. */
    public <T extends ApiMessage> T call(ApiMessage request, int version) {
        T response = quietly(request, version);
        transcript.add(request.getClass().getSimpleName().replace("RequestData", ""), response, (short) version);
        return response;
    }

    /** Sends a request whose answer does not belong into the transcript. */
    @SuppressWarnings("unchecked")
    public <T extends ApiMessage> T quietly(ApiMessage request, int version) {
        return (T) connection.exchange(request, (short) version);
    }

    /** Says whether the broker answers a frame, or closes the connection. */
    public void frame(String step, ByteBuffer frame) {
        Connection fresh = connect();
        fresh.sendFrame(frame);
        ByteBuffer answer = fresh.receiveFrame();
        transcript.note(step + ": " + (answer == null ? "connection closed" : "answered " + hex(answer)));
    }

    private static String hex(ByteBuffer answer) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(32, answer.remaining()); i++) {
            text.append(String.format("%02x", answer.get(i)));
        }
        return text + " (" + answer.remaining() + " bytes)";
    }

    /** Creates a topic and waits until all its partitions have a leader; returns its id. */
    public Uuid topic(String topic, int partitions, String... configs) {
        var creatable = new CreateTopicsRequestData.CreatableTopic()
                .setName(topic)
                .setNumPartitions(partitions)
                .setReplicationFactor((short) 1);
        for (int i = 0; i < configs.length; i += 2) {
            creatable
                    .configs()
                    .add(new CreateTopicsRequestData.CreatableTopicConfig()
                            .setName(configs[i])
                            .setValue(configs[i + 1]));
        }
        var request = new CreateTopicsRequestData().setTimeoutMs(30_000);
        request.topics().add(creatable);
        CreateTopicsResponseData created = quietly(request, 7);
        if (created.topics().find(topic).errorCode() != 0) {
            throw new IllegalStateException("cannot create " + topic + ": " + created);
        }
        awaitLeaders(topic, partitions);
        Uuid id = created.topics().find(topic).topicId();
        transcript.name(id.toString(), "id of " + topic);
        return id;
    }

    /** Waits until Metadata shows a leader for every partition of the topic. */
    public void awaitLeaders(String topic, int partitions) {
        await("leaders of " + topic, () -> {
            MetadataResponseData metadata = quietly(
                    new MetadataRequestData()
                            .setAllowAutoTopicCreation(false)
                            .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName(topic))),
                    9);
            var found = metadata.topics().find(topic);
            return found != null
                    && found.errorCode() == 0
                    && found.partitions().size() == partitions
                    && found.partitions().stream().allMatch(partition -> partition.errorCode() == 0)
                    && leads(topic, partitions);
        });
    }

    /** In Kafka, Metadata may be ahead of the replica itself. */
    private boolean leads(String topic, int partitions) {
        var asked = new ListOffsetsRequestData.ListOffsetsTopic().setName(topic);
        for (int i = 0; i < partitions; i++) {
            asked.partitions()
                    .add(new ListOffsetsRequestData.ListOffsetsPartition()
                            .setPartitionIndex(i)
                            .setTimestamp(-1));
        }
        ListOffsetsResponseData answer =
                quietly(new ListOffsetsRequestData().setReplicaId(-1).setTopics(List.of(asked)), 7);
        return answer.topics().get(0).partitions().stream().allMatch(partition -> partition.errorCode() == 0);
    }

    /** Waits for a condition, for at most 30 s. */
    public static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("gave up waiting for " + what);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** A Produce request for one partition. */
    public static ProduceRequestData produce(String topic, int partition, int acks, MemoryRecords records) {
        var request = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(30_000);
        var data = new ProduceRequestData.TopicProduceData().setName(topic);
        data.partitionData()
                .add(new ProduceRequestData.PartitionProduceData()
                        .setIndex(partition)
                        .setRecords(records));
        request.topicData().add(data);
        return request;
    }

    /** A batch with the given values as keyed records, at times 1000, 1001, … ms. */
    public static MemoryRecords records(Compression compression, String... values) {
        return MemoryRecords.withRecords(compression, simple(1_000, values));
    }

    /** An idempotent producer's batch. */
    public static MemoryRecords idempotent(long producerId, int epoch, int sequence, String... values) {
        return MemoryRecords.withIdempotentRecords(
                Compression.NONE, producerId, (short) epoch, sequence, simple(1_000, values));
    }

    /** Records with key "k" + value and timestamps counting up. */
    public static SimpleRecord[] simple(long firstTimestamp, String... values) {
        SimpleRecord[] records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(
                    firstTimestamp + i,
                    ("k" + values[i]).getBytes(StandardCharsets.UTF_8),
                    values[i].getBytes(StandardCharsets.UTF_8));
        }
        return records;
    }

    @Override
    public void close() {
        opened.forEach(Connection::close);
    }
}
