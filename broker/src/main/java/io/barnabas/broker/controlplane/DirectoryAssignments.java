package io.barnabas.broker.controlplane;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

import io.barnabas.broker.time.Timer;
import io.barnabas.metadata.image.DirectoryIds;
import io.barnabas.protocol.ErrorCode;
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
import org.slf4j.event.Level;

/**
 * Keeps true what the metadata says of the log directories of this broker's replicas (KIP-858): before and after a move, and at the start for
 * moves that a stop cut short. A replica of which no directory was ever recorded stays without one until it moves.
 *
 * <p>What the controller was not told, or did not take, is told again, later and later, until it takes it or the replica is not this broker's
 * any more; of a replica that has moved on meanwhile, only where it is now. One request at a time, so that the last word is the last to
 * come. Any thread; state is guarded by the object.
 */
public final class DirectoryAssignments {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryAssignments.class);
    private static final long RETRY_MS = 100;
    private static final long LONGEST_RETRY_MS = 10_000;
    private static final int DOUBLINGS = 7;
    /** Nothing that comes later makes these good. */
    private static final Set<ErrorCode> FINAL =
            Set.of(ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_VERSION, ErrorCode.CLUSTER_AUTHORIZATION_FAILED);

    private final int brokerId;
    private final LongSupplier brokerEpoch;
    private final ControllerLink controller;
    private final Timer timer;
    /** What the controller does not know yet, as far as this broker knows. */
    private final Map<TopicIdPartition, Uuid> untold = new HashMap<>();

    private boolean asking;
    private Timer.Deadline retry;
    private int failures;

    public DirectoryAssignments(int brokerId, LongSupplier brokerEpoch, ControllerLink controller, Timer timer) {
        this.brokerId = brokerId;
        this.brokerEpoch = brokerEpoch;
        this.controller = controller;
        this.timer = timer;
    }

    /** A replica is in this directory now. */
    public void located(TopicIdPartition partition, Uuid directory) {
        tell(Map.of(partition, directory));
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
            tell(wrong);
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

    private synchronized void tell(Map<TopicIdPartition, Uuid> assignments) {
        untold.putAll(assignments);
        send();
    }

    private synchronized void send() {
        untold.keySet().removeIf(partition -> !isOurs(partition));
        if (asking || untold.isEmpty()) {
            return;
        }
        asking = true;
        var sent = Map.copyOf(untold);
        controller
                .assignReplicasToDirs(request(sent))
                .whenComplete((response, failure) -> answered(sent, response, failure));
    }

    /** Else it was deleted, or reassigned to others: nobody wants to know any more. */
    private boolean isOurs(TopicIdPartition id) {
        var topic = controller.image().topics().byId(id.topicId());
        var partition = topic == null ? null : topic.partition(id.partition());
        return partition != null && partition.replicas().contains(brokerId);
    }

    private AssignReplicasToDirsRequest request(Map<TopicIdPartition, Uuid> assignments) {
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
        return request;
    }

    private synchronized void answered(
            Map<TopicIdPartition, Uuid> sent, AssignReplicasToDirsResponse response, Throwable failure) {
        asking = false;
        boolean isTold = true;
        if (failure != null || response.errorCode() != ErrorCode.NONE.code()) {
            isTold = false;
            report(
                    "The controller did not take where {} replicas are ({}); it is told again",
                    sent.size(),
                    failure != null ? failure.toString() : ErrorCode.of(response.errorCode()));
        } else {
            var errors = errors(response);
            for (var each : sent.entrySet()) {
                isTold &= answered(each.getKey(), each.getValue(), errors.get(Answered.of(each)));
            }
        }
        if (isTold) {
            failures = 0;
            send();
            return;
        }
        if (retry == null) {
            retry = timer.schedule(Math.min(LONGEST_RETRY_MS, RETRY_MS << Math.min(failures, DOUBLINGS)), this::again);
        }
        failures++;
    }

    /**
     * Whether there is no more to say of a replica.
     *
     * @param error null if the response does not have it
     */
    private boolean answered(TopicIdPartition partition, Uuid directory, ErrorCode error) {
        if (error == ErrorCode.NONE) {
            untold.remove(partition, directory);
            return true;
        }
        if (error != null && FINAL.contains(error)) {
            LOG.warn(
                    "The controller refuses that {} is in the log directory of id {}: {}. It is not told again before the replica"
                            + " moves or the broker starts",
                    partition,
                    directory,
                    error);
            untold.remove(partition, directory);
            return true;
        }
        if (!directory.equals(untold.get(partition))) {
            // It has moved on, and that is still to be told.
            return true;
        }
        report(
                "The controller did not take that {} is in the log directory of id {} ({}); it is told again",
                partition,
                directory,
                error == null ? "not answered" : error);
        return false;
    }

    /** Aloud the first time in a row. */
    private void report(String what, Object... details) {
        LOG.atLevel(failures == 0 ? Level.WARN : Level.DEBUG).log(what, details);
    }

    private synchronized void again() {
        retry = null;
        send();
    }

    /** What the controller answers for. */
    private record Answered(Uuid topicId, int partition, Uuid directory) {
        static Answered of(Map.Entry<TopicIdPartition, Uuid> sent) {
            return new Answered(sent.getKey().topicId(), sent.getKey().partition(), sent.getValue());
        }
    }

    private static Map<Answered, ErrorCode> errors(AssignReplicasToDirsResponse response) {
        var errors = new HashMap<Answered, ErrorCode>();
        for (var directory : response.directories()) {
            for (var topic : directory.topics()) {
                for (var partition : topic.partitions()) {
                    errors.put(
                            new Answered(topic.topicId(), partition.partitionIndex(), directory.id()),
                            ErrorCode.of(partition.errorCode()));
                }
            }
        }
        return errors;
    }
}
