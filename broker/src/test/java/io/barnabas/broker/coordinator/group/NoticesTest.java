package io.barnabas.broker.coordinator.group;

import java.util.ArrayList;
import java.util.List;

import io.barnabas.broker.coordinator.Cause;
import io.barnabas.broker.coordinator.Notice;
import io.barnabas.broker.coordinator.Notice.Kind;
import io.barnabas.broker.coordinator.group.GroupCounts.Count;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequest;
import io.barnabas.protocol.message.LeaveGroupRequest.MemberIdentity;
import io.barnabas.protocol.message.OffsetDeleteRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.barnabas.broker.coordinator.group.ShardDriver.GROUP;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** What a shard tells operators of: rebalances with their causes, and counts. */
class NoticesTest {
    private final ShardDriver driver = new ShardDriver();

    @AfterEach
    void countsAreTrue() {
        CountsCheck.check(driver.shard());
    }

    /** Beginnings and ends since the last call: cause or end, protocol, generation, members before -> now. */
    private List<String> told() {
        var told = new ArrayList<String>();
        for (var notice : driver.notices) {
            switch (notice.kind()) {
                case REBALANCE_BEGUN -> told.add(notice.cause() + text(notice));
                case STABILIZED, EMPTIED -> told.add(notice.kind() + text(notice));
                default -> {}
            }
        }
        driver.notices.clear();
        return told;
    }

    private static String text(Notice notice) {
        return " " + notice.protocol() + " " + notice.generation() + " " + notice.membersBefore() + "->"
                + notice.members();
    }

    private long count(Count count) {
        return driver.shard().counts().get(count);
    }

    @Test
    void aClassicGroupComesLosesMembersAndIsEmpty() {
        var ids = driver.stableGroup(2);
        assertEquals(List.of("MEMBER_JOINED classic 0 0->1", "STABILIZED classic 1 2->2"), told());
        assertEquals(1, count(Count.CLASSIC_STABLE));

        driver.leave(ids.get(1));
        assertEquals(List.of("MEMBER_LEFT classic 1 2->1"), told());
        assertEquals(1, count(Count.CLASSIC_PREPARING_REBALANCE));
        var again = driver.join(ShardDriver.joinRequest(ids.get(0), "range")).joined();
        assertEquals(1, count(Count.CLASSIC_COMPLETING_REBALANCE));
        driver.sync(again.memberId(), again.generationId(), again.memberId(), "all");
        assertEquals(List.of("STABILIZED classic 2 1->1"), told());

        driver.pass(ShardDriver.SESSION_MS + 1);
        assertEquals(List.of("MEMBER_TIMED_OUT classic 2 1->0", "EMPTIED classic 3 1->0"), told());
        assertEquals(1, count(Count.CLASSIC_EMPTY));
        assertEquals(2, count(Count.CLASSIC_REBALANCES));
    }

    @Test
    void causesOfClassicRebalancesAreToldApart() {
        var leader = driver.stableGroup(2).get(0);
        told();
        driver.join(ShardDriver.joinRequest(leader, "range"));
        assertEquals(List.of("LEADER_REJOINED classic 1 2->2"), told());

        var other = new ShardDriver();
        var ids = other.stableGroup(2);
        other.notices.clear();
        other.join(ShardDriver.joinRequest(ids.get(1), "range", "other"));
        assertEquals(Cause.SUBSCRIPTION_CHANGED, other.notices.get(0).cause());

        var removed = new ShardDriver();
        ids = removed.stableGroup(2);
        removed.notices.clear();
        removed.leave(new MemberIdentity()
                .memberId(ids.get(1))
                .reason("member was removed by an admin: not needed any more"));
        assertEquals(
                List.of(Cause.MEMBER_REMOVED),
                removed.notices.stream()
                        .filter(notice -> notice.kind() == Kind.REBALANCE_BEGUN)
                        .map(Notice::cause)
                        .toList());
    }

    private static ConsumerGroupHeartbeatRequest joining(String memberId, String... topics) {
        return new ConsumerGroupHeartbeatRequest()
                .groupId(GROUP)
                .memberId(memberId)
                .rebalanceTimeoutMs(60_000)
                .subscribedTopicNames(List.of(topics))
                .topicPartitions(List.of());
    }

    private static ConsumerGroupHeartbeatRequest staying(String memberId, int epoch) {
        return joining(memberId)
                .memberEpoch(epoch)
                .rebalanceTimeoutMs(-1)
                .subscribedTopicNames(null)
                .topicPartitions(null);
    }

    private int beat(String memberId, int epoch) {
        return driver.heartbeat(staying(memberId, epoch)).heard().memberEpoch();
    }

    @Test
    void aConsumerGroupIsStableWhenItsLastMemberHasWhatItIsToHave() {
        driver.topics = FakeTopics.NONE.with("t", 4);
        int a = driver.heartbeat(joining("a", "t")).heard().memberEpoch();
        assertEquals(List.of("MEMBER_JOINED consumer " + a + " 0->1", "STABILIZED consumer " + a + " 1->1"), told());
        assertEquals(1, count(Count.CONSUMER_STABLE));

        driver.pass(ShardDriver.ASSIGNMENT_INTERVAL_MS);
        int b = driver.heartbeat(joining("b", "t")).heard().memberEpoch();
        assertEquals(List.of("MEMBER_JOINED consumer " + b + " 1->2"), told());
        assertEquals(1, count(Count.CONSUMER_RECONCILING));
        beat("a", a);
        assertEquals(List.of(), told(), "partitions have still to be given up");
        driver.heartbeat(staying("a", a).topicPartitions(List.of()));
        beat("b", b);
        assertEquals(List.of("STABILIZED consumer " + b + " 2->2"), told());
        assertEquals(2, count(Count.CONSUMER_REBALANCES));

        driver.pass(ShardDriver.ASSIGNMENT_INTERVAL_MS);
        driver.topics = driver.topics.with("t", 6);
        int grown = beat("a", b);
        assertEquals(List.of("TOPICS_CHANGED consumer " + grown + " 2->2"), told());
        assertEquals(3, count(Count.CONSUMER_REBALANCES));
        beat("b", b);
        assertEquals(List.of("STABILIZED consumer " + grown + " 2->2"), told());

        driver.heartbeat(staying("b", -1));
        assertEquals(List.of("MEMBER_LEFT consumer " + (grown + 1) + " 2->1"), told());
        assertEquals(1, count(Count.CONSUMER_ASSIGNING));
        driver.pass(ShardDriver.SESSION_MS + 1);
        assertEquals(List.of("EMPTIED consumer " + (grown + 2) + " 2->0"), told());
        assertEquals(3, count(Count.CONSUMER_REBALANCES), "Kafka does not count members that go");
    }

    @Test
    void whatIsUnderWayWhenTheCoordinatorMovesIsToldThere() {
        driver.topics = FakeTopics.NONE.with("t", 4);
        driver.heartbeat(joining("a", "t"));
        driver.pass(ShardDriver.ASSIGNMENT_INTERVAL_MS);
        int epoch = driver.heartbeat(joining("b", "t")).heard().memberEpoch();
        told();
        driver.failOver();
        assertEquals(List.of("COORDINATOR_LOADED consumer " + epoch + " 2->2"), told());
    }

    @Test
    void offsetsAreCountedAsTheyComeAndGo() {
        var id = driver.stableGroupOfOne();
        driver.commit(id, 1, "t", 0, 5);
        driver.commit(id, 1, "t", 0, 6);
        driver.commit(id, 1, "t", 1, 7);
        driver.commit(id, 9, "t", 2, 8);
        assertEquals(2, count(Count.OFFSETS));
        assertEquals(3, count(Count.OFFSET_COMMITS));
        driver.leave(id);
        var request = new OffsetDeleteRequest().groupId(GROUP);
        var topic = new OffsetDeleteRequest.OffsetDeleteRequestTopic().name("t");
        topic.partitions().add(new OffsetDeleteRequest.OffsetDeleteRequestPartition().partitionIndex(1));
        topic.partitions().add(new OffsetDeleteRequest.OffsetDeleteRequestPartition().partitionIndex(2));
        request.topics().add(topic);
        driver.take(driver.shard().deleteOffsets(driver.now(), request, new Call()));
        assertEquals(1, count(Count.OFFSETS));
        assertEquals(1, count(Count.OFFSET_DELETIONS));
        driver.pass(ShardDriver.RETENTION_MS + 1_000_000);
        assertEquals(0, count(Count.OFFSETS));
        assertEquals(1, count(Count.OFFSET_EXPIRATIONS));
        assertEquals(0, count(Count.CLASSIC_EMPTY));
    }

    @Test
    void offsetsArePagedGroupByGroup() {
        for (int i = 0; i < 7; i++) {
            driver.commit(ShardDriver.commitRequest("", -1, "t", 0, i).groupId("g" + i), 9);
            driver.commit(ShardDriver.commitRequest("", -1, "t", 1, i).groupId("g" + i), 9);
        }
        var groups = new ArrayList<String>();
        int pages = 0;
        String after = null;
        do {
            var page = driver.shard().committedAfter(after, 3, 1_000);
            page.positions().forEach(position -> groups.add(position.groupId() + " " + position.offset()));
            after = page.lastGroupId();
            pages++;
        } while (after != null);
        assertEquals(14, groups.size(), groups::toString);
        assertEquals("g6 6", groups.get(13));
        assertEquals(4, pages);
        assertEquals(3, driver.shard().committedAfter(null, 3, 3).positions().size(), "of a group and a half");
    }

    @Test
    void offsetsOfTheGroupWithoutANameAreOnThePage() {
        driver.commit(ShardDriver.commitRequest("", -1, "t", 0, 5).groupId(""), 9);
        driver.commit(ShardDriver.commitRequest("", -1, "t", 0, 6).groupId("g"), 9);
        assertEquals(
                List.of(5L, 6L),
                driver.shard().committedAfter(null, 3, 3).positions().stream()
                        .map(OffsetPage.Position::offset)
                        .toList());
    }
}
