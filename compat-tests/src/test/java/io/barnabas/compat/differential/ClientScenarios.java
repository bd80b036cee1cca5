package io.barnabas.compat.differential;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.protocol.ApiMessage;

/** Connection, negotiation, metadata (kafka-semantics C.1 and C.2). */
final class ClientScenarios {
    private ClientScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("apiversions-ranges", ClientScenarios::apiRanges),
                new Scenario("apiversions-software-name", session -> {
                    for (String name : new String[] {"", "bad name!", "-x", "good-name.1"}) {
                        ApiVersionsResponseData response = session.quietly(
                                new ApiVersionsRequestData()
                                        .setClientSoftwareName(name)
                                        .setClientSoftwareVersion("1.0"),
                                3);
                        session.transcript().note(name + " -> " + response.errorCode());
                    }
                }),
                new Scenario("apiversions-unsupported-version", session -> {
                    ByteBuffer frame = Connection.frame(
                            new ApiVersionsRequestData()
                                    .setClientSoftwareName("n")
                                    .setClientSoftwareVersion("1"),
                            (short) 3,
                            7,
                            "c");
                    frame.putShort(6, (short) 99);
                    session.frame("ApiVersions v99", frame);
                }),
                new Scenario("unknown-api-key", session -> {
                    ByteBuffer frame = Connection.frame(new ApiVersionsRequestData(), (short) 0, 7, "c");
                    frame.putShort(4, (short) 999);
                    session.frame("key 999", frame);
                }),
                new Scenario("unsupported-metadata-version", session -> {
                    ByteBuffer frame = Connection.frame(new MetadataRequestData(), (short) 9, 7, "c");
                    frame.putShort(6, (short) 77);
                    session.frame("Metadata v77", frame);
                }),
                new Scenario("truncated-request", session -> {
                    ByteBuffer frame = Connection.frame(metadata(true, "abc"), (short) 9, 7, "c");
                    frame.limit(frame.limit() - 3);
                    frame.putInt(0, frame.limit() - 4);
                    session.frame("truncated Metadata", frame);
                }),
                new Scenario(
                        "negative-frame-length",
                        session -> session.frame(
                                "length -1", ByteBuffer.allocate(4).putInt(-1).flip())),
                new Scenario(
                        "huge-frame-length",
                        session -> session.frame(
                                "length 2 GiB",
                                ByteBuffer.allocate(4).putInt(Integer.MAX_VALUE).flip())),
                new Scenario(
                        "http-on-the-port",
                        session -> session.frame(
                                "GET /",
                                ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))),
                new Scenario("pipelined-requests-keep-order", session -> {
                    Connection connection = session.connection();
                    int[] ids = new int[20];
                    for (int i = 0; i < ids.length; i++) {
                        ApiMessage request = i % 2 == 0 ? metadata(false, "none-" + i) : new ApiVersionsRequestData();
                        ids[i] = connection.send(request, version(i));
                    }
                    for (int i = 0; i < ids.length; i++) {
                        connection.receive((short) (i % 2 == 0 ? 3 : 18), version(i), ids[i]);
                    }
                    session.transcript().note("twenty answers in order");
                }),
                new Scenario("metadata-unknown-topic", session -> {
                    for (int version = 4; version <= 13; version++) {
                        session.call(metadata(false, session.name("none")), version);
                    }
                }),
                new Scenario("metadata-invalid-name", session -> {
                    for (String name : new String[] {"bad name", "", ".", "..", "x".repeat(250), "a/b"}) {
                        session.call(metadata(true, name), 9);
                    }
                }),
                new Scenario("metadata-existing-topic", session -> {
                    session.topic(session.name("t"), 3);
                    for (int version = 0; version <= 13; version++) {
                        session.call(metadata(true, session.name("t")), version);
                    }
                }),
                new Scenario("metadata-by-topic-id", session -> {
                    Uuid id = session.topic(session.name("t"), 1);
                    for (int version : new int[] {10, 11, 12, 13}) {
                        var byId = new MetadataRequestData()
                                .setTopics(List.of(new MetadataRequestTopic()
                                        .setName(version >= 12 ? null : null)
                                        .setTopicId(id)));
                        if (version >= 12) {
                            session.call(byId, version);
                            session.call(
                                    new MetadataRequestData()
                                            .setTopics(List.of(new MetadataRequestTopic()
                                                    .setName(null)
                                                    .setTopicId(new Uuid(1, 2)))),
                                    version);
                        }
                    }
                }),
                new Scenario("metadata-no-topics", session -> {
                    for (int version = 1; version <= 13; version++) {
                        session.call(new MetadataRequestData().setTopics(List.of()), version);
                    }
                }),
                new Scenario("metadata-auto-creation", session -> {
                    session.call(metadata(true, session.name("auto")), 12);
                    session.awaitLeaders(session.name("auto"), 1);
                    session.call(metadata(true, session.name("auto")), 12);
                }),
                new Scenario("metadata-auto-creation-forbidden", session -> {
                    session.call(metadata(false, session.name("auto")), 12);
                    session.call(metadata(false, session.name("auto")), 12);
                }),
                new Scenario("metadata-authorized-operations", session -> {
                    session.topic(session.name("t"), 1);
                    for (int version = 8; version <= 13; version++) {
                        var request = metadata(true, session.name("t")).setIncludeTopicAuthorizedOperations(true);
                        if (version <= 10) {
                            request.setIncludeClusterAuthorizedOperations(true);
                        }
                        session.call(request, version);
                    }
                }),
                new Scenario("describe-cluster", session -> {
                    session.call(new DescribeClusterRequestData(), 0);
                    session.call(new DescribeClusterRequestData().setIncludeClusterAuthorizedOperations(true), 1);
                    session.call(new DescribeClusterRequestData().setEndpointType((byte) 2), 1);
                    session.call(new DescribeClusterRequestData().setEndpointType((byte) 7), 1);
                    session.call(new DescribeClusterRequestData().setIncludeFencedBrokers(true), 2);
                }),
                new Scenario("describe-topic-partitions", session -> {
                    session.topic(session.name("a"), 3);
                    session.topic(session.name("b"), 2);
                    session.call(describe(10, session.name("b"), session.name("none"), session.name("a")), 0);
                    session.call(describe(2, session.name("a"), session.name("b")), 0);
                    session.call(
                            describe(2, session.name("a"), session.name("b"))
                                    .setCursor(new DescribeTopicPartitionsRequestData.Cursor()
                                            .setTopicName(session.name("a"))
                                            .setPartitionIndex(2)),
                            0);
                    session.call(
                            describe(2, session.name("a"))
                                    .setCursor(new DescribeTopicPartitionsRequestData.Cursor()
                                            .setTopicName(session.name("a"))
                                            .setPartitionIndex(-1)),
                            0);
                }));
    }

    /** Every range that both advertise must be the same range; what one of them lacks is in docs/compatibility.md. */
    private static void apiRanges(Session session) {
        ApiVersionsResponseData response = session.quietly(
                new ApiVersionsRequestData().setClientSoftwareName("n").setClientSoftwareVersion("1"), 4);
        session.transcript().note("error " + response.errorCode());
        for (int key :
                new int[] {0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 22, 23, 32, 37, 60, 68, 69, 75}) {
            var range = response.apiKeys().find((short) key);
            session.transcript()
                    .note(key + ": " + (range == null ? "-" : range.minVersion() + ".." + range.maxVersion()));
        }
    }

    static MetadataRequestData metadata(boolean create, String... names) {
        var request = new MetadataRequestData().setAllowAutoTopicCreation(create);
        for (String name : names) {
            request.topics().add(new MetadataRequestTopic().setName(name));
        }
        return request;
    }

    private static DescribeTopicPartitionsRequestData describe(int limit, String... names) {
        var request = new DescribeTopicPartitionsRequestData().setResponsePartitionLimit(limit);
        for (String name : names) {
            request.topics().add(new DescribeTopicPartitionsRequestData.TopicRequest().setName(name));
        }
        return request;
    }

    private static short version(int request) {
        return (short) (request % 2 == 0 ? 9 : 1);
    }
}
