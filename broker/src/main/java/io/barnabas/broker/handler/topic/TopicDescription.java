package io.barnabas.broker.handler.topic;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.broker.controlplane.Cluster;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.metadata.image.TopicImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition;
import io.barnabas.protocol.message.MetadataResponse.MetadataResponsePartition;
import io.barnabas.protocol.message.MetadataResponse.MetadataResponseTopic;

/** Topics and partitions as a client on one listener sees them. Used for one request. */
final class TopicDescription {
    private static final int NO_LEADER = -1;

    private final Cluster cluster;
    private final String listener;
    private final boolean onlyAliveReplicas;
    private final ErrorCode listenerMissing;

    /** @param version of Metadata: decides how old clients are told of what is unavailable */
    TopicDescription(Cluster cluster, String listener, short version) {
        this.cluster = cluster;
        this.listener = listener;
        this.onlyAliveReplicas = version == 0;
        this.listenerMissing = version >= 6 ? ErrorCode.LISTENER_NOT_FOUND : ErrorCode.LEADER_NOT_AVAILABLE;
    }

    MetadataResponseTopic of(TopicImage topic) {
        var described = new MetadataResponseTopic()
                .name(topic.name())
                .topicId(topic.id())
                .isInternal(cluster.isInternal(topic.name()));
        for (PartitionImage partition : topic.partitions()) {
            described.partitions().add(of(topic.name(), partition));
        }
        return described;
    }

    private MetadataResponsePartition of(String topic, PartitionImage partition) {
        var replicas = shown(partition.replicas());
        var isr = shown(partition.isr());
        boolean offline = cluster.isOffline(topic, partition.partition(), partition.leader());
        boolean leaderReachable = !offline && cluster.hasListener(partition.leader(), listener);
        ErrorCode error = ErrorCode.NONE;
        if (!leaderReachable) {
            error = offline || cluster.image().cluster().broker(partition.leader()) == null
                    ? ErrorCode.LEADER_NOT_AVAILABLE
                    : listenerMissing;
        } else if (replicas.size() < partition.replicas().size()
                || isr.size() < partition.isr().size()) {
            error = ErrorCode.REPLICA_NOT_AVAILABLE;
        }
        return new MetadataResponsePartition()
                .errorCode(error.code())
                .partitionIndex(partition.partition())
                .leaderId(leaderReachable ? partition.leader() : NO_LEADER)
                .leaderEpoch(partition.leaderEpoch())
                .replicaNodes(replicas)
                .isrNodes(isr)
                .offlineReplicas(offline(topic, partition));
    }

    DescribeTopicPartitionsResponsePartition detailed(String topic, PartitionImage partition) {
        boolean leaderReachable = cluster.hasListener(partition.leader(), listener)
                && !cluster.isOffline(topic, partition.partition(), partition.leader());
        return new DescribeTopicPartitionsResponsePartition()
                .partitionIndex(partition.partition())
                .leaderId(leaderReachable ? partition.leader() : NO_LEADER)
                .leaderEpoch(partition.leaderEpoch())
                .replicaNodes(new ArrayList<>(partition.replicas()))
                .isrNodes(new ArrayList<>(partition.isr()))
                .eligibleLeaderReplicas(new ArrayList<>(partition.elr()))
                .lastKnownElr(new ArrayList<>(partition.lastKnownElr()))
                .offlineReplicas(offline(topic, partition));
    }

    private List<Integer> shown(List<Integer> brokers) {
        var shown = new ArrayList<>(brokers);
        if (onlyAliveReplicas) {
            shown.removeIf(id -> cluster.node(id, listener).isEmpty());
        }
        return shown;
    }

    private List<Integer> offline(String topic, PartitionImage partition) {
        var offline = new ArrayList<>(partition.replicas());
        offline.removeIf(
                id -> cluster.node(id, listener).isPresent() && !cluster.isOffline(topic, partition.partition(), id));
        return offline;
    }
}
