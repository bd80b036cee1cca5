package io.barnabas.broker.controlplane;

import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.message.AllocateProducerIdsRequest;
import io.barnabas.protocol.message.AllocateProducerIdsResponse;
import io.barnabas.protocol.message.AlterConfigsRequest;
import io.barnabas.protocol.message.AlterConfigsResponse;
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
 * The controller for the handlers of clients: what a client was told is done, it finds done on this broker. Answers to changes of
 * topics and configs wait until this broker has carried out and shows what they brought. Any thread.
 */
public final class ShownController implements ControllerLink {
    private final ControllerLink controller;
    private final Cluster cluster;

    public ShownController(ControllerLink controller, Cluster cluster) {
        this.controller = controller;
        this.cluster = cluster;
    }

    private <T> CompletionStage<T> shown(CompletionStage<T> answer) {
        return answer.thenCompose(response -> cluster.settled().thenApply(done -> response));
    }

    @Override
    public MetadataImage image() {
        return controller.image();
    }

    @Override
    public void listen(BiConsumer<MetadataImage, MetadataImage> listener) {
        controller.listen(listener);
    }

    @Override
    public CompletionStage<BrokerRegistrationResponse> register(BrokerRegistrationRequest request) {
        return controller.register(request);
    }

    @Override
    public CompletionStage<BrokerHeartbeatResponse> heartbeat(BrokerHeartbeatRequest request) {
        return controller.heartbeat(request);
    }

    @Override
    public CompletionStage<AllocateProducerIdsResponse> allocateProducerIds(AllocateProducerIdsRequest request) {
        return controller.allocateProducerIds(request);
    }

    @Override
    public CompletionStage<CreateTopicsResponse> createTopics(CreateTopicsRequest request) {
        return shown(controller.createTopics(request));
    }

    @Override
    public CompletionStage<DeleteTopicsResponse> deleteTopics(DeleteTopicsRequest request) {
        return shown(controller.deleteTopics(request));
    }

    @Override
    public CompletionStage<CreatePartitionsResponse> createPartitions(CreatePartitionsRequest request) {
        return shown(controller.createPartitions(request));
    }

    @Override
    public CompletionStage<IncrementalAlterConfigsResponse> incrementalAlterConfigs(
            IncrementalAlterConfigsRequest request) {
        return shown(controller.incrementalAlterConfigs(request));
    }

    @Override
    public CompletionStage<AlterConfigsResponse> alterConfigs(AlterConfigsRequest request) {
        return shown(controller.alterConfigs(request));
    }
}
