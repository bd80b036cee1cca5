package io.barnabas.metadata.controller;

import java.util.List;

import io.barnabas.metadata.image.DirectoryIds;
import io.barnabas.metadata.image.MetadataImage;
import io.barnabas.metadata.image.PartitionImage;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.message.AssignReplicasToDirsRequest;
import io.barnabas.protocol.message.AssignReplicasToDirsResponse;
import io.barnabas.protocol.message.BrokerHeartbeatRequest;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DirectoriesDeciderTest {
    private static final Uuid OTHER = new Uuid(1, 501);

    private final Deciders deciders = new Deciders();
    private MetadataImage image = Deciders.topic(Deciders.cluster(1, 2), "t", 1, 1, 2);

    private AssignReplicasToDirsResponse assign(Uuid topic, int partition, int broker, Uuid directory) {
        var asked = new AssignReplicasToDirsRequest.TopicData().topicId(topic);
        asked.partitions().add(new AssignReplicasToDirsRequest.PartitionData().partitionIndex(partition));
        var dir = new AssignReplicasToDirsRequest.DirectoryData().id(directory);
        dir.topics().add(asked);
        var request = new AssignReplicasToDirsRequest()
                .brokerId(broker)
                .brokerEpoch(
                        image.cluster().broker(broker) == null
                                ? 1
                                : image.cluster().broker(broker).epoch());
        request.directories().add(dir);
        var decision = deciders.directories.assign(image, request);
        image = image.applyAll(decision.records());
        return decision.response();
    }

    private int error(Uuid topic, int partition, int broker, Uuid directory) {
        return assign(topic, partition, broker, directory)
                .directories()
                .get(0)
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .errorCode();
    }

    private PartitionImage partition() {
        return image.topics().byName("t").partition(0);
    }

    @Test
    void theReplicaIsWhereItsBrokerSays() {
        var topic = Deciders.idOf("t");
        var otherBroker = partition().directoryOf(2);
        assertEquals(0, error(topic, 0, 1, OTHER));
        assertEquals(OTHER, partition().directoryOf(1));
        assertEquals(otherBroker, partition().directoryOf(2));
        var known = partition();
        assertEquals(0, error(topic, 0, 1, OTHER));
        assertEquals(known, partition());
    }

    @Test
    void refusesWhatIsNot() {
        var topic = Deciders.idOf("t");
        assertEquals(ErrorCode.UNKNOWN_TOPIC_ID.code(), error(new Uuid(1, 1), 0, 1, OTHER));
        assertEquals(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code(), error(topic, 5, 1, OTHER));
        image = Deciders.topic(image, "one", 1, 1);
        assertEquals(ErrorCode.NOT_LEADER_OR_FOLLOWER.code(), error(Deciders.idOf("one"), 0, 2, OTHER));
        assertEquals(ErrorCode.INVALID_REQUEST.code(), error(topic, 0, 1, DirectoryIds.LOST));
        assertEquals(
                ErrorCode.STALE_BROKER_EPOCH.code(), assign(topic, 0, 9, OTHER).errorCode());
    }

    @Test
    void aPartitionWithoutALeaderGetsOneThatWorks() {
        image = Deciders.topic(image, "one", 1, 1);
        var id = Deciders.idOf("one");
        assertEquals(0, error(id, 0, 1, OTHER));
        var epoch = image.cluster().broker(1).epoch();
        // A directory that the broker does not have: nobody can lead there.
        image = image.applyAll(deciders.brokers
                .heartbeat(
                        image,
                        new BrokerHeartbeatRequest()
                                .brokerId(1)
                                .brokerEpoch(epoch)
                                .wantFence(true)
                                .currentMetadataOffset(image.index()),
                        0)
                .records());
        image = image.applyAll(deciders.brokers
                .heartbeat(
                        image,
                        new BrokerHeartbeatRequest()
                                .brokerId(1)
                                .brokerEpoch(epoch)
                                .currentMetadataOffset(image.index()),
                        0)
                .records());
        var stuck = image.topics().byName("one").partition(0);
        assertEquals(PartitionImage.NO_LEADER, stuck.leader());
        assertEquals(0, error(id, 0, 1, Deciders.directory(1)));
        var led = image.topics().byName("one").partition(0);
        assertEquals(1, led.leader());
        assertTrue(led.leaderEpoch() > stuck.leaderEpoch());
        assertEquals(List.of(Deciders.directory(1)), led.directories());
    }
}
