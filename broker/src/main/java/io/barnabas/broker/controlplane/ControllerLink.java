package io.barnabas.broker.controlplane;

import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.message.AllocateProducerIdsRequest;
import io.barnabas.protocol.message.AllocateProducerIdsResponse;
import io.barnabas.protocol.message.AlterConfigsRequest;
import io.barnabas.protocol.message.AlterConfigsResponse;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequest;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse;
import io.barnabas.protocol.message.AssignReplicasToDirsRequest;
import io.barnabas.protocol.message.AssignReplicasToDirsResponse;
import io.barnabas.protocol.message.BrokerHeartbeatRequest;
import io.barnabas.protocol.message.BrokerHeartbeatResponse;
import io.barnabas.protocol.message.BrokerRegistrationRequest;
import io.barnabas.protocol.message.BrokerRegistrationResponse;
import io.barnabas.protocol.message.CreatePartitionsRequest;
import io.barnabas.protocol.message.CreatePartitionsResponse;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsResponse;
import io.barnabas.protocol.message.DeleteTopicsRequest;
import io.barnabas.protocol.message.DeleteTopicsResponse;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponse;

/**
 * The cluster's controller as this broker uses it. Any thread; a stage completes once the change is committed, on a thread of the
 * controller, and fails if that can no longer be known.
 */
public interface ControllerLink {
    /** The newest committed metadata this node has. */
    MetadataImage image();

    /** Hears of every new image with the one before it, in order, on the thread that applies them. */
    void listen(BiConsumer<MetadataImage, MetadataImage> listener);

    /**
     * The same controller for the handlers of clients: what a client was told is done, it finds done on this broker. Answers to changes
     * of topics and configs wait until this broker has carried out and shows what they brought.
     *
     * @param settled a stage that completes once that is so for all that was committed before
     */
    ControllerLink answeringAfter(Supplier<CompletionStage<Void>> settled);

    CompletionStage<BrokerRegistrationResponse> register(BrokerRegistrationRequest request);

    CompletionStage<BrokerHeartbeatResponse> heartbeat(BrokerHeartbeatRequest request);

    /** This broker tells in which of its log directories it has replicas. */
    CompletionStage<AssignReplicasToDirsResponse> assignReplicasToDirs(AssignReplicasToDirsRequest request);

    CompletionStage<AllocateProducerIdsResponse> allocateProducerIds(AllocateProducerIdsRequest request);

    CompletionStage<CreateTopicsResponse> createTopics(CreateTopicsRequest request);

    CompletionStage<DeleteTopicsResponse> deleteTopics(DeleteTopicsRequest request);

    CompletionStage<CreatePartitionsResponse> createPartitions(CreatePartitionsRequest request);

    CompletionStage<AlterPartitionReassignmentsResponse> alterPartitionReassignments(
            AlterPartitionReassignmentsRequest request);

    CompletionStage<IncrementalAlterConfigsResponse> incrementalAlterConfigs(IncrementalAlterConfigsRequest request);

    /** The legacy request, which replaces all configs of a resource. */
    CompletionStage<AlterConfigsResponse> alterConfigs(AlterConfigsRequest request);
}
