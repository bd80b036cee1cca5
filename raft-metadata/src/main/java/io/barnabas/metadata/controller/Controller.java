package io.barnabas.metadata.controller;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AllocateProducerIdsRequest;
import io.barnabas.protocol.message.AllocateProducerIdsResponse;
import io.barnabas.protocol.message.AlterConfigsRequest;
import io.barnabas.protocol.message.AlterConfigsResponse;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequest;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponse;
import io.barnabas.protocol.message.AlterPartitionRequest;
import io.barnabas.protocol.message.AlterPartitionResponse;
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
import io.barnabas.protocol.message.ElectLeadersRequest;
import io.barnabas.protocol.message.ElectLeadersResponse;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequest;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponse;
import io.barnabas.protocol.message.UnregisterBrokerRequest;
import io.barnabas.protocol.message.UnregisterBrokerResponse;
import io.barnabas.protocol.message.UpdateFeaturesRequest;
import io.barnabas.protocol.message.UpdateFeaturesResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller of a cluster, active while its node leads the quorum. Calls come on any thread and are decided one after the other on
 * the thread "controller", on an image that runs ahead of the log. What was decided while a batch is on its way goes out together as the
 * next one. A response leaves when all it rests on is committed.
 *
 * <p>When a proposal fails or the lead is lost, the image that ran ahead is forgotten and every waiting call fails with
 * {@link ControllerException}; so do calls on a node that does not lead.
 */
public final class Controller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    private static final long NO_TERM = -1;
    private static final long RETRY_MS = 100;

    private final ControllerConfig config;
    private final CommittedMetadata committed;
    private final Proposals proposals;
    private final LongSupplier clockMs;

    private final TopicsDecider topics;
    private final PartitionsDecider partitions;
    private final ReplicasDecider replicas;
    private final DirectoriesDecider directories;
    private final ReassignmentsDecider reassignments;
    private final ConfigsDecider configs;
    private final BrokersDecider brokers;
    private final RegistrationDecider registrations;
    private final FeaturesDecider features;
    private final Sessions sessions;

    private final ControllerQueue queue = new ControllerQueue();
    private final Thread thread = new Thread(this::run, "controller");

    // All below belongs to the thread "controller".
    private boolean running = true;
    /** Of this node's lead; NO_TERM while it does not lead. */
    private long term = NO_TERM;

    private final UncommittedDecisions uncommitted = new UncommittedDecisions();
    private long nextFencingMs;

    /** A call that is decided: its response leaves once it is committed. */
    private record Call<R>(CompletableFuture<R> stage, R response) implements UncommittedDecisions.Waiter {
        @Override
        public void committed() {
            stage.complete(response);
        }

        @Override
        public void lost(String reason) {
            stage.completeExceptionally(new ControllerException(
                    ErrorCode.NOT_CONTROLLER, "Whether the change was made is not known: " + reason + "."));
        }
    }

    /**
     * @param clockMs monotonic
     * @param ids new ids for topics
     */
    public Controller(
            ControllerConfig config,
            CommittedMetadata committed,
            Proposals proposals,
            LongSupplier clockMs,
            Dice dice,
            Supplier<Uuid> ids) {
        this.config = config;
        this.committed = committed;
        this.proposals = proposals;
        this.clockMs = clockMs;
        var effective = new EffectiveConfigs(config.rules(), config.nodeId());
        var moves = new PartitionMoves(effective);
        sessions = new Sessions(config.nodeId(), config.sessionTimeoutMs());
        configs = new ConfigsDecider(config.rules(), config.voters());
        topics = new TopicsDecider(config.topicDefaults(), effective, configs, dice, ids);
        partitions = new PartitionsDecider(effective, dice);
        replicas = new ReplicasDecider(effective);
        directories = new DirectoriesDecider(effective);
        reassignments = new ReassignmentsDecider(effective);
        brokers = new BrokersDecider(moves, sessions);
        registrations = new RegistrationDecider(config.clusterId(), moves, sessions);
        features = new FeaturesDecider(config.nodeId(), config.supportedFeatures(), config.rules());
        thread.setDaemon(true);
    }

    /** Begins to serve; calls before this wait. */
    public void start() {
        thread.start();
    }

    /** Committed metadata as this node knows it. */
    public MetadataImage image() {
        return committed.image();
    }

    /** See {@link CommittedMetadata#listen}. */
    public void onImage(ImageListener listener) {
        committed.listen(listener);
    }

    public CompletionStage<CreateTopicsResponse> createTopics(CreateTopicsRequest request) {
        return call(now -> topics.create(now, request));
    }

    public CompletionStage<DeleteTopicsResponse> deleteTopics(DeleteTopicsRequest request) {
        return call(now -> topics.delete(now, request));
    }

    public CompletionStage<CreatePartitionsResponse> createPartitions(CreatePartitionsRequest request) {
        return call(now -> partitions.create(now, request));
    }

    public CompletionStage<ElectLeadersResponse> electLeaders(ElectLeadersRequest request) {
        return call(now -> partitions.elect(now, request));
    }

    public CompletionStage<AlterPartitionResponse> alterPartition(AlterPartitionRequest request) {
        return call(now -> replicas.alter(now, request));
    }

    public CompletionStage<AssignReplicasToDirsResponse> assignReplicasToDirs(AssignReplicasToDirsRequest request) {
        return call(now -> directories.assign(now, request));
    }

    public CompletionStage<AlterPartitionReassignmentsResponse> alterPartitionReassignments(
            AlterPartitionReassignmentsRequest request) {
        return call(now -> reassignments.alter(now, request));
    }

    public CompletionStage<IncrementalAlterConfigsResponse> incrementalAlterConfigs(
            IncrementalAlterConfigsRequest request) {
        return call(now -> configs.alter(now, request));
    }

    /** The legacy request, which replaces all configs of a resource. */
    public CompletionStage<AlterConfigsResponse> alterConfigs(AlterConfigsRequest request) {
        return call(now -> configs.replace(now, request));
    }

    public CompletionStage<BrokerRegistrationResponse> registerBroker(BrokerRegistrationRequest request) {
        return call(now -> registrations.register(now, request, clockMs.getAsLong()));
    }

    public CompletionStage<BrokerHeartbeatResponse> heartbeat(BrokerHeartbeatRequest request) {
        return call(now -> brokers.heartbeat(now, request, clockMs.getAsLong()));
    }

    public CompletionStage<UnregisterBrokerResponse> unregisterBroker(UnregisterBrokerRequest request) {
        return call(now -> brokers.unregister(now, request));
    }

    public CompletionStage<AllocateProducerIdsResponse> allocateProducerIds(AllocateProducerIdsRequest request) {
        return call(now -> brokers.allocateProducerIds(now, request));
    }

    public CompletionStage<UpdateFeaturesResponse> updateFeatures(UpdateFeaturesRequest request) {
        return call(now -> features.update(now, request));
    }

    /** This node leads from now on, and has applied everything that was committed before. Any thread. */
    public void leaderStarted(long newTerm) {
        queue.addTask(() -> begin(newTerm));
    }

    /** This node no longer leads. Any thread. */
    public void leaderStopped() {
        queue.addTask(() -> {
            term = NO_TERM;
            forget("this node no longer leads the quorum");
        });
    }

    /** Fails what waits and ends the thread. Any thread but the controller's own. */
    @Override
    public void close() {
        queue.addTask(() -> {
            running = false;
            term = NO_TERM;
            forget("the node is stopping");
            queue.runCalls();
        });
        if (!thread.isAlive()) {
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <R> CompletionStage<R> call(Function<MetadataImage, Decision<R>> decider) {
        var stage = new CompletableFuture<R>();
        if (!queue.offerCall(() -> decide(decider, stage))) {
            stage.completeExceptionally(new ControllerException(
                    ErrorCode.REQUEST_TIMED_OUT,
                    ControllerQueue.MAX_WAITING_CALLS + " calls wait for the controller already."));
        }
        return stage;
    }

    private void run() {
        while (running) {
            try {
                queue.runTasks(idleMs());
                runCalls();
                fenceSilentBrokers();
                propose();
            } catch (InterruptedException e) {
                LOG.warn("The controller thread was interrupted; it goes on");
            }
        }
    }

    /** While a full batch has to wait, so do calls. */
    private void runCalls() {
        boolean more = true;
        while (more && !uncommitted.isFull()) {
            more = queue.runCall();
        }
    }

    private long idleMs() {
        if (queue.hasCalls() && !uncommitted.isFull()) {
            return 0;
        }
        return uncommitted.image() == null ? 1_000 : Math.max(1, nextFencingMs - clockMs.getAsLong());
    }

    private void begin(long newTerm) {
        forget("this node's lead was renewed");
        term = newTerm;
        var image = committed.image();
        uncommitted.begin(image);
        long nowMs = clockMs.getAsLong();
        sessions.begin(image, nowMs);
        nextFencingMs = nowMs + config.sessionTimeoutMs() / 4;
        LOG.info("This node is the active controller in term {}, from metadata index {} on", newTerm, image.index());
        if (image.features().levels().isEmpty()) {
            LOG.info("The metadata log is empty: setting up a cluster with {}", config.featureLevels());
            uncommitted.add(features.bootstrap(image, config.featureLevels()));
        }
    }

    private <R> void decide(Function<MetadataImage, Decision<R>> decider, CompletableFuture<R> stage) {
        var image = uncommitted.image();
        if (image == null) {
            stage.completeExceptionally(
                    new ControllerException(ErrorCode.NOT_CONTROLLER, "This node is not the active controller."));
            return;
        }
        Decision<R> decision;
        try {
            decision = decider.apply(image);
            uncommitted.add(decision.records());
        } catch (RuntimeException e) {
            LOG.error("The controller could not decide on a request; nothing was changed", e);
            stage.completeExceptionally(new ControllerException(ErrorCode.UNKNOWN_SERVER_ERROR, e.toString()));
            return;
        }
        if (decision.note() != null) {
            LOG.info(decision.note());
        }
        uncommitted.whenCommitted(new Call<>(stage, decision.response()));
    }

    private void fenceSilentBrokers() {
        if (uncommitted.image() == null || clockMs.getAsLong() < nextFencingMs) {
            return;
        }
        nextFencingMs = clockMs.getAsLong() + config.sessionTimeoutMs() / 4;
        for (boolean found = true; found; ) {
            var decision = brokers.fenceSilent(uncommitted.image(), clockMs.getAsLong());
            found = !decision.records().isEmpty();
            if (found) {
                LOG.warn(decision.note());
                uncommitted.add(decision.records());
            }
        }
    }

    private void propose() {
        var next = uncommitted.takeNext();
        if (next != null) {
            send(next);
        }
    }

    private void send(UncommittedDecisions.Batch batch) {
        proposals
                .propose(RecordBatchCodec.encode(batch.records()), term)
                .whenComplete((index, failure) -> queue.addTask(() -> {
                    if (uncommitted.isInFlight(batch)) {
                        outcome(index, failure);
                    }
                }));
    }

    private void outcome(Long index, Throwable failure) {
        if (failure == null) {
            uncommitted.committed(index, committed.image());
        } else {
            forget("a change could not be committed: " + failure.getMessage());
            resume();
        }
    }

    /** Drops what ran ahead of the log. */
    private void forget(String reason) {
        var lost = uncommitted.forget();
        if (!lost.isEmpty()) {
            LOG.warn("{} controller calls fail: {}", lost.size(), reason);
        }
        for (var waiter : lost) {
            waiter.lost(reason);
        }
    }

    /**
     * A proposal failed, yet this node may still lead. What the log holds is known once a record that changes nothing has come through
     * it: everything proposed before is then applied or never will be.
     */
    private void resume() {
        long failedTerm = term;
        CompletableFuture.delayedExecutor(RETRY_MS, TimeUnit.MILLISECONDS)
                .execute(() -> queue.addTask(() -> {
                    var probe = term == failedTerm && term != NO_TERM ? uncommitted.takeProbe() : null;
                    if (probe != null) {
                        send(probe);
                    }
                }));
    }
}
