package io.barnabas.broker.controlplane;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

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
    /** In one request; the rest follows when it is answered. */
    private static final int MOST_ASSIGNMENTS = 1_000;

    /** Nothing that comes later makes these good. */
    private static final Set<ErrorCode> FINAL =
            Set.of(ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_VERSION, ErrorCode.CLUSTER_AUTHORIZATION_FAILED);

    private final int brokerId;
    private final LongSupplier brokerEpoch;
    private final ControllerLink controller;
    private final Timer timer;
    private final Executor background;
    /** What the controller does not know yet, as far as this broker knows; what it did not take comes last. */
    private final Map<TopicIdPartition, Uuid> untold = new LinkedHashMap<>();

    private boolean asking;
    private Timer.Deadline retry;
    private int failures;

    /** @param background repeats what was not taken, since a timer's thread only hands over */
    public DirectoryAssignments(
            int brokerId, LongSupplier brokerEpoch, ControllerLink controller, Timer timer, Executor background) {
        this.brokerId = brokerId;
        this.brokerEpoch = brokerEpoch;
        this.controller = controller;
        this.timer = timer;
        this.background = background;
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
        var sent = untold.entrySet().stream()
                .limit(MOST_ASSIGNMENTS)
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
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
        boolean isTold = false;
        if (failure != null || response.errorCode() != ErrorCode.NONE.code()) {
            report(
                    "The controller did not take where {} replicas are ({}); it is told again",
                    sent.size(),
                    failure != null ? failure.toString() : ErrorCode.of(response.errorCode()));
        } else {
            isTold = answered(sent, errors(response));
        }
        if (isTold) {
            failures = 0;
            send();
            return;
        }
        if (retry == null) {
            long delayMs = Math.min(LONGEST_RETRY_MS, RETRY_MS << Math.min(failures, DOUBLINGS));
            retry = timer.schedule(delayMs, this::handOver);
        }
        failures++;
    }

    /** Whether there is no more to say of these. One line for all that were refused, and one for all to be told again. */
    private boolean answered(Map<TopicIdPartition, Uuid> sent, Map<Answered, ErrorCode> errors) {
        int refused = 0;
        int again = 0;
        String example = "";
        for (var each : sent.entrySet()) {
            var partition = each.getKey();
            var error = Optional.ofNullable(errors.get(Answered.of(each)));
            boolean isRefused = error.filter(FINAL::contains).isPresent();
            if (error.equals(Optional.of(ErrorCode.NONE)) || isRefused) {
                untold.remove(partition, each.getValue());
            }
            if (error.equals(Optional.of(ErrorCode.NONE))) {
                continue;
            }
            var reason = error.map(ErrorCode::toString).orElse("not answered");
            LOG.debug("That {} is in the log directory of id {} was not taken: {}", partition, each.getValue(), reason);
            // One that has moved on is still to be told of.
            if (isRefused) {
                refused++;
            } else if (each.getValue().equals(untold.get(partition))) {
                again++;
                untold.remove(partition);
                untold.put(partition, each.getValue());
            }
            example = partition + ": " + reason;
        }
        if (refused > 0) {
            LOG.warn(
                    "The controller refuses where {} replicas are (such as {}). It is not told again before they move or the broker"
                            + " starts",
                    refused,
                    example);
        }
        if (again > 0) {
            report("The controller did not take where {} replicas are (such as {}); it is told again", again, example);
        }
        return again == 0;
    }

    /** Aloud the first time in a row. */
    private void report(String what, Object... details) {
        LOG.atLevel(failures == 0 ? Level.WARN : Level.DEBUG).log(what, details);
    }

    private void handOver() {
        try {
            background.execute(this::again);
        } catch (RejectedExecutionException e) {
            LOG.debug("The broker stops; the controller is told at its next start", e);
        }
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
