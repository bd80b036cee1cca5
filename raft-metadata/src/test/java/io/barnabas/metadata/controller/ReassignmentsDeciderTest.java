package io.barnabas.metadata.controller;

import java.util.List;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequest;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse.ReassignablePartitionResponse;
import io.barnabas.protocol.metadata.PartitionChangeRecord;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ReassignmentsDeciderTest {
    private final Deciders deciders = new Deciders();
    private MetadataImage image = Deciders.topic(Deciders.cluster(1), "t", 1, 1);

    private ReassignablePartitionResponse alter(String topic, int partition, List<Integer> replicas) {
        var asked = new AlterPartitionReassignmentsRequest.ReassignableTopic().name(topic);
        asked.partitions()
                .add(new AlterPartitionReassignmentsRequest.ReassignablePartition()
                        .partitionIndex(partition)
                        .replicas(replicas));
        var request = new AlterPartitionReassignmentsRequest();
        request.topics().add(asked);
        var decision = deciders.reassignments.alter(image, request);
        image = image.applyAll(decision.records());
        return decision.response().responses().get(0).partitions().get(0);
    }

    private PartitionImage partition() {
        return image.topics().byName("t").partition(0);
    }

    @Test
    void theOneBrokerHasAllReplicasAlready() {
        var before = partition();
        var answer = alter("t", 0, List.of(1));
        assertEquals(0, answer.errorCode());
        assertNull(answer.errorMessage());
        assertEquals(before, partition());
        assertEquals(
                ErrorCode.INVALID_REPLICA_ASSIGNMENT.code(),
                alter("t", 0, List.of(2)).errorCode());
        assertEquals(
                ErrorCode.INVALID_REPLICA_ASSIGNMENT.code(),
                alter("t", 0, List.of()).errorCode());
        assertEquals(
                ErrorCode.INVALID_REPLICA_ASSIGNMENT.code(),
                alter("t", 0, List.of(1, 1)).errorCode());
        assertEquals(
                ErrorCode.NO_REASSIGNMENT_IN_PROGRESS.code(),
                alter("t", 0, null).errorCode());
        assertEquals(
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code(),
                alter("t", 3, List.of(1)).errorCode());
        assertEquals(
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code(),
                alter("x", 0, List.of(1)).errorCode());
    }

    @Test
    void whatAdoptedMetadataBroughtAlongCanBeCancelled() {
        image = image.apply(new PartitionChangeRecord()
                .topicId(Deciders.idOf("t"))
                .partitionId(0)
                .replicas(List.of(1, 2))
                .directories(List.of(Deciders.directory(1), Deciders.directory(2)))
                .addingReplicas(List.of(2)));
        assertTrue(partition().isReassigning());
        assertEquals(0, alter("t", 0, null).errorCode());
        assertFalse(partition().isReassigning());
        assertEquals(List.of(1), partition().replicas());
        assertEquals(List.of(Deciders.directory(1)), partition().directories());
        assertEquals(1, partition().leader());
    }
}
