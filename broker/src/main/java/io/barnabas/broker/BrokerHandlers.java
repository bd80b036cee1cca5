package io.barnabas.broker;

import java.util.ArrayList;
import java.util.concurrent.Executor;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.controlplane.AutoTopics;
import io.barnabas.broker.controlplane.BrokerLifecycle;
import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.broker.controlplane.ControllerLink;
import io.barnabas.broker.controlplane.NodeConfig;
import io.barnabas.broker.controlplane.ProducerIds;
import io.barnabas.broker.handler.Handler;
import io.barnabas.broker.handler.HandlerRegistry;
import io.barnabas.broker.handler.client.ApiVersionsHandler;
import io.barnabas.broker.handler.client.Features;
import io.barnabas.broker.handler.cluster.DescribeClusterHandler;
import io.barnabas.broker.handler.config.ConfigHandlers;
import io.barnabas.broker.handler.data.AlterReplicaLogDirsHandler;
import io.barnabas.broker.handler.data.DeleteRecordsHandler;
import io.barnabas.broker.handler.data.DescribeLogDirsHandler;
import io.barnabas.broker.handler.data.FetchHandler;
import io.barnabas.broker.handler.data.FetchSessions;
import io.barnabas.broker.handler.data.InitProducerIdHandler;
import io.barnabas.broker.handler.data.ListOffsetsHandler;
import io.barnabas.broker.handler.data.OffsetForLeaderEpochHandler;
import io.barnabas.broker.handler.data.ProduceHandler;
import io.barnabas.broker.handler.group.GroupHandlers;
import io.barnabas.broker.handler.topic.AlterPartitionReassignmentsHandler;
import io.barnabas.broker.handler.topic.CreatePartitionsHandler;
import io.barnabas.broker.handler.topic.CreateTopicsHandler;
import io.barnabas.broker.handler.topic.DeleteTopicsHandler;
import io.barnabas.broker.handler.topic.DescribeTopicPartitionsHandler;
import io.barnabas.broker.handler.topic.ListPartitionReassignmentsHandler;
import io.barnabas.broker.handler.topic.MetadataHandler;
import io.barnabas.broker.partition.Moves;
import io.barnabas.broker.partition.Partitions;
import io.barnabas.broker.shard.GroupCoordinator;
import io.barnabas.broker.time.WheelTimer;
import io.barnabas.protocol.message.AllocateProducerIdsRequest;
import io.barnabas.storage.log.LogStore;

/** Which handler serves which API. One handler each; the lists are the ApiVersions answers. */
final class BrokerHandlers {
    private BrokerHandlers() {}

    /** What the broker's listeners answer. */
    static HandlerRegistry forClients(
            BrokerConfig config,
            NodeConfig nodeConfig,
            LogStore logs,
            Partitions partitions,
            Moves moves,
            Cluster cluster,
            ControllerLink controller,
            BrokerLifecycle lifecycle,
            GroupCoordinator groups,
            WheelTimer timer,
            Executor readers) {
        var producerIds = new ProducerIds(() -> controller
                .allocateProducerIds(new AllocateProducerIdsRequest()
                        .brokerId(config.nodeId())
                        .brokerEpoch(lifecycle.epoch()))
                .thenApply(ProducerIds.Block::of));
        var autoTopics = new AutoTopics(controller, config);
        var sessions = new FetchSessions(config.intValue("max.incremental.fetch.session.cache.slots"));
        var handlers = new ArrayList<Handler<?>>();
        handlers.add(new ProduceHandler(partitions, cluster));
        handlers.add(new FetchHandler(partitions, sessions, cluster, timer, readers, config.fetchMaxBytes()));
        handlers.add(new ListOffsetsHandler(partitions, cluster, readers));
        handlers.add(new MetadataHandler(cluster, autoTopics));
        handlers.addAll(GroupHandlers.all(groups, cluster, autoTopics));
        handlers.add(new ApiVersionsHandler(() -> handlers, new Features(cluster)));
        handlers.add(new CreateTopicsHandler(controller));
        handlers.add(new DeleteTopicsHandler(controller, config.booleanValue("delete.topic.enable")));
        handlers.add(new InitProducerIdHandler(producerIds));
        handlers.add(new OffsetForLeaderEpochHandler(partitions, cluster));
        handlers.add(new DeleteRecordsHandler(partitions, cluster));
        handlers.add(new AlterReplicaLogDirsHandler(moves, cluster));
        handlers.add(new DescribeLogDirsHandler(logs, readers));
        handlers.add(new CreatePartitionsHandler(controller));
        handlers.add(new AlterPartitionReassignmentsHandler(controller));
        handlers.add(new ListPartitionReassignmentsHandler(cluster));
        handlers.add(new DescribeClusterHandler(cluster));
        handlers.addAll(ConfigHandlers.all(nodeConfig, cluster, controller));
        handlers.add(new DescribeTopicPartitionsHandler(cluster, config.intValue("max.request.partition.size.limit")));
        return new HandlerRegistry(handlers);
    }

    /**
     * What the controller listeners answer. One voter needs no other node, so nothing but ApiVersions is asked there; the port is
     * taken all the same, as the configuration says.
     */
    static HandlerRegistry forControllers(Cluster cluster) {
        var handlers = new ArrayList<Handler<?>>();
        handlers.add(new ApiVersionsHandler(() -> handlers, new Features(cluster)));
        return new HandlerRegistry(handlers);
    }
}
