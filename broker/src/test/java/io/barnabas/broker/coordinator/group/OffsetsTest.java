package io.barnabas.broker.coordinator.group;

import java.util.List;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.Uuid;
import io.barnabas.protocol.coordinator.OffsetCommitKey;
import io.barnabas.protocol.coordinator.OffsetCommitValue;
import io.barnabas.protocol.message.DeleteGroupsResponse;
import io.barnabas.protocol.message.OffsetDeleteRequest;
import io.barnabas.protocol.message.OffsetDeleteRequest.OffsetDeleteRequestPartition;
import io.barnabas.protocol.message.OffsetDeleteRequest.OffsetDeleteRequestTopic;
import io.barnabas.protocol.message.OffsetDeleteResponse;
import io.barnabas.protocol.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.barnabas.broker.coordinator.group.ShardDriver.GROUP;
import static io.barnabas.broker.coordinator.group.ShardDriver.INITIAL_DELAY_MS;
import static io.barnabas.broker.coordinator.group.ShardDriver.RETENTION_MS;
import static io.barnabas.broker.coordinator.group.ShardDriver.commitRequest;
import static io.barnabas.broker.coordinator.group.ShardDriver.joinRequest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What may be committed by whom, what is told of it, and how long it is kept. */
class OffsetsTest {
    private static final long CHECK_MS = 600_000;

    private final ShardDriver driver = new ShardDriver();

    @Test
    void aSimpleConsumerCommitsWithoutAGroup() {
        assertEquals(-1, driver.committed("t", 0));
        assertEquals(ErrorCode.NONE, driver.commit("", -1, "t", 0, 42).error());
        assertEquals(42, driver.committed("t", 0));
        assertEquals("note", driver.fetch("t", 0, Uuid.ZERO, true).metadata());
        assertEquals(-1, driver.fetch("t", 0, Uuid.ZERO, true).committedLeaderEpoch());
        assertEquals("Empty", driver.state());
        driver.failOver();
        assertEquals(42, driver.committed("t", 0));
        assertEquals("Empty", driver.state());
    }

    @ParameterizedTest
    @CsvSource({"8,ILLEGAL_GENERATION", "9,GROUP_ID_NOT_FOUND", "10,GROUP_ID_NOT_FOUND"})
    void aMemberOfAMissingGroupCannotCommit(int version, ErrorCode expected) {
        assertEquals(
                expected,
                driver.commit(commitRequest("m", 1, "t", 0, 1), version).error());
        assertTrue(driver.log.isEmpty());
    }

    @Test
    void commitsToAGroupWithMembersAreChecked() {
        var ids = driver.stableGroup(2);
        assertEquals(ErrorCode.NONE, driver.commit(ids.get(0), 1, "t", 0, 1).error());
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID, driver.commit("", -1, "t", 0, 2).error());
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID, driver.commit("m", 1, "t", 0, 2).error());
        assertEquals(
                ErrorCode.ILLEGAL_GENERATION,
                driver.commit(ids.get(0), 0, "t", 0, 2).error());
        assertEquals(
                ErrorCode.ILLEGAL_GENERATION,
                driver.commit(ids.get(0), -1, "t", 0, 2).error());
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID,
                driver.commit(commitRequest(ids.get(0), 1, "t", 0, 2).groupInstanceId("i"), 10)
                        .error());
        assertEquals(1, driver.committed("t", 0));

        // While members are called together they may still commit; once the new generation is known they must sync
        // first.
        driver.join(joinRequest(ids.get(0), "range"));
        assertEquals(ErrorCode.NONE, driver.commit(ids.get(1), 1, "t", 0, 3).error());
        driver.join(joinRequest(ids.get(1), "range"));
        assertEquals(
                ErrorCode.ILLEGAL_GENERATION,
                driver.commit(ids.get(1), 1, "t", 0, 4).error());
        assertEquals(
                ErrorCode.REBALANCE_IN_PROGRESS,
                driver.commit(ids.get(1), 2, "t", 0, 4).error());
        assertEquals(3, driver.committed("t", 0));
    }

    @Test
    void anAdministratorCommitsToAnEmptyGroup() {
        driver.leave(driver.stableGroupOfOne());
        assertEquals(ErrorCode.NONE, driver.commit("", -1, "t", 0, 9).error());
        assertEquals(9, driver.committed("t", 0));
    }

    @Test
    void metadataHasALimitForEachPartition() {
        var request = commitRequest("", -1, "t", 0, 1);
        request.topics().get(0).partitions().get(0).committedMetadata("x".repeat(4_097));
        assertEquals(
                ErrorCode.OFFSET_METADATA_TOO_LARGE, driver.commit(request, 10).error());
        assertEquals(-1, driver.committed("t", 0));
        request.topics().get(0).partitions().get(0).committedMetadata("x".repeat(4_096));
        assertEquals(ErrorCode.NONE, driver.commit(request, 10).error());
        request.topics().get(0).partitions().get(0).committedMetadata(null);
        assertEquals(ErrorCode.NONE, driver.commit(request, 10).error());
        assertEquals("", driver.fetch("t", 0, Uuid.ZERO, false).metadata());
    }

    @Test
    void leaderEpochsAndTopicIdsAreKept() {
        var id = new Uuid(1, 2);
        var request = commitRequest("", -1, "t", 0, 1);
        request.topics().get(0).topicId(id).partitions().get(0).committedLeaderEpoch(5);
        driver.commit(request, 10);
        driver.failOver();
        assertEquals(5, driver.fetch("t", 0, id, false).committedLeaderEpoch());
        assertEquals(-1, driver.fetch("t", 0, new Uuid(3, 4), false).committedOffset());
        assertEquals(1, driver.fetch("t", 0, Uuid.ZERO, false).committedOffset());
    }

    @Test
    void allOffsetsCanBeAskedFor() {
        driver.commit("", -1, "t", 0, 1);
        driver.commit("", -1, "t", 3, 2);
        driver.commit("", -1, "u", 0, 3);
        var all = driver.shard()
                .fetchOffsets(new OffsetFetchRequestGroup().groupId(GROUP).topics(null), true);
        assertEquals(
                3,
                all.topics().stream()
                        .mapToInt(topic -> topic.partitions().size())
                        .sum());
        var none = driver.shard()
                .fetchOffsets(new OffsetFetchRequestGroup().groupId("no").topics(null), true);
        assertTrue(none.topics().isEmpty());
    }

    @Test
    void anOpenTransactionMakesItsOffsetsUnstable() {
        driver.commit("", -1, "t", 0, 1);
        var key = new OffsetCommitKey().group(GROUP).topic("t").partition(0);
        var pending = io.barnabas.broker.coordinator.CoordinatorRecord.of(
                key, new OffsetCommitValue().offset(8), OffsetCommitValue.HIGHEST_VERSION);
        driver.shard().evolve(pending, 77);
        assertEquals(1, driver.committed("t", 0));
        assertEquals(
                ErrorCode.UNSTABLE_OFFSET_COMMIT.code(),
                driver.fetch("t", 0, Uuid.ZERO, true).errorCode());
        driver.shard().endTransaction(77, true);
        assertEquals(8, driver.committed("t", 0));
        assertEquals(0, driver.fetch("t", 0, Uuid.ZERO, true).errorCode());

        driver.shard().evolve(pending, 78);
        driver.shard().endTransaction(78, false);
        assertEquals(8, driver.committed("t", 0));

        // Committed meanwhile without a transaction, the later record wins.
        driver.shard().evolve(pending, 79);
        driver.commit("", -1, "t", 0, 20);
        driver.shard().endTransaction(79, true);
        assertEquals(20, driver.committed("t", 0));
    }

    @Test
    void offsetsOfASimpleGroupExpireAfterTheirCommit() {
        driver.commit("", -1, "t", 0, 1);
        driver.pass(RETENTION_MS / 2);
        driver.commit("", -1, "t", 1, 1);
        driver.pass(RETENTION_MS / 2 + CHECK_MS);
        assertEquals(-1, driver.committed("t", 0));
        assertEquals(1, driver.committed("t", 1));
        driver.pass(RETENTION_MS);
        assertEquals("Dead", driver.state());
        assertEquals("Dead", driver.failOver().state());
    }

    @Test
    void offsetsOfAGroupExpireAfterItsLastMemberLeft() {
        var id = driver.stableGroupOfOne();
        driver.commit(id, 1, "t", 0, 1);
        for (long ms = 0; ms < 2 * CHECK_MS; ms += 5_000) {
            driver.heartbeat(id, 1);
            driver.pass(5_000);
        }
        driver.leave(id);
        driver.pass(RETENTION_MS - CHECK_MS);
        assertEquals(1, driver.committed("t", 0));
        driver.pass(2 * CHECK_MS);
        assertEquals(-1, driver.committed("t", 0));
        assertEquals("Dead", driver.state());
    }

    @Test
    void anOldClientSetsItsOwnRetention() {
        driver.commit(commitRequest("", -1, "t", 0, 1).retentionTimeMs(1_000), 4);
        assertEquals(1, driver.log.get(0).valueVersion());
        driver.failOver();
        driver.pass(CHECK_MS);
        assertEquals(-1, driver.committed("t", 0));
    }

    @Test
    void anEmptyGroupCanBeDeletedWithItsOffsets() {
        var id = driver.stableGroupOfOne();
        driver.commit(id, 1, "t", 0, 1);
        assertEquals(ErrorCode.NON_EMPTY_GROUP, delete(GROUP));
        driver.leave(id);
        assertEquals(ErrorCode.NONE, delete(GROUP));
        assertEquals(ErrorCode.GROUP_ID_NOT_FOUND, delete(GROUP));
        assertEquals(-1, driver.committed("t", 0));
        assertEquals("Dead", driver.failOver().state());
    }

    private ErrorCode delete(String group) {
        var call = new Call();
        driver.take(driver.shard().deleteGroups(driver.now(), List.of(group), call));
        return ErrorCode.of(
                ((DeleteGroupsResponse) call.response()).results().get(0).errorCode());
    }

    @Test
    void offsetsOfTopicsThatMembersReadStay() {
        var request = joinRequest("", "range");
        request.protocols().get(0).metadata(subscription("t"));
        var id = driver.join(request).joined().memberId();
        driver.join(request.memberId(id));
        driver.pass(INITIAL_DELAY_MS);
        driver.sync(id, 1, id, "all");
        driver.commit(id, 1, "t", 0, 1);
        driver.commit(id, 1, "u", 0, 1);
        assertEquals(ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, deleteOffset("t"));
        assertEquals(ErrorCode.NONE, deleteOffset("u"));
        assertEquals(1, driver.committed("t", 0));
        assertEquals(-1, driver.committed("u", 0));
        driver.leave(id);
        assertEquals(ErrorCode.NONE, deleteOffset("t"));
        assertEquals(-1, driver.committed("t", 0));
    }

    private ErrorCode deleteOffset(String topic) {
        var call = new Call();
        var asked = new OffsetDeleteRequestTopic().name(topic);
        asked.partitions().add(new OffsetDeleteRequestPartition().partitionIndex(0));
        var request = new OffsetDeleteRequest().groupId(GROUP).topics(List.of(asked));
        driver.take(driver.shard().deleteOffsets(driver.now(), request, call));
        var response = (OffsetDeleteResponse) call.response();
        assertEquals(0, response.errorCode());
        return ErrorCode.of(response.topics().get(0).partitions().get(0).errorCode());
    }

    private static byte[] subscription(String topic) {
        var writer = new io.barnabas.protocol.wire.WireWriter();
        writer.int16((short) 1);
        writer.arrayLength(1, false);
        writer.string(topic, false);
        writer.nullableBytes(null, false);
        return writer.toByteArray();
    }

    @Test
    void offsetsGoWithTheirTopicButNotWithItsNamesake() {
        var old = new Uuid(1, 1);
        var request = commitRequest("", -1, "t", 0, 1);
        request.topics().get(0).topicId(old);
        driver.commit(request, 10);
        driver.take(driver.shard().topicDeleted(driver.now(), "t", new Uuid(2, 2)));
        assertEquals(1, driver.committed("t", 0));
        driver.take(driver.shard().topicDeleted(driver.now(), "t", old));
        assertEquals(-1, driver.committed("t", 0));
    }
}
