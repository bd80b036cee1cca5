package io.barnabas.metadata.image;

import java.util.List;

import io.barnabas.metadata.image.ConfigsImage.ResourceType;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.metadata.AccessControlEntryRecord;
import io.barnabas.protocol.metadata.BeginTransactionRecord;
import io.barnabas.protocol.metadata.BrokerRegistrationChangeRecord;
import io.barnabas.protocol.metadata.ClientQuotaRecord;
import io.barnabas.protocol.metadata.ConfigRecord;
import io.barnabas.protocol.metadata.DelegationTokenRecord;
import io.barnabas.protocol.metadata.FeatureLevelRecord;
import io.barnabas.protocol.metadata.FenceBrokerRecord;
import io.barnabas.protocol.metadata.NoOpRecord;
import io.barnabas.protocol.metadata.PartitionChangeRecord;
import io.barnabas.protocol.metadata.PartitionRecord;
import io.barnabas.protocol.metadata.ProducerIdsRecord;
import io.barnabas.protocol.metadata.RegisterBrokerRecord;
import io.barnabas.protocol.metadata.RegisterControllerRecord;
import io.barnabas.protocol.metadata.RemoveAccessControlEntryRecord;
import io.barnabas.protocol.metadata.RemoveDelegationTokenRecord;
import io.barnabas.protocol.metadata.RemoveTopicRecord;
import io.barnabas.protocol.metadata.RemoveUserScramCredentialRecord;
import io.barnabas.protocol.metadata.TopicRecord;
import io.barnabas.protocol.metadata.UnfenceBrokerRecord;
import io.barnabas.protocol.metadata.UnregisterBrokerRecord;
import io.barnabas.protocol.metadata.UserScramCredentialRecord;
import io.barnabas.protocol.wire.ApiMessage;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MetadataImageTest {
    private static final Uuid ID = new Uuid(3, 4);

    private static TopicRecord topic() {
        return new TopicRecord().name("a.b").topicId(ID);
    }

    private static PartitionRecord partition(int number) {
        return new PartitionRecord()
                .topicId(ID)
                .partitionId(number)
                .replicas(List.of(1, 2))
                .isr(List.of(1))
                .leader(1)
                .leaderEpoch(3)
                .partitionEpoch(4)
                .directories(List.of(new Uuid(1, 500), new Uuid(2, 500)));
    }

    private static RegisterBrokerRecord broker(int id) {
        var record = new RegisterBrokerRecord()
                .brokerId(id)
                .brokerEpoch(7)
                .incarnationId(new Uuid(id, 9))
                .rack("r")
                .logDirs(List.of(new Uuid(id, 500)));
        record.endPoints()
                .add(new RegisterBrokerRecord.BrokerEndpoint()
                        .name("X")
                        .host("h")
                        .port(12)
                        .securityProtocol((short) 3));
        record.features()
                .add(new RegisterBrokerRecord.BrokerFeature()
                        .name("f")
                        .minSupportedVersion((short) 1)
                        .maxSupportedVersion((short) 2));
        return record;
    }

    private static MetadataImage full() {
        var quota = new ClientQuotaRecord().key("producer_byte_rate").value(5);
        quota.entity().add(new ClientQuotaRecord.EntityData().entityType("user").entityName(null));
        return MetadataImage.EMPTY.applyAll(List.<ApiMessage>of(
                new FeatureLevelRecord().name("metadata.version").featureLevel((short) 30),
                broker(1),
                broker(2),
                new BrokerRegistrationChangeRecord()
                        .brokerId(1)
                        .brokerEpoch(7)
                        .fenced((byte) -1)
                        .cordonedLogDirs(List.of()),
                topic(),
                partition(0),
                partition(1),
                new PartitionChangeRecord()
                        .topicId(ID)
                        .partitionId(1)
                        .leader(-1)
                        .isr(List.of())
                        .eligibleLeaderReplicas(List.of(1))
                        .lastKnownElr(List.of(1))
                        .leaderRecoveryState((byte) 1)
                        .addingReplicas(List.of(2)),
                new ConfigRecord()
                        .resourceType((byte) 2)
                        .resourceName("a.b")
                        .name("k")
                        .value("v"),
                new ConfigRecord()
                        .resourceType((byte) 4)
                        .resourceName("")
                        .name("k")
                        .value("w"),
                new ProducerIdsRecord().brokerId(1).brokerEpoch(7).nextProducerId(1_000),
                new AccessControlEntryRecord().id(new Uuid(8, 8)).principal("User:a"),
                new UserScramCredentialRecord().name("a").mechanism((byte) 1).iterations(4096),
                new DelegationTokenRecord().tokenId("t").owner("User:a"),
                new RegisterControllerRecord().controllerId(1),
                new NoOpRecord(),
                quota));
    }

    @Test
    void aSnapshotGivesTheSameImage() {
        var image = full();

        assertEquals(image, MetadataImage.EMPTY.applyAll(image.toRecords()));
        assertEquals(2, image.topics().byName("a.b").partitionCount());
        assertNotEquals(image, image.at(5));
        assertTrue(MetadataImage.EMPTY.toRecords().isEmpty());
    }

    @Test
    void everythingCanBeTakenBack() {
        var quota = new ClientQuotaRecord().key("producer_byte_rate").remove(true);
        quota.entity().add(new ClientQuotaRecord.EntityData().entityType("user").entityName(null));

        var left = full().applyAll(List.<ApiMessage>of(
                        new RemoveTopicRecord().topicId(ID),
                        new UnregisterBrokerRecord().brokerId(1).brokerEpoch(7),
                        new UnregisterBrokerRecord().brokerId(2).brokerEpoch(7),
                        new ConfigRecord()
                                .resourceType((byte) 4)
                                .resourceName("")
                                .name("k")
                                .value(null),
                        new RemoveAccessControlEntryRecord().id(new Uuid(8, 8)),
                        new RemoveUserScramCredentialRecord().name("a").mechanism((byte) 1),
                        new RemoveDelegationTokenRecord().tokenId("t"),
                        quota,
                        new FeatureLevelRecord().name("metadata.version").featureLevel((short) 0)))
                .toRecords();

        assertEquals(
                List.of("ProducerIdsRecord", "RegisterControllerRecord"),
                left.stream().map(record -> record.getClass().getSimpleName()).toList());
    }

    @Test
    void changesOfAPartition() {
        var image = full();
        var partition = image.topics().byId(ID).partition(1);
        assertEquals(-1, partition.leader());
        assertEquals(4, partition.leaderEpoch());
        assertEquals(5, partition.partitionEpoch());
        assertTrue(partition.recovering());
        assertTrue(partition.isReassigning());
        assertEquals(List.of(1), partition.elr());

        var same = image.apply(
                new PartitionChangeRecord().topicId(ID).partitionId(1).leader(-1));
        assertEquals(5, same.topics().byId(ID).partition(1).leaderEpoch());
        var cleared = image.apply(new io.barnabas.protocol.metadata.ClearElrRecord().topicName(""));
        assertEquals(List.of(), cleared.topics().byId(ID).partition(1).elr());
        assertEquals(List.of(), cleared.topics().byId(ID).partition(1).lastKnownElr());
        assertSame(
                image.topics().byId(ID).partition(0), cleared.topics().byId(ID).partition(0));
    }

    @Test
    void whatIsNotTouchedStaysTheSame() {
        var image = full();

        var next = image.apply(
                new PartitionChangeRecord().topicId(ID).partitionId(1).leader(2));

        assertSame(image.cluster(), next.cluster());
        assertSame(image.configs(), next.configs());
        assertSame(image.features(), next.features());
        assertSame(image.topics().byId(ID).partition(0), next.topics().byId(ID).partition(0));
        assertEquals(-1, image.topics().byId(ID).partition(1).leader());
    }

    @Test
    void brokersComeAndGo() {
        var image = full();
        assertFalse(image.cluster().broker(1).fenced());
        assertTrue(image.cluster().broker(2).fenced());
        assertTrue(image.cluster().isActive(1));
        assertFalse(image.cluster().isActive(2));
        assertFalse(image.cluster().isActive(3));
        assertEquals(
                new BrokerImage.Endpoint("h", 12, (short) 3),
                image.cluster().broker(1).listeners().get("X"));
        assertTrue(image.apply(new FenceBrokerRecord().id(1).epoch(7))
                .cluster()
                .broker(1)
                .fenced());
        assertFalse(image.apply(new UnfenceBrokerRecord().id(2).epoch(7))
                .cluster()
                .broker(2)
                .fenced());
        assertNull(image.cluster().broker(3));
    }

    @Test
    void configsOfAResource() {
        var image = full();
        assertEquals("v", image.configs().of(ResourceType.TOPIC, "a.b").get("k"));
        assertTrue(image.configs().of(ResourceType.TOPIC, "none").isEmpty());
        assertTrue(image.configs().of(ResourceType.GROUP, "a.b").isEmpty());
    }

    @Test
    void theLevelOfTheQuorumIsNoRecord() {
        var image = MetadataImage.EMPTY.apply(
                new FeatureLevelRecord().name("kraft.version").featureLevel((short) 1));

        assertTrue(image.features().levels().isEmpty());
    }

    @Test
    void contradictionsAreRefused() {
        var image = full();
        for (ApiMessage record : List.<ApiMessage>of(
                topic(),
                partition(5),
                new PartitionRecord().topicId(new Uuid(6, 6)).partitionId(0),
                new PartitionChangeRecord().topicId(ID).partitionId(2),
                new RemoveTopicRecord().topicId(new Uuid(6, 6)),
                new UnregisterBrokerRecord().brokerId(9).brokerEpoch(7),
                new BrokerRegistrationChangeRecord().brokerId(1).brokerEpoch(6),
                new ConfigRecord()
                        .resourceType((byte) 99)
                        .resourceName("x")
                        .name("k")
                        .value("v"),
                new ProducerIdsRecord().nextProducerId(1_000),
                new BeginTransactionRecord())) {
            assertThrows(MetadataException.class, () -> image.apply(record), record.toString());
        }
    }

    @Test
    void namesThatOnlyDifferInDotsAndUnderscores() {
        var image = full();
        assertEquals(1, image.topics().collidingWith("a_b").size());
        assertTrue(image.topics().collidingWith("ab").isEmpty());
        var gone = image.apply(new RemoveTopicRecord().topicId(ID));
        assertTrue(gone.topics().collidingWith("a_b").isEmpty());
    }
}
