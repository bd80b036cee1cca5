package io.barnabas.broker.controlplane;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import io.barnabas.metadata.image.DirectoryIds;
import io.barnabas.protocol.TopicIdPartition;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AssignReplicasToDirsRequest;
import io.barnabas.protocol.message.AssignReplicasToDirsRequest.DirectoryData;
import io.barnabas.protocol.message.AssignReplicasToDirsRequest.PartitionData;
import io.barnabas.protocol.message.AssignReplicasToDirsRequest.TopicData;
import io.barnabas.protocol.message.AssignReplicasToDirsResponse;
import io.barnabas.storage.log.LogStore;
import io.barnabas.storage.log.PartitionLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps true what the metadata says of the log directories of this broker's replicas (KIP-858): before and after a move, and at the start for
 * moves that a stop cut short. A replica of which no directory was ever recorded stays without one until it moves. Any thread.
 */
public final class DirectoryAssignments {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryAssignments.class);

    private final int brokerId;
    private final LongSupplier brokerEpoch;
    private final ControllerLink controller;

    public DirectoryAssignments(int brokerId, LongSupplier brokerEpoch, ControllerLink controller) {
        this.brokerId = brokerId;
        this.brokerEpoch = brokerEpoch;
        this.controller = controller;
    }

    /** A replica is in this directory now. */
    public void located(TopicIdPartition partition, Uuid directory) {
        send(Map.of(partition, directory));
    }

    /** Records the directories of replicas that are not where the metadata has them; not while some directory cannot be looked into. */
    public void correct(LogStore logs) {
        if (!logs.offline().isEmpty()) {
            return;
        }
        var wrong = new HashMap<TopicIdPartition, Uuid>();
        for (var log : logs.logs()) {
            var actual = log.directory().id().orElse(null);
            if (actual != null && log.directory().isOnline() && isWrong(log, actual)) {
                wrong.put(
                        new TopicIdPartition(
                                log.topicId(),
                                log.partition().topic(),
                                log.partition().partition()),
                        actual);
            }
        }
        if (!wrong.isEmpty()) {
            LOG.info("{} replicas are in other log directories than the metadata says; it is corrected", wrong.size());
            send(wrong);
        }
    }

    private boolean isWrong(PartitionLog log, Uuid actual) {
        var topic = controller.image().topics().byId(log.topicId());
        var partition = topic == null ? null : topic.partition(log.partition().partition());
        if (partition == null) {
            return false;
        }
        var recorded = partition.directoryOf(brokerId);
        return !DirectoryIds.isReserved(recorded) && !recorded.equals(actual);
    }

    private void send(Map<TopicIdPartition, Uuid> assignments) {
        var request = new AssignReplicasToDirsRequest().brokerId(brokerId).brokerEpoch(brokerEpoch.getAsLong());
        var directories = new HashMap<Uuid, DirectoryData>();
        var topics = new HashMap<Uuid, Map<Uuid, TopicData>>();
        assignments.forEach((partition, id) -> {
            var directory = directories.computeIfAbsent(id, key -> {
                var data = new DirectoryData().id(key);
                request.directories().add(data);
                return data;
            });
            var topic = topics.computeIfAbsent(id, key -> new HashMap<>()).computeIfAbsent(partition.topicId(), key -> {
                var data = new TopicData().topicId(key);
                directory.topics().add(data);
                return data;
            });
            topic.partitions().add(new PartitionData().partitionIndex(partition.partition()));
        });
        controller.assignReplicasToDirs(request).whenComplete(DirectoryAssignments::report);
    }

    private static void report(AssignReplicasToDirsResponse response, Throwable failure) {
        if (failure != null) {
            LOG.warn("The metadata was not told where replicas are; the next start does: {}", failure.toString());
        } else if (response.errorCode() != 0) {
            LOG.warn(
                    "The metadata was not told where replicas are (error {}); the next start does",
                    response.errorCode());
        }
    }
}
