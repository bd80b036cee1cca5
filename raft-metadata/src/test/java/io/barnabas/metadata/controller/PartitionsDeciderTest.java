package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.barnabas.metadata.image.ConfigsImage;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.CreatePartitionsRequest;
import io.barnabas.protocol.message.CreatePartitionsRequest.CreatePartitionsAssignment;
import io.barnabas.protocol.message.CreatePartitionsRequest.CreatePartitionsTopic;
import io.barnabas.protocol.message.ElectLeadersRequest;
import io.barnabas.protocol.message.ElectLeadersRequest.TopicPartitions;
import io.barnabas.protocol.metadata.PartitionChangeRecord;
import io.barnabas.protocol.wire.ApiMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PartitionsDeciderTest {
    private static final List<List<Integer>> ANYWHERE = null;

    private final Deciders deciders = new Deciders();
    private final MetadataImage image = Deciders.topic(Deciders.cluster(1, 2, 3), "t", 2, 1, 2);

    private static CreatePartitionsTopic grow(String name, int count, List<List<Integer>> assignments) {
        var topic = new CreatePartitionsTopic().name(name).count(count).assignments(null);
        if (assignments != null) {
            topic.assignments(new ArrayList<>());
            assignments.forEach(
                    replicas -> topic.assignments().add(new CreatePartitionsAssignment().brokerIds(replicas)));
        }
        return topic;
    }

    private static CreatePartitionsRequest request(CreatePartitionsTopic... topics) {
        return new CreatePartitionsRequest().topics(new ArrayList<>(List.of(topics)));
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(grow("none", 3, ANYWHERE), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null),
                Arguments.of(grow("t", 2, ANYWHERE), ErrorCode.INVALID_PARTITIONS, "Topic already has 2 partition(s)."),
                Arguments.of(
                        grow("t", 1, ANYWHERE),
                        ErrorCode.INVALID_PARTITIONS,
                        "The topic t currently has 2 partition(s); 1 would not be an increase."),
                Arguments.of(
                        grow("t", 4, List.of(List.of(1, 2))),
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified."),
                Arguments.of(
                        grow("t", 3, List.of(List.of(1))),
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent"
                                + " with previous partitions, which have 2 replica(s)."),
                Arguments.of(
                        grow("t", 3, List.of(List.of(1, 9))),
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "The manual partition assignment includes broker 9, but no such broker is registered."),
                Arguments.of(
                        grow("t", Integer.MAX_VALUE, ANYWHERE),
                        ErrorCode.POLICY_VIOLATION,
                        "Unable to perform excessively large batch operation."));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesInKafkasWords(CreatePartitionsTopic topic, ErrorCode error, String message) {
        var decision = deciders.partitions.create(image, request(topic));

        assertTrue(decision.records().isEmpty());
        var result = decision.response().results().get(0);
        assertEquals(topic.name(), result.name());
        assertEquals(error.code(), result.errorCode());
        assertEquals(message, result.errorMessage());
    }

    @Test
    void aTopicNamedTwiceIsRefusedOnce() {
        var decision = deciders.partitions.create(image, request(grow("t", 3, ANYWHERE), grow("t", 4, ANYWHERE)));

        assertEquals(1, decision.response().results().size());
        assertEquals(
                "Duplicate topic name.", decision.response().results().get(0).errorMessage());
        assertTrue(decision.records().isEmpty());
    }

    @Test
    void addsPartitions() {
        var decision = deciders.partitions.create(image, request(grow("t", 5, ANYWHERE)));
        var topic = image.applyAll(decision.records()).topics().byName("t");
        assertEquals(5, topic.partitionCount());
        assertEquals(2, topic.partition(4).replicas().size());

        var assigned = deciders.partitions.create(image, request(grow("t", 3, List.of(List.of(3, 1)))));
        assertEquals(
                List.of(3, 1),
                image.applyAll(assigned.records())
                        .topics()
                        .byName("t")
                        .partition(2)
                        .replicas());
        assertTrue(deciders.partitions
                .create(image, request(grow("t", 5, ANYWHERE)).validateOnly(true))
                .records()
                .isEmpty());
    }

    @Test
    void cannotPlaceWithoutEnoughBrokers() {
        var small = Deciders.topic(Deciders.cluster(1), "t", 1, 1, 2);

        var result = deciders.partitions
                .create(small, request(grow("t", 2, ANYWHERE)))
                .response()
                .results()
                .get(0);

        assertEquals(ErrorCode.INVALID_REPLICATION_FACTOR.code(), result.errorCode());
        assertEquals(
                "The target replication factor of 2 cannot be reached because only 1 broker(s) are registered or some"
                        + " brokers have all their log directories cordoned.",
                result.errorMessage());
    }

    private static ElectLeadersRequest elect(int type, String topic, Integer... partitions) {
        var request = new ElectLeadersRequest().electionType((byte) type).topicPartitions(new ArrayList<>());
        request.topicPartitions().add(new TopicPartitions().topic(topic).partitions(List.of(partitions)));
        return request;
    }

    private ErrorCode election(MetadataImage on, ElectLeadersRequest request) {
        return ErrorCode.of(deciders.partitions
                .elect(on, request)
                .response()
                .replicaElectionResults()
                .get(0)
                .partitionResult()
                .get(0)
                .errorCode());
    }

    private MetadataImage led(int leader, List<Integer> isr) {
        return image.apply(new PartitionChangeRecord()
                .topicId(Deciders.idOf("t"))
                .partitionId(0)
                .leader(leader)
                .isr(isr));
    }

    @Test
    void electsPreferredLeaders() {
        assertEquals(ErrorCode.ELECTION_NOT_NEEDED, election(image, elect(0, "t", 0)));
        assertEquals(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, election(image, elect(0, "none", 0)));
        assertEquals(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, election(image, elect(0, "t", 7)));
        var other = led(2, List.of(1, 2));
        assertEquals(ErrorCode.NONE, election(other, elect(0, "t", 0)));
        assertEquals(
                1,
                other.applyAll(deciders.partitions
                                .elect(other, elect(0, "t", 0))
                                .records())
                        .topics()
                        .byName("t")
                        .partition(0)
                        .leader());
        assertEquals(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, election(led(2, List.of(2)), elect(0, "t", 0)));
    }

    @Test
    void electsUncleanLeadersOnlyForPartitionsWithoutOne() {
        assertEquals(ErrorCode.ELECTION_NOT_NEEDED, election(image, elect(1, "t", 0)));
        var dead = Deciders.fence(led(-1, List.of(1)), 1);
        var decision = deciders.partitions.elect(dead, elect(1, "t", 0));
        var partition = dead.applyAll(decision.records()).topics().byName("t").partition(0);
        assertEquals(2, partition.leader());
        assertEquals(List.of(2), partition.isr());
        assertTrue(partition.recovering());
        assertEquals(ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, election(Deciders.fence(dead, 2), elect(1, "t", 0)));
    }

    @Test
    void aTopicMayAllowALeaderThatWasNotInSync() {
        var dead = Deciders.fence(led(-1, List.of(1)), 1);
        assertEquals(-1, leaderWhenBrokerTwoReturns(dead));
        var allowed = dead.apply(
                Deciders.config(ConfigsImage.ResourceType.TOPIC, "t", "unclean.leader.election.enable", "true"));
        assertEquals(2, leaderWhenBrokerTwoReturns(allowed));
        var allowedByDefault = dead.apply(
                Deciders.config(ConfigsImage.ResourceType.BROKER, "", "unclean.leader.election.enable", "true"));
        assertEquals(2, leaderWhenBrokerTwoReturns(allowedByDefault));
    }

    private int leaderWhenBrokerTwoReturns(MetadataImage dead) {
        var records = new ArrayList<ApiMessage>();
        deciders.moves.returned(dead, 2, records);
        return dead.applyAll(records).topics().byName("t").partition(0).leader();
    }

    @Test
    void electingEverywhereLeavesOutWhatNeedsNothing() {
        var other = led(2, List.of(1, 2));

        var decision = deciders.partitions.elect(
                other, new ElectLeadersRequest().electionType((byte) 0).topicPartitions(null));

        var results = decision.response().replicaElectionResults();
        assertEquals(1, results.size());
        assertEquals(1, results.get(0).partitionResult().size());
        assertEquals(1, decision.records().size());
    }
}
