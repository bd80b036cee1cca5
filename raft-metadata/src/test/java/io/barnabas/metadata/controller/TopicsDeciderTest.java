package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsRequest.CreatableReplicaAssignment;
import io.barnabas.protocol.message.CreateTopicsRequest.CreatableTopic;
import io.barnabas.protocol.message.CreateTopicsRequest.CreatableTopicConfig;
import io.barnabas.protocol.message.CreateTopicsResponse.CreatableTopicConfigs;
import io.barnabas.protocol.message.DeleteTopicsRequest;
import io.barnabas.protocol.message.DeleteTopicsRequest.DeleteTopicState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TopicsDeciderTest {
    private final Deciders deciders = new Deciders();
    private final MetadataImage image = Deciders.topic(Deciders.cluster(1, 2, 3), "old.topic", 1, 1);

    private static CreatableTopic topic(String name, int partitions, int replicationFactor) {
        return new CreatableTopic().name(name).numPartitions(partitions).replicationFactor((short) replicationFactor);
    }

    private static CreatableTopic assigned(String name, int[]... replicas) {
        var topic = topic(name, -1, -1);
        for (int partition = 0; partition < replicas.length; partition++) {
            topic.assignments().add(assignment(partition, replicas[partition]));
        }
        return topic;
    }

    private static CreatableReplicaAssignment assignment(int partition, int... replicas) {
        var brokers = new ArrayList<Integer>();
        for (int replica : replicas) {
            brokers.add(replica);
        }
        return new CreatableReplicaAssignment().partitionIndex(partition).brokerIds(brokers);
    }

    private static CreatableTopic configured(String name, String key, String value) {
        var topic = topic(name, 1, 1);
        topic.configs().add(new CreatableTopicConfig().name(key).value(value));
        return topic;
    }

    private static CreateTopicsRequest request(CreatableTopic... topics) {
        return new CreateTopicsRequest().topics(new ArrayList<>(List.of(topics)));
    }

    static Stream<Arguments> refused() {
        var wrongOrder = assigned("a", new int[] {1});
        wrongOrder.assignments().get(0).partitionIndex(1);
        var partitionTwice = assigned("a", new int[] {1}, new int[] {2});
        partitionTwice.assignments().get(1).partitionIndex(0);
        return Stream.of(
                Arguments.of(
                        topic("", 1, 1),
                        ErrorCode.INVALID_TOPIC_EXCEPTION,
                        "Topic name is invalid: the empty string is not allowed"),
                Arguments.of(
                        topic("..", 1, 1),
                        ErrorCode.INVALID_TOPIC_EXCEPTION,
                        "Topic name is invalid: '..' is not allowed"),
                Arguments.of(
                        topic("a b", 1, 1),
                        ErrorCode.INVALID_TOPIC_EXCEPTION,
                        "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics,"
                                + " '.', '_' and '-'"),
                Arguments.of(
                        topic("x".repeat(250), 1, 1),
                        ErrorCode.INVALID_TOPIC_EXCEPTION,
                        "Topic name is invalid: the length of '" + "x".repeat(250)
                                + "' is longer than the max allowed length 249"),
                Arguments.of(
                        topic("old_topic", 1, 1),
                        ErrorCode.INVALID_TOPIC_EXCEPTION,
                        "Topic 'old_topic' collides with existing topic: old.topic"),
                Arguments.of(
                        topic("old.topic", 0, 0), ErrorCode.TOPIC_ALREADY_EXISTS, "Topic 'old.topic' already exists."),
                Arguments.of(
                        topic("a", 0, 1),
                        ErrorCode.INVALID_PARTITIONS,
                        "Number of partitions was set to an invalid non-positive value."),
                Arguments.of(
                        topic("a", -2, 1),
                        ErrorCode.INVALID_PARTITIONS,
                        "Number of partitions was set to an invalid non-positive value."),
                Arguments.of(
                        topic("a", 0, 0),
                        ErrorCode.INVALID_REPLICATION_FACTOR,
                        "Replication factor must be larger than 0, or -1 to use the default value."),
                Arguments.of(
                        topic("a", 1, 4),
                        ErrorCode.INVALID_REPLICATION_FACTOR,
                        "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached"
                                + " because only 3 broker(s) are registered or some brokers have all their log directories"
                                + " cordoned."),
                Arguments.of(
                        assigned("a", new int[] {1}).replicationFactor((short) 1),
                        ErrorCode.INVALID_REQUEST,
                        "A manual partition assignment was specified, but replication factor was not set to -1."),
                Arguments.of(
                        assigned("a", new int[] {1}).numPartitions(1),
                        ErrorCode.INVALID_REQUEST,
                        "A manual partition assignment was specified, but numPartitions was not set to -1."),
                Arguments.of(
                        assigned("a", new int[] {}),
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "The manual partition assignment includes an empty replica list."),
                Arguments.of(
                        assigned("a", new int[] {1, 7}),
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "The manual partition assignment includes broker 7, but no such broker is registered."),
                Arguments.of(
                        assigned("a", new int[] {2, 2}),
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "The manual partition assignment includes the broker 2 more than once."),
                Arguments.of(
                        assigned("a", new int[] {1, 2}, new int[] {3}),
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent"
                                + " with previous partitions, which have 2 replica(s)."),
                Arguments.of(
                        partitionTwice,
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "Found multiple manual partition assignments for partition 0"),
                Arguments.of(
                        wrongOrder,
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "partitions should be a consecutive 0-based integer sequence"),
                Arguments.of(
                        configured("a", "retention.ms", null),
                        ErrorCode.INVALID_CONFIG,
                        "Null value not supported for topic configs: retention.ms"),
                Arguments.of(
                        configured("a", "retention", "1"),
                        ErrorCode.INVALID_CONFIG,
                        "Unknown topic config name: retention"),
                Arguments.of(
                        configured("a", "retention.ms", "1".repeat(32_768)),
                        ErrorCode.INVALID_CONFIG,
                        "The configuration value cannot be added because it exceeds the maximum value size of 32767"
                                + " bytes."),
                Arguments.of(
                        topic("__cluster_metadata", 1, 1),
                        ErrorCode.INVALID_REQUEST,
                        "Creation of internal topic __cluster_metadata is prohibited."));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesInKafkasWords(CreatableTopic topic, ErrorCode error, String message) {
        var decision = deciders.topics.create(image, request(topic("fine", 1, 1), topic));

        var results = decision.response().topics();
        assertEquals(2, results.size());
        assertEquals(ErrorCode.NONE.code(), results.get(0).errorCode());
        assertEquals(topic.name(), results.get(1).name());
        assertEquals(error.code(), results.get(1).errorCode());
        assertEquals(message, results.get(1).errorMessage());
        assertEquals(-1, results.get(1).numPartitions());
        assertEquals(
                1, image.applyAll(decision.records()).topics().byName("fine").partitionCount());
        assertEquals(2, image.applyAll(decision.records()).topics().size());
    }

    @Test
    void aTopicNamedTwiceIsRefusedOnceAtTheEnd() {
        var decision = deciders.topics.create(image, request(topic("a", 1, 1), topic("b", 1, 1), topic("a", 2, 1)));

        var results = decision.response().topics();
        assertEquals(
                List.of("b", "a"), results.stream().map(result -> result.name()).toList());
        assertEquals(ErrorCode.INVALID_REQUEST.code(), results.get(1).errorCode());
        assertEquals("Duplicate topic name.", results.get(1).errorMessage());
    }

    @Test
    void echoesShapeAndConfigs() {
        var decision = deciders.topics.create(image, request(configured("a", "retention.ms", "5")));

        var result = decision.response().topics().get(0);
        assertEquals(1, result.numPartitions());
        assertEquals(1, result.replicationFactor());
        assertEquals(ErrorCode.NONE.code(), result.topicConfigErrorCode());
        assertNull(result.errorMessage());
        var names = result.configs().stream().map(CreatableTopicConfigs::name).toList();
        assertEquals(names.stream().sorted().toList(), names);
        var retention = result.configs().get(names.indexOf("retention.ms"));
        assertEquals("5", retention.value());
        assertEquals(1, retention.configSource());
        var after = image.applyAll(decision.records());
        assertEquals("5", after.configs().of(ResourceType.TOPIC, "a").get("retention.ms"));
        assertEquals(result.topicId(), after.topics().byName("a").id());
    }

    @Test
    void takesDefaultsForWhatIsOpen() {
        var decision = deciders.topics.create(image, request(topic("a", -1, -1)));

        var topic = image.applyAll(decision.records()).topics().byName("a");
        assertEquals(2, topic.partitionCount());
        var partition = topic.partition(0);
        assertEquals(1, partition.replicas().size());
        assertEquals(partition.replicas(), partition.isr());
        assertEquals(partition.replicas().get(0), partition.leader());
        assertEquals(0, partition.leaderEpoch());
        assertEquals(0, partition.partitionEpoch());
        assertEquals(List.of(Deciders.directory(partition.leader())), partition.directories());
    }

    @Test
    void onlyValidatingChangesNothing() {
        var decision = deciders.topics.create(image, request(topic("a", 3, 2)).validateOnly(true));

        assertTrue(decision.records().isEmpty());
        assertEquals(3, decision.response().topics().get(0).numPartitions());
    }

    @Test
    void leavesInactiveReplicasOutOfSync() {
        var limping = Deciders.fence(image, 1);

        var decision = deciders.topics.create(limping, request(assigned("a", new int[] {1, 2})));
        var partition =
                limping.applyAll(decision.records()).topics().byName("a").partition(0);
        assertEquals(List.of(1, 2), partition.replicas());
        assertEquals(List.of(2), partition.isr());
        assertEquals(2, partition.leader());

        var refused = deciders.topics.create(limping, request(assigned("b", new int[] {1})));
        assertEquals(
                "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled"
                        + " shutdown.",
                refused.response().topics().get(0).errorMessage());
    }

    @Test
    void needsALiveBroker() {
        var dead = Deciders.fence(Deciders.cluster(1), 1);

        var result = deciders.topics
                .create(dead, request(topic("a", 1, 1)))
                .response()
                .topics()
                .get(0);
        assertEquals(ErrorCode.INVALID_REPLICATION_FACTOR.code(), result.errorCode());
        assertEquals(
                "Unable to replicate the partition 1 time(s): All brokers are currently fenced, or have all their log"
                        + " directories cordoned.",
                result.errorMessage());
    }

    @Test
    void limitsOneRequest() {
        var decision = deciders.topics.create(image, request(topic("a", 6_000, 1), topic("b", 6_000, 1)));

        assertTrue(decision.records().isEmpty());
        for (var result : decision.response().topics()) {
            assertEquals(ErrorCode.POLICY_VIOLATION.code(), result.errorCode());
            assertEquals("Excessively large number of partitions per request.", result.errorMessage());
        }
        var manyTopics = new CreateTopicsRequest();
        for (int i = 0; i < 6_000; i++) {
            manyTopics.topics().add(topic("t" + i, 1, 1));
        }
        var tooMany = deciders.topics.create(image, manyTopics);
        assertTrue(tooMany.records().isEmpty());
        assertEquals(
                "Unable to perform excessively large batch operation.",
                tooMany.response().topics().get(0).errorMessage());
        var overflow = deciders.topics.create(
                image, request(topic("a", Integer.MAX_VALUE, 1), topic("b", Integer.MAX_VALUE, 1)));
        assertEquals(
                ErrorCode.POLICY_VIOLATION.code(),
                overflow.response().topics().get(0).errorCode());
    }

    @Test
    void settingTheWantedInSyncReplicasClearsEligibleLeaders() {
        var withElr = Deciders.withElr(image);

        var decision = deciders.topics.create(withElr, request(configured("a", "min.insync.replicas", "2")));

        assertEquals(
                List.of("TopicRecord", "ConfigRecord", "ClearElrRecord", "PartitionRecord"),
                decision.records().stream()
                        .map(record -> record.getClass().getSimpleName())
                        .toList());
        assertNotNull(withElr.applyAll(decision.records()).topics().byName("a"));
    }

    private void delete(
            Consumer<DeleteTopicsRequest> what, String name, Uuid id, ErrorCode error, String message, int left) {
        var request = new DeleteTopicsRequest();
        what.accept(request);

        var decision = deciders.topics.delete(image, request);

        var results = decision.response().responses();
        assertEquals(1, results.size());
        assertEquals(name, results.get(0).name());
        assertEquals(id, results.get(0).topicId());
        assertEquals(error.code(), results.get(0).errorCode());
        assertEquals(message, results.get(0).errorMessage());
        assertEquals(left, image.applyAll(decision.records()).topics().size());
    }

    private static DeleteTopicState state(String name, Uuid id) {
        return new DeleteTopicState().name(name).topicId(id);
    }

    @Test
    void deletesByNameAndById() {
        var id = Deciders.idOf("old.topic");
        delete(request -> request.topicNames().add("old.topic"), "old.topic", id, ErrorCode.NONE, null, 0);
        delete(
                request -> request.topics().add(state("old.topic", Uuid.ZERO)),
                "old.topic",
                id,
                ErrorCode.NONE,
                null,
                0);
        delete(request -> request.topics().add(state(null, id)), "old.topic", id, ErrorCode.NONE, null, 0);
    }

    @Test
    void refusesToDelete() {
        var id = Deciders.idOf("old.topic");
        var other = new Uuid(3, 4);
        delete(
                request -> request.topicNames().add("none"),
                "none",
                Uuid.ZERO,
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.message(),
                1);
        delete(
                request -> request.topics().add(state(null, other)),
                null,
                other,
                ErrorCode.UNKNOWN_TOPIC_ID,
                ErrorCode.UNKNOWN_TOPIC_ID.message(),
                1);
        delete(
                request -> request.topicNames().addAll(List.of("old.topic", "old.topic", "old.topic")),
                "old.topic",
                Uuid.ZERO,
                ErrorCode.INVALID_REQUEST,
                "Duplicate topic name.",
                1);
        delete(
                request -> request.topics().addAll(List.of(state(null, id), state(null, id))),
                null,
                id,
                ErrorCode.INVALID_REQUEST,
                "Duplicate topic id.",
                1);
        delete(
                request -> request.topics().addAll(List.of(state(null, id), state("old.topic", Uuid.ZERO))),
                "old.topic",
                id,
                ErrorCode.INVALID_REQUEST,
                "The provided topic name maps to an ID that was already supplied.",
                1);
        delete(
                request -> request.topics().add(state("old.topic", id)),
                "old.topic",
                id,
                ErrorCode.INVALID_REQUEST,
                "You may not specify both topic name and topic id.",
                1);
        delete(
                request -> request.topics().add(state(null, Uuid.ZERO)),
                null,
                Uuid.ZERO,
                ErrorCode.INVALID_REQUEST,
                "Neither topic name nor id were specified.",
                1);
    }

    @Test
    void deletingATopicDropsItsConfigs() {
        var configured = image.apply(Deciders.config(ResourceType.TOPIC, "old.topic", "retention.ms", "5"));
        var request = new DeleteTopicsRequest();
        request.topicNames().add("old.topic");

        var after =
                configured.applyAll(deciders.topics.delete(configured, request).records());

        assertTrue(after.configs().of(ResourceType.TOPIC, "old.topic").isEmpty());
        assertTrue(after.topics().collidingWith("old_topic").isEmpty());
    }
}
