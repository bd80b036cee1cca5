package io.barnabas.metadata.controller;

import java.util.List;

import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AllocateProducerIdsRequest;
import io.barnabas.protocol.message.AlterPartitionRequest;
import io.barnabas.protocol.message.BrokerHeartbeatRequest;
import io.barnabas.protocol.message.BrokerHeartbeatResponse;
import io.barnabas.protocol.message.UnregisterBrokerRequest;
import io.barnabas.protocol.metadata.PartitionChangeRecord;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BrokersDeciderTest {
    private final Deciders deciders = new Deciders();
    private MetadataImage image = Deciders.topic(Deciders.cluster(1, 2), "t", 1, 1, 2);
    private long nowMs;

    private BrokerHeartbeatRequest beat(int broker) {
        var registered = image.cluster().broker(broker);
        return new BrokerHeartbeatRequest()
                .brokerId(broker)
                .brokerEpoch(registered == null ? -1 : registered.epoch())
                .currentMetadataOffset(image.index());
    }

    private BrokerHeartbeatResponse send(BrokerHeartbeatRequest request) {
        var decision = deciders.brokers.heartbeat(image, request, nowMs);
        image = image.applyAll(decision.records());
        if (!decision.records().isEmpty()) {
            image = image.at(image.index() + 1);
        }
        return decision.response();
    }

    private PartitionImage partition() {
        return image.topics().byName("t").partition(0);
    }

    @Test
    void aStrangerIsStale() {
        assertEquals(ErrorCode.STALE_BROKER_EPOCH.code(), send(beat(9)).errorCode());
        assertEquals(
                ErrorCode.STALE_BROKER_EPOCH.code(),
                send(beat(1).brokerEpoch(3)).errorCode());
        assertEquals("No broker registration found for broker id 9", BrokersDecider.staleness(image, 9, 1));
        assertEquals("Expected broker epoch 11, but got broker epoch 3", BrokersDecider.staleness(image, 1, 3));
        assertNull(BrokersDecider.staleness(image, 1, 11));
    }

    @Test
    void anIdleHeartbeatWritesNothing() {
        var decision = deciders.brokers.heartbeat(image, beat(1), nowMs);

        assertTrue(decision.records().isEmpty());
        assertFalse(decision.response().isFenced());
        assertTrue(decision.response().isCaughtUp());
    }

    @Test
    void isUnfencedOnceItHasCaughtUp() {
        image = image.apply(Deciders.registration(3, true).brokerEpoch(101)).at(101);

        var behind = send(beat(3).currentMetadataOffset(100));
        assertTrue(behind.isFenced());
        assertFalse(behind.isCaughtUp());
        assertTrue(image.cluster().broker(3).fenced());
        assertTrue(send(beat(3).wantFence(true)).isFenced());

        assertFalse(send(beat(3)).isFenced());
        assertFalse(image.cluster().broker(3).fenced());
    }

    @Test
    void brokersSayWhichDirectoriesAreCordoned() {
        var first = new Uuid(7, 1);
        var second = new Uuid(7, 2);
        image = image.apply(Deciders.registration(3, false).logDirs(List.of(first, second)));

        assertTrue(deciders.brokers.heartbeat(image, beat(3), nowMs).records().isEmpty());
        assertNull(image.cluster().broker(3).cordonedDirectories());
        send(beat(3).cordonedLogDirs(List.of()));
        assertEquals(List.of(), image.cluster().broker(3).cordonedDirectories());
        send(beat(3).cordonedLogDirs(List.of(first)));
        assertTrue(image.cluster().broker(3).takesReplicas());
        send(beat(3).cordonedLogDirs(List.of(first, second)));
        assertFalse(image.cluster().broker(3).takesReplicas());
        var again = beat(3).cordonedLogDirs(List.of(second, first));
        assertTrue(deciders.brokers.heartbeat(image, again, nowMs).records().isEmpty(), "in another order");
        send(beat(3).cordonedLogDirs(List.of(second)));
        assertTrue(image.cluster().broker(3).takesReplicas());
    }

    @Test
    void recordsOfAnOlderReleaseCannotTellOfCordonedDirectories() {
        image = image.apply(Deciders.level("metadata.version", 29));
        var decision = deciders.brokers.heartbeat(image, beat(1).cordonedLogDirs(List.of(new Uuid(7, 1))), nowMs);

        assertTrue(decision.records().isEmpty());
    }

    @Test
    void fencingMovesLeadershipAway() {
        assertTrue(send(beat(1).wantFence(true)).isFenced());

        assertEquals(2, partition().leader());
        assertEquals(List.of(2), partition().isr());
        assertEquals(6, partition().leaderEpoch());
        assertEquals(9, partition().partitionEpoch());
    }

    @Test
    void theLastReplicaStaysInSyncWithoutEligibleLeaders() {
        send(beat(1).wantFence(true));
        send(beat(2).wantFence(true));

        assertEquals(-1, partition().leader());
        assertEquals(List.of(2), partition().isr());

        assertFalse(send(beat(1)).isFenced());
        assertEquals(-1, partition().leader());
        send(beat(2));
        assertEquals(2, partition().leader());
        assertEquals(List.of(2), partition().isr());
    }

    @Test
    void eligibleLeadersAreRememberedAndElected() {
        image = Deciders.withElr(image);
        send(beat(1).wantFence(true));
        assertEquals(List.of(2), partition().isr());
        assertEquals(List.of(), partition().elr());

        send(beat(2).wantFence(true));
        assertEquals(-1, partition().leader());
        assertEquals(List.of(), partition().isr());
        assertEquals(List.of(2), partition().elr());
        assertEquals(List.of(2), partition().lastKnownElr());

        send(beat(1));
        assertEquals(-1, partition().leader());
        send(beat(2));
        assertEquals(2, partition().leader());
        assertEquals(List.of(2), partition().isr());
        assertEquals(List.of(), partition().elr());
        assertEquals(List.of(), partition().lastKnownElr());
        assertFalse(partition().recovering());
    }

    @Test
    void leavesInAControlledWay() {
        deciders.sessions.heard(image.cluster().broker(2), image.index(), nowMs);

        var first = send(beat(1).wantShutDown(true));
        assertFalse(first.shouldShutDown());
        assertFalse(first.isFenced());
        assertTrue(image.cluster().broker(1).inControlledShutdown());
        assertEquals(2, partition().leader());

        assertFalse(send(beat(1).wantShutDown(true)).shouldShutDown(), "broker 2 has not seen the change yet");
        send(beat(2));
        var last = send(beat(1).wantShutDown(true));
        assertTrue(last.shouldShutDown());
        assertTrue(last.isFenced());
        assertTrue(image.cluster().broker(1).fenced());
    }

    @Test
    void oneBrokerAloneLeavesAtItsSecondHeartbeat() {
        image = Deciders.withElr(Deciders.topic(Deciders.cluster(1), "t", 1, 1));

        assertFalse(send(beat(1).wantShutDown(true)).shouldShutDown());
        assertTrue(send(beat(1).wantShutDown(true)).shouldShutDown());
        assertEquals(List.of(1), partition().elr());
    }

    @Test
    void aBrokerWithoutLeadershipsLeavesAtOnce() {
        assertTrue(send(beat(2).wantShutDown(true)).shouldShutDown());
        assertEquals(List.of(1), partition().isr());
    }

    @Test
    void silenceIsFencedOneBrokerAtATime() {
        deciders.sessions.begin(image, 0);
        assertTrue(deciders.brokers
                .fenceSilent(image, Deciders.SESSION_MS - 1)
                .records()
                .isEmpty());
        nowMs = 5_000;
        send(beat(2));

        var decision = deciders.brokers.fenceSilent(image, Deciders.SESSION_MS);
        image = image.applyAll(decision.records());

        assertTrue(image.cluster().broker(1).fenced());
        assertEquals(2, partition().leader());
        assertTrue(deciders.brokers
                .fenceSilent(image, Deciders.SESSION_MS)
                .records()
                .isEmpty());
        assertFalse(deciders.brokers
                .fenceSilent(image, 5_000 + Deciders.SESSION_MS)
                .records()
                .isEmpty());
    }

    @Test
    void aLostDirectoryMovesItsPartitions() {
        image = image.apply(
                Deciders.registration(1, false).logDirs(List.of(Deciders.directory(1), Deciders.directory(77))));

        send(beat(1).offlineLogDirs(List.of(Deciders.directory(77))));
        assertEquals(1, partition().leader());
        assertEquals(List.of(Deciders.directory(1)), image.cluster().broker(1).directories());

        image = image.apply(
                Deciders.registration(1, false).logDirs(List.of(Deciders.directory(1), Deciders.directory(77))));
        send(beat(1).offlineLogDirs(List.of(Deciders.directory(1))));
        assertEquals(2, partition().leader());
        assertEquals(List.of(2), partition().isr());
    }

    @Test
    void unregisters() {
        var decision = deciders.brokers.unregister(image, new UnregisterBrokerRequest().brokerId(1));
        image = image.applyAll(decision.records());
        assertNull(image.cluster().broker(1));
        assertEquals(2, partition().leader());

        var unknown = deciders.brokers.unregister(image, new UnregisterBrokerRequest().brokerId(1));
        assertEquals(
                ErrorCode.BROKER_ID_NOT_REGISTERED.code(), unknown.response().errorCode());
        assertEquals(
                "Broker ID 1 is not currently registered", unknown.response().errorMessage());
    }

    @Test
    void producerIdsComeInBlocks() {
        var request = new AllocateProducerIdsRequest().brokerId(1).brokerEpoch(11);
        for (int block = 0; block < 3; block++) {
            var decision = deciders.brokers.allocateProducerIds(image, request);
            assertEquals(block * 1_000L, decision.response().producerIdStart());
            assertEquals(1_000, decision.response().producerIdLen());
            image = image.applyAll(decision.records());
        }
        assertEquals(3_000, image.producerIds().nextProducerId());
        var stale = deciders.brokers.allocateProducerIds(image, request.brokerEpoch(1));
        assertEquals(ErrorCode.STALE_BROKER_EPOCH.code(), stale.response().errorCode());
        assertTrue(stale.records().isEmpty());
    }

    private AlterPartitionRequest alter(int broker, int leaderEpoch, int partitionEpoch, Integer... isr) {
        var request = new AlterPartitionRequest().brokerId(broker).brokerEpoch(broker + 10);
        var topic = new AlterPartitionRequest.TopicData().topicId(Deciders.idOf("t"));
        var data = new AlterPartitionRequest.PartitionData()
                .partitionIndex(0)
                .leaderEpoch(leaderEpoch)
                .partitionEpoch(partitionEpoch);
        for (int member : isr) {
            data.newIsrWithEpochs()
                    .add(new AlterPartitionRequest.BrokerState()
                            .brokerId(member)
                            .brokerEpoch(member + 10));
        }
        topic.partitions().add(data);
        request.topics().add(topic);
        return request;
    }

    private ErrorCode altered(AlterPartitionRequest request) {
        var decision = deciders.replicas.alter(image, request);
        image = image.applyAll(decision.records());
        return ErrorCode.of(
                decision.response().topics().get(0).partitions().get(0).errorCode());
    }

    @Test
    void leadersAlterTheirInSyncSets() {
        assertEquals(ErrorCode.NOT_CONTROLLER, altered(alter(1, 6, 8, 1)));
        assertEquals(ErrorCode.NOT_CONTROLLER, altered(alter(1, 5, 9, 1)));
        assertEquals(ErrorCode.FENCED_LEADER_EPOCH, altered(alter(1, 4, 8, 1)));
        assertEquals(ErrorCode.INVALID_REQUEST, altered(alter(2, 5, 8, 2)));
        assertEquals(ErrorCode.INVALID_UPDATE_VERSION, altered(alter(1, 5, 7, 1)));
        assertEquals(ErrorCode.INVALID_REQUEST, altered(alter(1, 5, 8, 2)));
        assertEquals(ErrorCode.INVALID_REQUEST, altered(alter(1, 5, 8, 1, 1)));
        assertEquals(ErrorCode.INVALID_REQUEST, altered(alter(1, 5, 8, 1, 3)));

        assertEquals(ErrorCode.NONE, altered(alter(1, 5, 8, 1)));
        assertEquals(List.of(1), partition().isr());
        assertEquals(5, partition().leaderEpoch());
        assertEquals(9, partition().partitionEpoch());

        var fenced = image;
        image = Deciders.fence(image, 2);
        assertEquals(ErrorCode.INELIGIBLE_REPLICA, altered(alter(1, 5, 9, 1, 2)));
        image = fenced;
        assertEquals(ErrorCode.NONE, altered(alter(1, 5, 9, 1, 2)));
        assertEquals(List.of(1, 2), partition().isr());
    }

    @Test
    void aLeaderFinishesRecovery() {
        image = image.apply(new PartitionChangeRecord()
                .topicId(Deciders.idOf("t"))
                .partitionId(0)
                .leader(1)
                .isr(List.of(1))
                .leaderRecoveryState((byte) 1));
        var recovering = alter(1, 6, 9, 1);
        recovering.topics().get(0).partitions().get(0).leaderRecoveryState((byte) 1);

        assertEquals(ErrorCode.NONE, altered(recovering));
        assertTrue(partition().recovering());
        assertEquals(9, partition().partitionEpoch());
        assertEquals(ErrorCode.NONE, altered(alter(1, 6, 9, 1)));
        assertFalse(partition().recovering());
        assertEquals(10, partition().partitionEpoch());
    }
}
