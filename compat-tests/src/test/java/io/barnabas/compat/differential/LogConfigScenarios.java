package io.barnabas.compat.differential;

import java.util.List;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

import static io.barnabas.compat.differential.Session.produce;
import static io.barnabas.compat.differential.Session.records;
import static io.barnabas.compat.differential.Session.simple;

/** What topic configs allow, refuse and do to records. */
final class LogConfigScenarios {
    private static final byte TOPIC = 2;
    private static final byte SET = 0;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;

    private LogConfigScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("cleanup-policy-empty", session -> {
                    var topic = session.name("t");
                    session.call(create(topic, "cleanup.policy", ""), 7);
                    session.awaitLeaders(topic, 1);
                    describe(session, topic, "cleanup.policy", "");
                    MemoryRecords keyless = MemoryRecords.withRecords(
                            Compression.NONE, new SimpleRecord(1_000, null, "v".getBytes()), simple(1_001, "w")[0]);
                    session.call(produce(topic, 0, -1, keyless), 9);
                    session.call(deleteRecords(topic, 1), 2);
                    FetchScenarios.fetchAll(session, topic);
                    alter(session, topic, SET, "compact");
                    describe(session, topic, "cleanup.policy", "compact");
                    session.call(deleteRecords(topic, 2), 2);
                    alter(session, topic, SUBTRACT, "compact");
                    describe(session, topic, "cleanup.policy", "");
                    alter(session, topic, APPEND, "delete");
                    describe(session, topic, "cleanup.policy", "delete");
                    alter(session, topic, APPEND, "compact");
                    describe(session, topic, "cleanup.policy", "delete,compact");
                    alter(session, topic, SET, "");
                    describe(session, topic, "cleanup.policy", "");
                    session.call(deleteRecords(topic, -1), 2);
                }),
                new Scenario("cleanup-policy-refused", session -> {
                    var topic = session.name("t");
                    session.topic(topic, 1);
                    for (var policy :
                            List.of("none", ",", "delete,", "delete,none", "compact,compact", "Delete", " ")) {
                        session.transcript().note("policy '" + policy + "'");
                        alter(session, topic, SET, policy);
                    }
                    alter(session, topic, APPEND, "none");
                    alter(session, topic, SUBTRACT, "none");
                    session.call(create(session.name("none"), "cleanup.policy", "none"), 7);
                    session.call(create(session.name("twice"), "cleanup.policy", "delete,delete"), 7);
                    session.call(create(session.name("list"), "cleanup.policy", ","), 7);
                }),
                new Scenario("topic-configs-remote", session -> {
                    session.call(create(session.name("a"), "remote.storage.enable", "true"), 7);
                    session.call(create(session.name("b"), "remote.log.copy.disable", "true"), 7);
                    session.call(create(session.name("c"), "remote.log.delete.on.disable", "true"), 7);
                    session.call(create(session.name("d"), "local.retention.ms", "100", "retention.ms", "50"), 7);
                    session.call(create(session.name("e"), "local.retention.bytes", "-3"), 7);
                    session.call(create(session.name("f"), "local.retention.ms", "-1"), 7);
                    session.topic(session.name("t"), 1);
                    alter(session, session.name("t"), "remote.storage.enable", SET, "true");
                    alter(session, session.name("t"), "remote.storage.enable", SET, "false");
                }),
                new Scenario("topic-configs-that-contradict", session -> {
                    session.call(
                            create(session.name("a"), "min.compaction.lag.ms", "10", "max.compaction.lag.ms", "9"), 7);
                    session.call(
                            create(session.name("b"), "min.compaction.lag.ms", "10", "max.compaction.lag.ms", "10"), 7);
                    alter(session, session.name("b"), "max.compaction.lag.ms", SET, "9");
                    alter(session, session.name("b"), "min.compaction.lag.ms", SET, "11");
                    session.call(create(session.name("c"), "preallocate", "true"), 7);
                    session.call(create(session.name("d"), "preallocate", "yes"), 7);
                    session.call(create(session.name("e"), "leader.replication.throttled.replicas", "0:1,1:1"), 7);
                    session.call(create(session.name("f"), "leader.replication.throttled.replicas", "some"), 7);
                    session.call(create(session.name("g"), "follower.replication.throttled.replicas", "*"), 7);
                    session.call(create(session.name("h"), "internal.segment.bytes", "1000"), 7);
                    session.call(create(session.name("i"), "compression.lz4.level", "18"), 7);
                    session.call(create(session.name("j"), "compression.zstd.level", "23"), 7);
                    session.call(create(session.name("k"), "segment.index.bytes", "3"), 7);
                    session.call(create(session.name("l"), "segment.jitter.ms", "-1"), 7);
                }),
                new Scenario("produce-timestamps-out-of-bounds", session -> {
                    var topic = session.name("t");
                    session.topic(
                            topic,
                            1,
                            "message.timestamp.before.max.ms",
                            "60000",
                            "message.timestamp.after.max.ms",
                            "60000");
                    session.topic(
                            session.name("stamped"),
                            1,
                            "message.timestamp.before.max.ms",
                            "60000",
                            "message.timestamp.type",
                            "LogAppendTime");
                    long nowMs = System.currentTimeMillis();
                    for (var codec :
                            List.of(Compression.NONE, Compression.gzip().build())) {
                        var batch = MemoryRecords.withRecords(
                                codec,
                                simple(nowMs, "now")[0],
                                simple(nowMs - 600_000, "old")[0],
                                simple(nowMs + 600_000, "early")[0],
                                simple(-1, "none")[0]);
                        timed(session, topic, batch, 9);
                        timed(session, topic, batch, 7);
                        session.call(produce(session.name("stamped"), 0, -1, batch), 9);
                        timed(session, topic, MemoryRecords.withRecords(codec, simple(-1, "none")[0]), 9);
                    }
                    timed(session, topic, MemoryRecords.withRecords(Compression.NONE, simple(nowMs, "now")), 9);
                }),
                new Scenario("produce-log-append-time-answers", session -> {
                    session.topic(session.name("t"), 1, "message.timestamp.type", "LogAppendTime");
                    session.topic(session.name("created"), 1);
                    InitProducerIdResponseData producer =
                            session.quietly(new InitProducerIdRequestData().setTransactionTimeoutMs(1_000), 4);
                    for (var topic : List.of(session.name("t"), session.name("created"))) {
                        for (int version = 3; version <= 12; version++) {
                            session.call(produce(topic, 0, -1, records(Compression.NONE, "a")), version);
                        }
                        for (int sequence : new int[] {0, 1, 1, 0}) {
                            session.call(
                                    produce(topic, 0, -1, Session.idempotent(producer.producerId(), 0, sequence, "b")),
                                    9);
                        }
                    }
                }),
                new Scenario("produce-recompression-levels", session -> {
                    var levels = List.of("gzip 1", "gzip 9", "lz4 1", "lz4 12", "zstd -5", "zstd 19", "snappy");
                    for (var codec : levels) {
                        var topic = session.name(codec.replace(' ', '-'));
                        var parts = codec.split(" ");
                        if (parts.length == 1) {
                            session.topic(topic, 1, "compression.type", parts[0]);
                        } else {
                            session.topic(
                                    topic,
                                    1,
                                    "compression.type",
                                    parts[0],
                                    "compression." + parts[0] + ".level",
                                    parts[1]);
                        }
                        var text = new StringBuilder();
                        for (int i = 0; i < 200; i++) {
                            text.append(i * i % 97).append(i % 7 == 0 ? "lorem" : "ipsum");
                        }
                        session.call(produce(topic, 0, -1, records(Compression.NONE, text.toString(), "b")), 9);
                        session.call(
                                produce(topic, 0, -1, records(Compression.zstd().build(), text.toString(), "c")), 9);
                        FetchScenarios.fetchAll(session, topic);
                    }
                }));
    }

    /** Errors of single records, with the times in them masked. */
    private static void timed(Session session, String topic, MemoryRecords records, int version) {
        ProduceResponseData response = session.quietly(produce(topic, 0, -1, records), version);
        var answer = response.responses().iterator().next().partitionResponses().get(0);
        session.transcript()
                .note("v" + version + " error " + answer.errorCode() + " base " + answer.baseOffset() + " time "
                        + answer.logAppendTimeMs() + " message "
                        + (answer.recordErrors().isEmpty() ? "*" : answer.errorMessage()));
        answer.recordErrors().forEach(error -> session.transcript()
                .note("  " + error.batchIndex() + " "
                        + error.batchIndexErrorMessage().replaceAll("\\d{12,}", "<time>")));
    }

    private static CreateTopicsRequestData create(String name, String... configs) {
        var topic = new CreatableTopic().setName(name).setNumPartitions(1).setReplicationFactor((short) 1);
        for (int i = 0; i < configs.length; i += 2) {
            topic.configs().add(new CreatableTopicConfig().setName(configs[i]).setValue(configs[i + 1]));
        }
        var request = new CreateTopicsRequestData().setTimeoutMs(30_000);
        request.topics().add(topic);
        return request;
    }

    private static void alter(Session session, String topic, byte operation, String value) {
        alter(session, topic, "cleanup.policy", operation, value);
    }

    private static void alter(Session session, String topic, String key, byte operation, String value) {
        var resource = new AlterConfigsResource().setResourceType(TOPIC).setResourceName(topic);
        resource.configs()
                .add(new AlterableConfig()
                        .setName(key)
                        .setConfigOperation(operation)
                        .setValue(value));
        var request = new IncrementalAlterConfigsRequestData();
        request.resources().add(resource);
        session.call(request, 1);
    }

    /** Once it has this value: Kafka's broker hears of a change a moment after it was answered. */
    private static void describe(Session session, String topic, String key, String value) {
        Session.await(
                key + " of " + topic + " = " + value,
                () -> described(session, topic, key).configs().get(0).value().equals(value));
        session.transcript().note(described(session, topic, key).configs().toString());
    }

    private static DescribeConfigsResult described(Session session, String topic, String key) {
        DescribeConfigsResponseData response = session.quietly(
                new DescribeConfigsRequestData()
                        .setIncludeSynonyms(true)
                        .setResources(List.of(new DescribeConfigsResource()
                                .setResourceType(TOPIC)
                                .setResourceName(topic)
                                .setConfigurationKeys(List.of(key)))),
                4);
        return response.results().get(0);
    }

    private static DeleteRecordsRequestData deleteRecords(String topic, long offset) {
        return new DeleteRecordsRequestData()
                .setTimeoutMs(10_000)
                .setTopics(List.of(new DeleteRecordsRequestData.DeleteRecordsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new DeleteRecordsRequestData.DeleteRecordsPartition()
                                .setPartitionIndex(0)
                                .setOffset(offset)))));
    }
}
