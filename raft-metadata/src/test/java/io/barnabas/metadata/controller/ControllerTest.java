package io.barnabas.metadata.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AllocateProducerIdsRequest;
import io.barnabas.protocol.message.BrokerHeartbeatRequest;
import io.barnabas.protocol.message.BrokerRegistrationRequest;
import io.barnabas.protocol.message.CreateTopicsRequest;
import io.barnabas.protocol.message.CreateTopicsRequest.CreatableTopic;
import io.barnabas.protocol.message.CreateTopicsResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(60)
class ControllerTest {
    private final CommittedMetadata committed = new CommittedMetadata();
    private final FakeLog log = new FakeLog(committed);
    private final AtomicLong clockMs = new AtomicLong(1_000_000);
    private final AtomicLong lastId = new AtomicLong();
    private final Controller controller = new Controller(
            new ControllerConfig(
                    1,
                    Deciders.CLUSTER,
                    List.of(1),
                    new TopicDefaults(1, (short) 1),
                    Map.of("metadata.version", (short) 30),
                    Deciders.SUPPORTED,
                    Deciders.SESSION_MS,
                    new FakeRules()),
            committed,
            log,
            clockMs::get,
            bound -> 0,
            () -> new Uuid(5, lastId.incrementAndGet()));

    @AfterEach
    void close() {
        controller.close();
    }

    private static CreateTopicsRequest topics(String... names) {
        var request = new CreateTopicsRequest();
        for (var name : names) {
            request.topics()
                    .add(new CreatableTopic().name(name).numPartitions(1).replicationFactor((short) 1));
        }
        return request;
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static ErrorCode failure(CompletionStage<?> stage) {
        var thrown = assertThrows(CompletionException.class, () -> stage.toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join());
        return assertInstanceOf(ControllerException.class, thrown.getCause()).error();
    }

    private static ErrorCode error(CompletionStage<CreateTopicsResponse> stage) throws Exception {
        return ErrorCode.of(get(stage).topics().get(0).errorCode());
    }

    private static BrokerRegistrationRequest registration() {
        var request = new BrokerRegistrationRequest()
                .brokerId(1)
                .clusterId(Deciders.CLUSTER)
                .incarnationId(new Uuid(1, 1))
                .rack(null)
                .logDirs(List.of(Deciders.directory(1)));
        request.listeners()
                .add(new BrokerRegistrationRequest.Listener()
                        .name("PLAINTEXT")
                        .host("h")
                        .port(1));
        Deciders.SUPPORTED.forEach((name, range) -> request.features()
                .add(new BrokerRegistrationRequest.Feature()
                        .name(name)
                        .minSupportedVersion(range.lowest())
                        .maxSupportedVersion(range.highest())));
        return request;
    }

    private BrokerHeartbeatRequest beat(long epoch) {
        return new BrokerHeartbeatRequest()
                .brokerId(1)
                .brokerEpoch(epoch)
                .currentMetadataOffset(controller.image().index());
    }

    /** A leader of a cluster with one live broker; the log still asks the test. */
    private void lead() {
        committed.publish(Deciders.cluster(1));
        controller.start();
        controller.leaderStarted(3);
    }

    @Test
    void setsUpAnEmptyClusterTogetherWithItsFirstBroker() throws Exception {
        controller.leaderStarted(1);
        var registered = controller.registerBroker(registration());
        controller.start();

        var proposal = log.next();
        assertEquals(1, proposal.term());
        assertFalse(registered.toCompletableFuture().isDone());
        log.commit(proposal);

        long epoch = get(registered).brokerEpoch();
        assertEquals(1, epoch);
        assertEquals(30, controller.image().features().level("metadata.version"));
        assertTrue(controller.image().cluster().broker(1).fenced());
        var beat = controller.heartbeat(beat(epoch));
        log.commit(log.next());
        assertFalse(get(beat).isFenced());
        assertFalse(controller.image().cluster().broker(1).fenced());
        assertTrue(log.isIdle());
    }

    @Test
    void responsesWaitForWhatTheyRestOn() throws Exception {
        lead();
        var first = controller.createTopics(topics("a"));
        var inFlight = log.next();
        var again = controller.createTopics(topics("a"));
        var second = controller.createTopics(topics("b"));
        var third = controller.createTopics(topics("c"));
        var onlyLooking = controller.createTopics(topics("c").validateOnly(true));
        assertFalse(first.toCompletableFuture().isDone());
        assertNull(controller.image().topics().byName("a"));

        log.commit(inFlight);

        assertEquals(ErrorCode.NONE, error(first));
        assertEquals(ErrorCode.TOPIC_ALREADY_EXISTS, error(again));
        var next = log.next();
        assertFalse(second.toCompletableFuture().isDone());
        assertFalse(onlyLooking.toCompletableFuture().isDone());
        log.commit(next);
        assertEquals(ErrorCode.NONE, error(second));
        assertEquals(ErrorCode.NONE, error(third));
        assertEquals(ErrorCode.TOPIC_ALREADY_EXISTS, error(onlyLooking));
        assertTrue(log.isIdle());
        assertEquals(3, controller.image().topics().size());
    }

    @Test
    void doesNothingUnlessItLeads() throws Exception {
        committed.publish(Deciders.cluster(1));
        controller.start();
        assertEquals(ErrorCode.NOT_CONTROLLER, failure(controller.createTopics(topics("a"))));

        controller.leaderStarted(3);
        var waiting = controller.createTopics(topics("a"));
        var proposal = log.next();
        var queued = controller.createTopics(topics("b"));
        controller.leaderStopped();
        assertEquals(ErrorCode.NOT_CONTROLLER, failure(waiting));
        assertEquals(ErrorCode.NOT_CONTROLLER, failure(queued));

        log.commit(proposal);
        controller.leaderStarted(4);
        var later = controller.createTopics(topics("a", "b"));
        log.commit(log.next());
        var results = get(later).topics();
        assertEquals(ErrorCode.TOPIC_ALREADY_EXISTS.code(), results.get(0).errorCode());
        assertEquals(ErrorCode.NONE.code(), results.get(1).errorCode());
    }

    @Test
    void afterAFailureItFindsOutWhatWasCommitted() throws Exception {
        lead();
        var lost = controller.createTopics(topics("a"));
        var proposal = log.next();
        var behindIt = controller.createTopics(topics("b"));
        log.fail(proposal);
        assertEquals(ErrorCode.NOT_CONTROLLER, failure(lost));
        assertEquals(ErrorCode.NOT_CONTROLLER, failure(behindIt));
        assertEquals(ErrorCode.NOT_CONTROLLER, failure(controller.createTopics(topics("c"))));

        var barrier = log.next();
        assertEquals(1, RecordBatchCodec.decode(barrier.batch()).size());
        log.fail(barrier);
        var secondBarrier = log.next();
        log.commitLost();
        log.commit(secondBarrier);

        CompletionStage<CreateTopicsResponse> retried;
        do {
            retried = controller.createTopics(topics("a"));
        } while (retried.handle((response, failure) -> failure != null)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS));
        assertEquals(ErrorCode.TOPIC_ALREADY_EXISTS, error(retried));
        assertNull(controller.image().topics().byName("b"));
    }

    @Test
    void aBugFailsOneCallOnly() throws Exception {
        lead();
        log.commitAtOnce();

        assertEquals(ErrorCode.UNKNOWN_SERVER_ERROR, failure(controller.createTopics(null)));
        assertEquals(ErrorCode.NONE, error(controller.createTopics(topics("a"))));
    }

    @Test
    void callsAreBounded() throws Exception {
        lead();
        var first = controller.createTopics(topics("first"));
        var held = new CompletableFuture<Void>();
        first.whenComplete((response, failure) -> held.join());
        log.commit(log.next());
        // The controller's thread now stands in that stage.
        var calls = new ArrayList<CompletionStage<?>>();
        CompletionStage<?> last;
        do {
            last = controller.allocateProducerIds(
                    new AllocateProducerIdsRequest().brokerId(1).brokerEpoch(11));
            calls.add(last);
        } while (!last.toCompletableFuture().isCompletedExceptionally());
        assertEquals(ErrorCode.REQUEST_TIMED_OUT, failure(last));
        assertTrue(calls.size() <= 10_002, calls.size() + " calls");
        log.commitAtOnce();
        held.complete(null);
        get(calls.get(0));
        get(calls.get(calls.size() - 2));
    }

    @Test
    void fencesBrokersThatFallSilent() throws Exception {
        lead();
        // Any answered call shows that the lead has begun.
        get(controller.heartbeat(beat(11)));
        clockMs.addAndGet(Deciders.SESSION_MS + 1);
        controller.createTopics(topics("wakes-it-up"));

        log.commit(log.next());

        assertTrue(controller.image().cluster().broker(1).fenced());
    }

    @Test
    void closingFailsWhatWaits() throws Exception {
        lead();
        var waiting = controller.createTopics(topics("a"));
        log.next();

        controller.close();

        assertEquals(ErrorCode.NOT_CONTROLLER, failure(waiting));
    }

    @Test
    void manyTopicsAndPartitions() throws Exception {
        lead();
        log.commitAtOnce();
        var request = topics();
        for (int i = 0; i < 1_000; i++) {
            request.topics().addAll(topics("t" + i).topics());
        }
        assertEquals(1_000, get(controller.createTopics(request)).topics().size());
        var wide = topics("wide");
        wide.topics().get(0).numPartitions(1_000);
        assertEquals(ErrorCode.NONE, error(controller.createTopics(wide)));
        assertEquals(1_001, controller.image().topics().size());
    }

    @Test
    void listenersHearWhatThereIsAndWhatComes() {
        var heard = new ArrayList<MetadataImage>();
        committed.listen((before, after) -> heard.add(after));
        assertTrue(heard.isEmpty());
        var first = Deciders.cluster(1);
        committed.publish(first);
        committed.listen((before, after) -> {
            heard.add(before);
            heard.add(after);
        });
        var second = Deciders.cluster(1, 2);
        committed.publish(second);

        assertEquals(List.of(first, MetadataImage.EMPTY, first, second, first, second), heard);
    }
}
