package io.barnabas.broker.coordinator.group;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Collectors;

import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.OffsetCommitRequest;
import io.barnabas.protocol.record.RecordBatch;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.apache.kafka.coordinator.group.generated.ShareGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.ShareGroupMetadataValue;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.barnabas.broker.coordinator.group.ShardDriver.GROUP;
import static io.barnabas.broker.coordinator.group.ShardDriver.commitRequest;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

/** Records agree with Kafka 4.3.1's own serializer, both ways. */
class KafkaRecordsTest {
    private final GroupCoordinatorRecordSerde kafka = new GroupCoordinatorRecordSerde();
    private final ShardDriver driver = new ShardDriver();

    @Test
    void kafkaReadsWhatIsWrittenAndWouldWriteTheSameBytes() {
        var ids = driver.stableGroup(2);
        driver.join(ShardDriver.joinRequest("", "range").groupInstanceId("i"));
        driver.commit(ids.get(0), 1, "t", 0, 5);
        OffsetCommitRequest withId = commitRequest(ids.get(0), 1, "t", 1, 6);
        withId.topics().get(0).topicId(new io.barnabas.protocol.Uuid(1, 2));
        driver.commit(withId, 10);
        driver.commit(commitRequest(ids.get(0), 1, "t", 2, 7).retentionTimeMs(1_000), 4);
        driver.pass(10 * 60 * 1000);
        assertEquals("Empty", driver.state());

        assertKafkaWouldWriteTheSame();
        var versions = driver.log.stream()
                .filter(record -> !record.isTombstone())
                .map(record -> (int) record.valueVersion())
                .distinct()
                .sorted()
                .toList();
        assertEquals(List.of(1, 3, 4), versions);
    }

    private void assertKafkaWouldWriteTheSame() {
        for (var record : driver.log) {
            var read = kafka.deserialize(record.encodedKey(), record.encodedValue());
            assertEquals(ByteBuffer.wrap(kafka.serializeKey(read)), record.encodedKey());
            byte[] value = kafka.serializeValue(read);
            assertEquals(value == null ? null : ByteBuffer.wrap(value), record.encodedValue());
        }
    }

    @Test
    void kafkaReadsConsumerGroupsAndWouldWriteTheSameBytes() {
        driver.topics = FakeTopics.NONE.with("t", 4).with("u", 2);
        driver.heartbeat(joining("a").instanceId("i").rackId("r").subscribedTopicRegex("u.*"));
        driver.pass(2_000);
        driver.heartbeat(joining("b").serverAssignor("range"));
        driver.heartbeat(joining("a").memberEpoch(3).topicPartitions(List.of()));
        driver.heartbeat(joining("a").memberEpoch(-2).instanceId("i"));
        driver.heartbeat(joining("b").memberEpoch(-1));
        driver.pass(60_000);
        driver.take(driver.shard().deleteGroups(driver.now(), List.of(GROUP), new Call()));
        assertKafkaWouldWriteTheSame();
        var kinds = driver.log.stream()
                .map(record -> record.key().getClass().getSimpleName())
                .collect(Collectors.toSet());
        assertEquals(7, kinds.size(), kinds::toString);
        assertEquals(List.of(), driver.shard().list(List.of(), List.of()));
    }

    private static ConsumerGroupHeartbeatRequest joining(String memberId) {
        return new ConsumerGroupHeartbeatRequest()
                .groupId(GROUP)
                .memberId(memberId)
                .rebalanceTimeoutMs(60_000)
                .subscribedTopicNames(List.of("t"))
                .topicPartitions(List.of());
    }

    @ParameterizedTest
    @ValueSource(shorts = {0, 1, 2, 3, 4})
    void groupsOfEveryVersionAreRead(short version) {
        var value = new GroupMetadataValue()
                .setProtocolType("consumer")
                .setProtocol("range")
                .setGeneration(3)
                .setLeader("m")
                .setCurrentStateTimestamp(9)
                .setMembers(List.of(new GroupMetadataValue.MemberMetadata()
                        .setMemberId("m")
                        .setGroupInstanceId("i")
                        .setClientId("c")
                        .setClientHost("/h")
                        .setRebalanceTimeout(60_000)
                        .setSessionTimeout(10_000)
                        .setSubscription(new byte[] {1})
                        .setAssignment(new byte[] {2})));
        restore(new GroupMetadataKey().setGroup(GROUP), value, version);
        assertEquals("Stable", driver.state());
        var member = driver.shard()
                .describe(new Caller((short) 6, "c", "/h"), GROUP)
                .members()
                .get(0);
        assertEquals("m", member.memberId());
        assertEquals(version >= 3 ? "i" : null, member.groupInstanceId());
        assertArrayEquals(new byte[] {2}, driver.sync("m", 3).synced().assignment());
    }

    @ParameterizedTest
    @ValueSource(shorts = {0, 1, 2, 3, 4})
    void offsetsOfEveryVersionAreRead(short version) {
        var value = new OffsetCommitValue()
                .setOffset(7)
                .setLeaderEpoch(2)
                .setMetadata("note")
                .setCommitTimestamp(5)
                .setTopicId(new Uuid(1, 2));
        restore(new OffsetCommitKey().setGroup(GROUP).setTopic("t").setPartition(1), value, version);
        var found = driver.fetch("t", 1, new io.barnabas.protocol.Uuid(1, 2), true);
        assertEquals(7, found.committedOffset());
        assertEquals("note", found.metadata());
        assertEquals(version >= 3 ? 2 : -1, found.committedLeaderEpoch());
    }

    private void restore(
            org.apache.kafka.common.protocol.ApiMessage key,
            org.apache.kafka.common.protocol.ApiMessage value,
            short version) {
        var record = CoordinatorRecord.record(key, new ApiMessageAndVersion(value, version));
        driver.shard()
                .evolve(
                        LoggedRecords.read(
                                ByteBuffer.wrap(kafka.serializeKey(record)),
                                ByteBuffer.wrap(kafka.serializeValue(record))),
                        RecordBatch.NO_PRODUCER_ID);
    }

    @Test
    void recordsOfOtherKindsOfGroupsAreSkipped() {
        var record = CoordinatorRecord.record(
                new ShareGroupMetadataKey().setGroupId(GROUP),
                new ApiMessageAndVersion(new ShareGroupMetadataValue().setEpoch(1), (short) 0));
        assertNull(LoggedRecords.read(
                ByteBuffer.wrap(kafka.serializeKey(record)), ByteBuffer.wrap(kafka.serializeValue(record))));
    }
}
