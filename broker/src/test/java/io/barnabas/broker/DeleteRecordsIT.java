package io.barnabas.broker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

import io.barnabas.broker.testing.RawClient;
import io.barnabas.broker.testing.TestBroker;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DeleteRecordsRequest;
import io.barnabas.protocol.message.DeleteRecordsRequest.DeleteRecordsPartition;
import io.barnabas.protocol.message.DeleteRecordsRequest.DeleteRecordsTopic;
import io.barnabas.protocol.message.DeleteRecordsResponse;
import io.barnabas.protocol.message.DeleteRecordsResponse.DeleteRecordsPartitionResult;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** DeleteRecords by the stock admin client, and by hand at each version. */
class DeleteRecordsIT {
    @TempDir
    Path logDir;

    private TestBroker broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        broker = TestBroker.start(logDir);
        admin = Admin.create(broker.clientSettings());
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
    }

    private void topic(String name, Map<String, String> configs, int records) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, 1, (short) 1).configs(configs)))
                .all()
                .get();
        try (var producer =
                new KafkaProducer<>(broker.clientSettings(), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>(name, 0, "k" + i, "v" + i)).get();
            }
        }
    }

    private long delete(String topic, long offset) throws Exception {
        var partition = new TopicPartition(topic, 0);
        return admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset)))
                .lowWatermarks()
                .get(partition)
                .get()
                .lowWatermark();
    }

    private long earliest(String topic) throws Exception {
        var partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                .partitionResult(partition)
                .get()
                .offset();
    }

    @Test
    void theStartMovesUpAndSurvivesARestart() throws Exception {
        topic("moved", Map.of(), 10);
        assertEquals(4, delete("moved", 4));
        assertEquals(4, delete("moved", 2), "never back");
        assertEquals(4, earliest("moved"));
        admin.close();
        broker.close();
        start();
        assertEquals(4, earliest("moved"));
        assertEquals(10, delete("moved", -1), "-1 is the high watermark");
        assertEquals(10, earliest("moved"));
    }

    @Test
    void whatIsRefused() throws Exception {
        topic("plain", Map.of(), 3);
        topic("compacted", Map.of("cleanup.policy", "compact"), 3);
        topic("both", Map.of("cleanup.policy", "compact,delete"), 3);
        topic("neither", Map.of("cleanup.policy", ""), 3);
        var beyond = assertThrows(ExecutionException.class, () -> delete("plain", 4));
        assertInstanceOf(OffsetOutOfRangeException.class, beyond.getCause());
        var policy = assertThrows(ExecutionException.class, () -> delete("compacted", 1));
        assertInstanceOf(PolicyViolationException.class, policy.getCause());
        assertEquals(1, delete("both", 1));
        assertEquals(1, delete("neither", 1));
    }

    @Test
    void everyVersion() throws Exception {
        topic("raw", Map.of(), 10);
        try (var client = new RawClient(broker.port())) {
            for (int version = 0; version <= 2; version++) {
                var done = call(client, version, "raw", 0, 3 + version);
                assertEquals(ErrorCode.NONE.code(), done.errorCode());
                assertEquals(3 + version, done.lowWatermark());
                assertFails(ErrorCode.OFFSET_OUT_OF_RANGE, call(client, version, "raw", 0, -2));
                assertFails(ErrorCode.OFFSET_OUT_OF_RANGE, call(client, version, "raw", 0, 11));
                assertFails(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, call(client, version, "raw", 1, 1));
                assertFails(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, call(client, version, "none", 0, 1));
            }
        }
    }

    private static void assertFails(ErrorCode error, DeleteRecordsPartitionResult result) {
        assertEquals(error.code(), result.errorCode());
        assertEquals(-1, result.lowWatermark());
    }

    private static DeleteRecordsPartitionResult call(
            RawClient client, int version, String topic, int partition, long offset) throws Exception {
        var asked = new DeleteRecordsTopic().name(topic);
        asked.partitions()
                .add(new DeleteRecordsPartition().partitionIndex(partition).offset(offset));
        var request = new DeleteRecordsRequest().timeoutMs(1_000);
        request.topics().add(asked);
        var answered =
                client.call(request, version, DeleteRecordsResponse.class).topics();
        assertEquals(1, answered.size());
        return answered.get(0).partitions().get(0);
    }
}
