package io.barnabas.compat.differential;

import java.util.List;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;

/** Creating, growing and deleting topics (kafka-semantics C.8). */
final class TopicScenarios {
    private TopicScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("create-topics-versions", session -> {
                    for (int version = 2; version <= 7; version++) {
                        session.call(create(topic(session.name("v" + version), 2, 1)), version);
                        session.call(create(topic(session.name("v" + version), 2, 1)), version);
                    }
                }),
                new Scenario("create-topics-defaults", session -> {
                    session.call(create(topic(session.name("a"), -1, -1)), 4);
                    session.call(create(topic(session.name("b"), -1, -1)), 7);
                }),
                new Scenario("create-topics-invalid-names", session -> {
                    for (String name : new String[] {"", ".", "..", "a b", "x".repeat(250), "a:b", "ä"}) {
                        session.call(create(topic(name, 1, 1)), 7);
                    }
                }),
                new Scenario("create-topics-colliding-names", session -> {
                    session.call(create(topic(session.name("a.b_c"), 1, 1)), 7);
                    session.call(create(topic(session.name("a_b.c"), 1, 1)), 7);
                    session.call(create(topic(session.name("x.y"), 1, 1), topic(session.name("x_y"), 1, 1)), 7);
                }),
                new Scenario(
                        "create-topics-duplicates",
                        session -> session.call(
                                create(
                                        topic(session.name("same"), 1, 1),
                                        topic(session.name("other"), 1, 1),
                                        topic(session.name("same"), 2, 1)),
                                7)),
                new Scenario("create-topics-bad-counts", session -> {
                    session.call(create(topic(session.name("p0"), 0, 1)), 7);
                    session.call(create(topic(session.name("p-2"), -2, 1)), 7);
                    session.call(create(topic(session.name("rf0"), 1, 0)), 7);
                    session.call(create(topic(session.name("rf-2"), 1, -2)), 7);
                    session.call(create(topic(session.name("rf3"), 1, 3)), 7);
                }),
                new Scenario("create-topics-assignments", session -> {
                    session.call(create(assigned(session.name("ok"), -1, -1, new int[][] {{1}, {1}})), 7);
                    session.call(create(assigned(session.name("count"), 2, 1, new int[][] {{1}, {1}})), 7);
                    session.call(create(assigned(session.name("unknown"), -1, -1, new int[][] {{9}})), 7);
                    session.call(create(assigned(session.name("twice"), -1, -1, new int[][] {{1, 1}})), 7);
                    session.call(create(assigned(session.name("empty"), -1, -1, new int[][] {{}})), 7);
                    session.call(create(assigned(session.name("uneven"), -1, -1, new int[][] {{1}, {1, 2}})), 7);
                }),
                new Scenario("create-topics-assignment-gap", session -> {
                    CreatableTopic gap = topic(session.name("gap"), -1, -1);
                    gap.assignments()
                            .add(new CreatableReplicaAssignment()
                                    .setPartitionIndex(1)
                                    .setBrokerIds(List.of(1)));
                    session.call(create(gap), 7);
                }),
                new Scenario("create-topics-validate-only", session -> {
                    session.call(create(topic(session.name("t"), 4, 1)).setValidateOnly(true), 7);
                    session.call(ClientScenarios.metadata(false, session.name("t")), 9);
                }),
                new Scenario("create-topics-configs", session -> {
                    session.call(create(configured(session.name("a"), "retention.ms", "1000")), 5);
                    session.call(create(configured(session.name("b"), "cleanup.policy", "compact")), 7);
                    session.call(create(configured(session.name("c"), "retention.ms", "soon")), 7);
                    session.call(create(configured(session.name("d"), "no.such.config", "1")), 7);
                    session.call(create(configured(session.name("e"), "cleanup.policy", "shred")), 7);
                    session.call(create(configured(session.name("f"), "segment.bytes", "1")), 7);
                    session.call(create(configured(session.name("g"), "retention.ms", null)), 7);
                    session.call(create(configured(session.name("h"), "compression.type", "brotli")), 7);
                    session.call(create(configured(session.name("i"), "min.insync.replicas", "0")), 7);
                }),
                new Scenario(
                        "create-topics-mixed",
                        session -> session.call(
                                create(
                                        topic(session.name("good"), 1, 1),
                                        topic("bad name", 1, 1),
                                        configured(session.name("bad"), "segment.ms", "x")),
                                7)),
                new Scenario("delete-topics-versions", session -> {
                    for (int version = 1; version <= 5; version++) {
                        session.topic(session.name("v" + version), 1);
                        session.call(
                                new DeleteTopicsRequestData()
                                        .setTimeoutMs(30_000)
                                        .setTopicNames(List.of(session.name("v" + version), session.name("none"))),
                                version);
                    }
                }),
                new Scenario("delete-topics-by-id", session -> {
                    Uuid id = session.topic(session.name("t"), 1);
                    session.call(delete(byId(id)), 6);
                    session.call(delete(byId(id)), 6);
                    session.call(delete(byId(Uuid.ZERO_UUID)), 6);
                    session.call(delete(byName(session.name("none"))), 6);
                }),
                new Scenario("delete-topics-duplicates", session -> {
                    Uuid id = session.topic(session.name("t"), 1);
                    session.call(delete(byName(session.name("t")), byName(session.name("t"))), 6);
                    session.call(delete(byName(session.name("t")), byId(id)), 6);
                }),
                new Scenario("create-partitions", session -> {
                    session.topic(session.name("t"), 2);
                    for (int version = 0; version <= 3; version++) {
                        session.call(
                                grow(new CreatePartitionsTopic()
                                        .setName(session.name("t"))
                                        .setCount(3 + version)
                                        .setAssignments(null)),
                                version);
                    }
                    session.call(ClientScenarios.metadata(false, session.name("t")), 9);
                }),
                new Scenario("create-partitions-errors", session -> {
                    session.topic(session.name("t"), 2);
                    for (int count : new int[] {2, 1, 0, -1}) {
                        session.call(
                                grow(new CreatePartitionsTopic()
                                        .setName(session.name("t"))
                                        .setCount(count)
                                        .setAssignments(null)),
                                3);
                    }
                    session.call(
                            grow(new CreatePartitionsTopic()
                                    .setName(session.name("none"))
                                    .setCount(4)
                                    .setAssignments(null)),
                            3);
                    session.call(
                            grow(
                                    new CreatePartitionsTopic()
                                            .setName(session.name("t"))
                                            .setCount(4)
                                            .setAssignments(null),
                                    new CreatePartitionsTopic()
                                            .setName(session.name("t"))
                                            .setCount(5)
                                            .setAssignments(null)),
                            3);
                }),
                new Scenario("create-partitions-assignments", session -> {
                    session.topic(session.name("t"), 1);
                    session.call(grow(assignedPartitions(session.name("t"), 2, new int[][] {{7}})), 3);
                    session.call(grow(assignedPartitions(session.name("t"), 3, new int[][] {{1}})), 3);
                    session.call(grow(assignedPartitions(session.name("t"), 2, new int[][] {{1, 1}})), 3);
                    session.call(grow(assignedPartitions(session.name("t"), 2, new int[][] {{1}})), 3);
                    session.call(
                            grow(assignedPartitions(session.name("t"), 3, new int[][] {{1}}))
                                    .setValidateOnly(true),
                            3);
                }));
    }

    static CreateTopicsRequestData create(CreatableTopic... topics) {
        var request = new CreateTopicsRequestData().setTimeoutMs(30_000);
        for (CreatableTopic topic : topics) {
            request.topics().add(topic);
        }
        return request;
    }

    static CreatableTopic topic(String name, int partitions, int replicationFactor) {
        return new CreatableTopic().setName(name).setNumPartitions(partitions).setReplicationFactor((short)
                replicationFactor);
    }

    private static CreatableTopic configured(String name, String key, String value) {
        CreatableTopic topic = topic(name, 1, 1);
        topic.configs().add(new CreatableTopicConfig().setName(key).setValue(value));
        return topic;
    }

    private static CreatableTopic assigned(String name, int partitions, int replicationFactor, int[][] replicas) {
        CreatableTopic topic = topic(name, partitions, replicationFactor);
        for (int i = 0; i < replicas.length; i++) {
            topic.assignments()
                    .add(new CreatableReplicaAssignment()
                            .setPartitionIndex(i)
                            .setBrokerIds(
                                    java.util.Arrays.stream(replicas[i]).boxed().toList()));
        }
        return topic;
    }

    private static DeleteTopicsRequestData delete(DeleteTopicState... topics) {
        return new DeleteTopicsRequestData().setTimeoutMs(30_000).setTopics(List.of(topics));
    }

    private static DeleteTopicState byId(Uuid id) {
        return new DeleteTopicState().setName(null).setTopicId(id);
    }

    private static DeleteTopicState byName(String name) {
        return new DeleteTopicState().setName(name);
    }

    private static CreatePartitionsRequestData grow(CreatePartitionsTopic... topics) {
        var request = new CreatePartitionsRequestData().setTimeoutMs(30_000);
        for (CreatePartitionsTopic topic : topics) {
            request.topics().add(topic);
        }
        return request;
    }

    private static CreatePartitionsTopic assignedPartitions(String name, int count, int[][] replicas) {
        var topic = new CreatePartitionsTopic().setName(name).setCount(count);
        topic.setAssignments(java.util.Arrays.stream(replicas)
                .map(brokers -> new CreatePartitionsRequestData.CreatePartitionsAssignment()
                        .setBrokerIds(java.util.Arrays.stream(brokers).boxed().toList()))
                .toList());
        return topic;
    }
}
