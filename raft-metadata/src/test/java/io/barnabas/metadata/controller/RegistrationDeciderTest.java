package io.barnabas.metadata.controller;

import java.util.List;
import java.util.function.Consumer;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.BrokerRegistrationRequest;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RegistrationDeciderTest {
    private final Deciders deciders = new Deciders();
    private MetadataImage image = Deciders.withElr(Deciders.topic(Deciders.cluster(1, 2), "t", 1, 1));

    private static BrokerRegistrationRequest request(int broker, long incarnation) {
        var request = new BrokerRegistrationRequest()
                .brokerId(broker)
                .clusterId(Deciders.CLUSTER)
                .incarnationId(new Uuid(broker, incarnation))
                .rack(null)
                .logDirs(List.of(Deciders.directory(broker)));
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

    private void refused(ErrorCode error, String reason, Consumer<BrokerRegistrationRequest> change) {
        var request = request(3, 1);
        change.accept(request);

        var decision = deciders.registrations.register(image, request, 0);

        assertEquals(error.code(), decision.response().errorCode());
        assertTrue(decision.note().endsWith(reason), decision.note());
        assertTrue(decision.records().isEmpty());
    }

    @Test
    void refusesStrangers() {
        refused(
                ErrorCode.INCONSISTENT_CLUSTER_ID,
                "Expected cluster ID the-cluster, but got cluster ID other",
                request -> request.clusterId("other"));
        refused(
                ErrorCode.BROKER_ID_NOT_REGISTERED,
                "Controller does not support registering ZK brokers.",
                request -> request.isMigratingZkBroker(true));
        refused(
                ErrorCode.INVALID_REGISTRATION,
                "No directories specified in request",
                request -> request.logDirs(List.of()));
        refused(
                ErrorCode.INVALID_REGISTRATION,
                "Reserved directory ID in request",
                request -> request.logDirs(List.of(new Uuid(0, 5))));
        refused(
                ErrorCode.INVALID_REGISTRATION,
                "Duplicate directory ID in request",
                request -> request.logDirs(List.of(new Uuid(5, 5), new Uuid(5, 5))));
        refused(
                ErrorCode.INVALID_REGISTRATION,
                "Broker 1 is already registered with directory " + Deciders.directory(1),
                request -> request.logDirs(List.of(Deciders.directory(1))));
        refused(ErrorCode.INVALID_REGISTRATION, "No listeners found.", request -> request.listeners()
                .clear());
        refused(
                ErrorCode.UNSUPPORTED_VERSION,
                "Unable to register because the broker does not support finalized version 30 of metadata.version. The"
                        + " broker wants a version between 7 and 29, inclusive.",
                request -> request.features().stream()
                        .filter(feature -> feature.name().equals("metadata.version"))
                        .forEach(feature -> feature.maxSupportedVersion((short) 29)));
        refused(
                ErrorCode.INVALID_REGISTRATION,
                "Request features do not contain 'metadata.version'",
                request -> request.features().removeIf(feature -> feature.name().equals("metadata.version")));
        refused(
                ErrorCode.UNSUPPORTED_VERSION,
                "Unable to register because the broker does not support finalized version 1 of"
                        + " eligible.leader.replicas.version. The broker wants a version between 0 and 0, inclusive.",
                request -> request.features().removeIf(feature -> feature.name().startsWith("eligible")));
    }

    private long register(BrokerRegistrationRequest request) {
        var decision = deciders.registrations.register(image, request, 0);
        assertEquals(ErrorCode.NONE.code(), decision.response().errorCode());
        image = image.applyAll(decision.records()).at(image.index() + 1);
        return decision.response().brokerEpoch();
    }

    @Test
    void aNewBrokerBeginsFenced() {
        long epoch = register(request(3, 1));

        assertEquals(101, epoch);
        assertTrue(image.cluster().broker(3).fenced());
        assertEquals("h", image.cluster().broker(3).listeners().get("PLAINTEXT").host());
    }

    @Test
    void theSameIncarnationKeepsItsEpochAndState() {
        long epoch = register(request(1, 1));

        assertEquals(11, epoch);
        assertFalse(image.cluster().broker(1).fenced());
        assertEquals(1, image.topics().byName("t").partition(0).leader());
    }

    @Test
    void aSecondIncarnationWaitsForTheSessionOfTheFirst() {
        deciders.sessions.heard(image.cluster().broker(1), 100, 0);

        var early = deciders.registrations.register(image, request(1, 2), Deciders.SESSION_MS - 1);
        assertEquals(
                ErrorCode.DUPLICATE_BROKER_REGISTRATION.code(), early.response().errorCode());
        var later = deciders.registrations.register(image, request(1, 2), Deciders.SESSION_MS);
        assertEquals(ErrorCode.NONE.code(), later.response().errorCode());
    }

    @Test
    void onlyTheControllersOwnBrokerNeedNotWaitAfterARestart() {
        deciders.sessions.begin(image, 0);

        var own = deciders.registrations.register(image, request(1, 2), 1);
        assertEquals(ErrorCode.NONE.code(), own.response().errorCode());
        var other = deciders.registrations.register(image, request(2, 2), 1);
        assertEquals(
                ErrorCode.DUPLICATE_BROKER_REGISTRATION.code(), other.response().errorCode());
    }

    @Test
    void afterACleanStopABrokerIsEligible() {
        register(request(1, 2).previousBrokerEpoch(11));

        var partition = image.topics().byName("t").partition(0);
        assertEquals(-1, partition.leader());
        assertEquals(List.of(1), partition.elr());
    }

    @Test
    void afterACrashItOnlyWasTheLastLeader() {
        register(request(1, 2));

        var partition = image.topics().byName("t").partition(0);
        assertEquals(-1, partition.leader());
        assertEquals(List.of(), partition.elr());
        assertEquals(List.of(), partition.isr());
        assertEquals(List.of(1), partition.lastKnownElr());

        var beat = new io.barnabas.protocol.message.BrokerHeartbeatRequest()
                .brokerId(1)
                .brokerEpoch(image.cluster().broker(1).epoch())
                .currentMetadataOffset(image.index());
        image = image.applyAll(deciders.brokers.heartbeat(image, beat, 0).records());
        partition = image.topics().byName("t").partition(0);
        assertEquals(1, partition.leader());
        assertEquals(List.of(1), partition.isr());
        assertTrue(partition.recovering());
    }

    @Test
    void epochsOnlyGrow() {
        long first = register(request(3, 1));
        image = image.at(50);
        long second = register(request(4, 1));
        long third = register(request(3, 2));

        assertTrue(first < second && second < third);
    }
}
