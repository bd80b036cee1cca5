package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.metadata.image.ClusterImage;
import io.barnabas.metadata.image.DirectoryIds;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.metadata.PartitionRecord;

/** New partitions on given replicas. */
final class Assignments {
    private Assignments() {}

    /**
     * Why a partition cannot have these replicas, in Kafka's words; null if it can.
     *
     * @param replicationFactor of the partitions before; -1 if this is the first
     */
    static String refusal(ClusterImage cluster, List<Integer> replicas, int replicationFactor) {
        if (replicas.isEmpty()) {
            return "The manual partition assignment includes an empty replica list.";
        }
        var sorted = new ArrayList<>(replicas);
        sorted.sort(null);
        Integer previous = null;
        for (Integer broker : sorted) {
            if (cluster.broker(broker) == null) {
                return "The manual partition assignment includes broker " + broker
                        + ", but no such broker is registered.";
            }
            if (broker.equals(previous)) {
                return "The manual partition assignment includes the broker " + broker + " more than once.";
            }
            previous = broker;
        }
        if (replicationFactor >= 0 && replicas.size() != replicationFactor) {
            return "The manual partition assignment includes a partition with " + replicas.size()
                    + " replica(s), but this is not consistent with previous partitions, which have "
                    + replicationFactor + " replica(s).";
        }
        return null;
    }

    /** A partition whose leader is the first active replica and whose in-sync set all active ones; null if none is active. */
    static PartitionRecord create(ClusterImage cluster, Uuid topicId, int partition, List<Integer> replicas) {
        var isr = new ArrayList<Integer>(replicas.size());
        var directories = new ArrayList<Uuid>(replicas.size());
        for (int id : replicas) {
            var broker = cluster.broker(id);
            directories.add(broker == null ? DirectoryIds.UNASSIGNED : broker.directoryOfNewReplica());
            if (broker != null && broker.isActive()) {
                isr.add(id);
            }
        }
        if (isr.isEmpty()) {
            return null;
        }
        return new PartitionRecord()
                .topicId(topicId)
                .partitionId(partition)
                .replicas(replicas)
                .isr(isr)
                .leader(isr.get(0))
                .leaderEpoch(0)
                .partitionEpoch(0)
                .directories(directories);
    }
}
