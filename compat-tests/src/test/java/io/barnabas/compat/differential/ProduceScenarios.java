package io.barnabas.compat.differential;

import java.nio.ByteBuffer;
import java.util.List;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

import static io.barnabas.compat.differential.Session.idempotent;
import static io.barnabas.compat.differential.Session.produce;
import static io.barnabas.compat.differential.Session.records;
import static io.barnabas.compat.differential.Session.simple;

/** Produce and InitProducerId (kafka-semantics C.3). */
final class ProduceScenarios {
    private ProduceScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("produce-versions", session -> {
                    session.topic(session.name("t"), 1);
                    for (int version = 3; version <= 12; version++) {
                        session.call(produce(session.name("t"), 0, -1, records(Compression.NONE, "a", "b")), version);
                        session.call(produce(session.name("t"), 0, 1, records(Compression.NONE, "a", "b")), version);
                    }
                    FetchScenarios.fetchAll(session, session.name("t"));
                }),
                new Scenario("produce-topic-ids", session -> {
                    Uuid id = session.topic(session.name("t"), 1);
                    session.call(byId(id, 0, records(Compression.NONE, "a")), 13);
                    session.call(byId(id, 5, records(Compression.NONE, "a")), 13);
                    session.call(byId(new Uuid(3, 4), 0, records(Compression.NONE, "a")), 13);
                }),
                new Scenario("produce-unknown-topic", session -> {
                    for (int version : new int[] {3, 7, 8, 9, 12}) {
                        session.call(produce(session.name("none"), 0, -1, records(Compression.NONE, "a")), version);
                    }
                }),
                new Scenario("produce-unknown-partition", session -> {
                    session.topic(session.name("t"), 1);
                    session.call(produce(session.name("t"), 1, -1, records(Compression.NONE, "a")), 9);
                    session.call(produce(session.name("t"), -1, -1, records(Compression.NONE, "a")), 9);
                }),
                new Scenario("produce-compressions", session -> {
                    session.topic(session.name("t"), 1);
                    session.call(
                            produce(
                                    session.name("t"),
                                    0,
                                    -1,
                                    records(Compression.gzip().build(), "a", "b")),
                            9);
                    session.call(
                            produce(
                                    session.name("t"),
                                    0,
                                    -1,
                                    records(Compression.snappy().build(), "c", "d")),
                            9);
                    session.call(
                            produce(
                                    session.name("t"),
                                    0,
                                    -1,
                                    records(Compression.lz4().build(), "e", "f")),
                            9);
                    session.call(
                            produce(
                                    session.name("t"),
                                    0,
                                    -1,
                                    records(Compression.zstd().build(), "g", "h")),
                            9);
                    FetchScenarios.fetchAll(session, session.name("t"));
                }),
                new Scenario("produce-zstd-too-old", session -> {
                    session.topic(session.name("t"), 1);
                    for (int version = 3; version <= 7; version++) {
                        session.call(
                                produce(
                                        session.name("t"),
                                        0,
                                        -1,
                                        records(Compression.zstd().build(), "g")),
                                version);
                    }
                }),
                new Scenario("produce-invalid-acks", session -> {
                    session.topic(session.name("t"), 1);
                    session.call(produce(session.name("t"), 0, 2, records(Compression.NONE, "a")), 9);
                    session.call(produce(session.name("t"), 0, -2, records(Compression.NONE, "a")), 9);
                }),
                new Scenario("produce-acks-0", session -> {
                    session.topic(session.name("t"), 1);
                    session.connection()
                            .send(produce(session.name("t"), 0, 0, records(Compression.NONE, "a")), (short) 9);
                    session.call(produce(session.name("t"), 0, -1, records(Compression.NONE, "b")), 9);
                }),
                new Scenario(
                        "produce-acks-0-error-closes",
                        session -> session.frame(
                                "acks=0 to an unknown topic",
                                Connection.frame(
                                        produce(session.name("none"), 0, 0, records(Compression.NONE, "a")),
                                        (short) 9,
                                        1,
                                        "c"))),
                new Scenario("produce-min-isr", session -> {
                    session.topic(session.name("t"), 1, "min.insync.replicas", "2");
                    session.call(produce(session.name("t"), 0, -1, records(Compression.NONE, "a")), 9);
                    session.call(produce(session.name("t"), 0, 1, records(Compression.NONE, "a")), 9);
                }),
                new Scenario("produce-corrupt-crc", session -> {
                    session.topic(session.name("t"), 1);
                    MemoryRecords corrupt = records(Compression.NONE, "abc");
                    ByteBuffer bytes = corrupt.buffer();
                    bytes.put(bytes.limit() - 2, (byte) (bytes.get(bytes.limit() - 2) ^ 1));
                    session.call(produce(session.name("t"), 0, -1, corrupt), 9);
                    FetchScenarios.fetchAll(session, session.name("t"));
                }),
                new Scenario("produce-too-large", session -> {
                    session.topic(session.name("t"), 1, "max.message.bytes", "200");
                    session.call(produce(session.name("t"), 0, -1, records(Compression.NONE, "x".repeat(300))), 9);
                    session.call(produce(session.name("t"), 0, -1, records(Compression.NONE, "x")), 9);
                }),
                new Scenario("produce-no-batch", session -> {
                    session.topic(session.name("t"), 1);
                    session.call(produce(session.name("t"), 0, -1, MemoryRecords.EMPTY), 9);
                }),
                new Scenario("produce-two-batches", session -> {
                    session.topic(session.name("t"), 1);
                    session.call(
                            produce(
                                    session.name("t"),
                                    0,
                                    -1,
                                    joined(records(Compression.NONE, "a"), records(Compression.NONE, "b"))),
                            9);
                }),
                new Scenario("produce-wrong-count", session -> {
                    session.topic(session.name("t"), 1);
                    MemoryRecords wrong = records(Compression.NONE, "a", "b");
                    wrong.buffer().putInt(57, 3);
                    session.call(produce(session.name("t"), 0, -1, reseal(wrong)), 9);
                    MemoryRecords delta = records(Compression.NONE, "a", "b");
                    delta.buffer().putInt(23, 7);
                    session.call(produce(session.name("t"), 0, -1, reseal(delta)), 9);
                }),
                new Scenario("produce-control-batch", session -> {
                    session.topic(session.name("t"), 1);
                    MemoryRecords control = records(Compression.NONE, "a");
                    control.buffer().putShort(21, (short) 0x20);
                    session.call(produce(session.name("t"), 0, -1, reseal(control)), 9);
                }),
                new Scenario("produce-old-magic", session -> {
                    session.topic(session.name("t"), 1);
                    MemoryRecords old = MemoryRecords.withRecords(
                            (byte) 1, 0L, Compression.NONE, TimestampType.CREATE_TIME, simple(1_000, "a"));
                    session.call(produce(session.name("t"), 0, -1, old), 9);
                }),
                new Scenario("produce-keyless-on-compacted", session -> {
                    session.topic(session.name("t"), 1, "cleanup.policy", "compact");
                    MemoryRecords mixed = MemoryRecords.withRecords(
                            Compression.NONE,
                            new SimpleRecord(1_000, "k".getBytes(), "v".getBytes()),
                            new SimpleRecord(1_001, null, "v".getBytes()),
                            new SimpleRecord(1_002, null, "w".getBytes()));
                    session.call(produce(session.name("t"), 0, -1, mixed), 9);
                    session.call(produce(session.name("t"), 0, -1, mixed), 7);
                    FetchScenarios.fetchAll(session, session.name("t"));
                }),
                new Scenario("produce-future-timestamp", session -> {
                    session.topic(session.name("t"), 1);
                    MemoryRecords future = MemoryRecords.withRecords(
                            Compression.NONE, simple(System.currentTimeMillis() + 86_400_000L, "a"));
                    var response = session.<org.apache.kafka.common.message.ProduceResponseData>quietly(
                            produce(session.name("t"), 0, -1, future), 9);
                    session.transcript()
                            .note("error "
                                    + response.responses()
                                            .iterator()
                                            .next()
                                            .partitionResponses()
                                            .get(0)
                                            .errorCode());
                }),
                new Scenario("produce-log-append-time", session -> {
                    session.topic(session.name("t"), 1, "message.timestamp.type", "LogAppendTime");
                    session.call(produce(session.name("t"), 0, -1, records(Compression.NONE, "a", "b")), 9);
                    session.call(
                            produce(
                                    session.name("t"),
                                    0,
                                    -1,
                                    records(Compression.lz4().build(), "a", "b")),
                            9);
                    FetchScenarios.fetchAll(session, session.name("t"));
                }),
                new Scenario("produce-recompression", session -> {
                    session.topic(session.name("t"), 1, "compression.type", "uncompressed");
                    session.call(
                            produce(
                                    session.name("t"),
                                    0,
                                    -1,
                                    records(Compression.gzip().build(), "a", "b")),
                            9);
                    session.call(produce(session.name("t"), 0, -1, records(Compression.NONE, "c")), 9);
                    FetchScenarios.fetchAll(session, session.name("t"));
                }),
                new Scenario("produce-internal-topic", session -> {
                    session.topic(session.name("t"), 1);
                    session.call(produce("__consumer_offsets", 0, -1, records(Compression.NONE, "a")), 9);
                }),
                new Scenario("init-producer-id", session -> {
                    for (int version = 0; version <= 5; version++) {
                        session.call(new InitProducerIdRequestData().setTransactionTimeoutMs(1_000), version);
                    }
                    session.call(
                            new InitProducerIdRequestData()
                                    .setTransactionTimeoutMs(1_000)
                                    .setProducerId(5)
                                    .setProducerEpoch((short) -1),
                            4);
                    session.call(
                            new InitProducerIdRequestData()
                                    .setTransactionTimeoutMs(1_000)
                                    .setProducerId(-1)
                                    .setProducerEpoch((short) 3),
                            4);
                }),
                new Scenario("idempotent-duplicate", session -> {
                    session.topic(session.name("t"), 1);
                    long id = producerId(session);
                    for (int sequence = 0; sequence < 8; sequence++) {
                        session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, sequence, "v" + sequence)), 9);
                    }
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 7, "v7")), 9);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 3, "v3")), 9);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 2, "v2")), 9);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 0, "v0")), 9);
                    FetchScenarios.fetchAll(session, session.name("t"));
                }),
                new Scenario("idempotent-gap", session -> {
                    session.topic(session.name("t"), 1);
                    long id = producerId(session);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 0, "a", "b")), 9);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 5, "c")), 9);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 2, "c")), 9);
                }),
                new Scenario("idempotent-epochs", session -> {
                    session.topic(session.name("t"), 1);
                    long id = producerId(session);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 1, 0, "a")), 9);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 1, "b")), 9);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 2, 1, "c")), 9);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 2, 0, "d")), 9);
                }),
                new Scenario("idempotent-first-sequence", session -> {
                    session.topic(session.name("t"), 1);
                    long id = producerId(session);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 42, "a")), 9);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 43, "b")), 9);
                }),
                new Scenario("idempotent-wrap-around", session -> {
                    session.topic(session.name("t"), 1);
                    long id = producerId(session);
                    session.call(
                            produce(session.name("t"), 0, -1, idempotent(id, 0, Integer.MAX_VALUE - 1, "a", "b")), 9);
                    session.call(produce(session.name("t"), 0, -1, idempotent(id, 0, 0, "c")), 9);
                    session.call(
                            produce(session.name("t"), 0, -1, idempotent(id, 0, Integer.MAX_VALUE - 1, "a", "b")), 9);
                }));
    }

    private static long producerId(Session session) {
        InitProducerIdResponseData response =
                session.quietly(new InitProducerIdRequestData().setTransactionTimeoutMs(1_000), 4);
        return response.producerId();
    }

    private static ProduceRequestData byId(Uuid id, int partition, MemoryRecords records) {
        ProduceRequestData request = produce("", partition, -1, records);
        var data = request.topicData().iterator().next().duplicate().setTopicId(id);
        var byId = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(30_000);
        byId.topicData().add(data);
        return byId;
    }

    /** Redoes the CRC of a batch that was changed by hand. */
    private static MemoryRecords reseal(MemoryRecords records) {
        ByteBuffer bytes = records.buffer();
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(bytes.duplicate().position(21));
        bytes.putInt(17, (int) crc.getValue());
        return MemoryRecords.readableRecords(bytes);
    }

    private static MemoryRecords joined(MemoryRecords first, MemoryRecords second) {
        ByteBuffer both = ByteBuffer.allocate(first.sizeInBytes() + second.sizeInBytes());
        both.put(first.buffer()).put(second.buffer()).flip();
        return MemoryRecords.readableRecords(both);
    }
}
