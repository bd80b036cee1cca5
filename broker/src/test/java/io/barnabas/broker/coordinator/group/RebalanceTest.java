package io.barnabas.broker.coordinator.group;

import java.util.List;

import io.barnabas.broker.coordinator.Notice;
import io.barnabas.protocol.ErrorCode;
import org.junit.jupiter.api.Test;

import static io.barnabas.broker.coordinator.group.ShardDriver.INITIAL_DELAY_MS;
import static io.barnabas.broker.coordinator.group.ShardDriver.REBALANCE_MS;
import static io.barnabas.broker.coordinator.group.ShardDriver.SESSION_MS;
import static io.barnabas.broker.coordinator.group.ShardDriver.bytes;
import static io.barnabas.broker.coordinator.group.ShardDriver.joinRequest;
import static io.barnabas.broker.coordinator.group.ShardDriver.syncRequest;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Assignments, heartbeats, departures, and the times in between. */
class RebalanceTest {
    private final ShardDriver driver = new ShardDriver();

    @Test
    void followersWaitForTheLeadersAssignment() {
        var a = driver.joinNew("range");
        var b = driver.joinNew("range");
        driver.pass(2 * INITIAL_DELAY_MS);
        var leader = a.joined().memberId();
        var follower = b.joined().memberId();
        var waiting = driver.sync(follower, 1);
        assertFalse(waiting.isAnswered());
        assertEquals(ErrorCode.NONE, driver.heartbeat(follower, 1).error());
        int before = driver.log.size();
        var assigned = driver.sync(leader, 1, leader, "l", follower, "f");
        assertArrayEquals(bytes("l"), assigned.synced().assignment());
        assertArrayEquals(bytes("f"), waiting.synced().assignment());
        assertEquals("range", waiting.synced().protocolName());
        assertEquals(1, driver.log.size() - before);
        assertEquals("Stable", driver.state());
        assertArrayEquals(bytes("f"), driver.sync(follower, 1).synced().assignment());
    }

    @Test
    void whomTheLeaderForgetsGetsAnEmptyAssignment() {
        var a = driver.joinNew("range");
        var b = driver.joinNew("range");
        driver.pass(2 * INITIAL_DELAY_MS);
        driver.sync(a.joined().memberId(), 1, a.joined().memberId(), "all");
        assertEquals(0, driver.sync(b.joined().memberId(), 1).synced().assignment().length);
    }

    @Test
    void syncsAreChecked() {
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, driver.sync("m", 1).error());
        var id = driver.stableGroupOfOne();
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, driver.sync("m", 1).error());
        assertEquals(ErrorCode.ILLEGAL_GENERATION, driver.sync(id, 2).error());
        assertEquals(
                ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
                driver.sync(syncRequest(id, 1).protocolType("connect")).error());
        assertEquals(
                ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
                driver.sync(syncRequest(id, 1).protocolName("sticky")).error());
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID,
                driver.sync(syncRequest(id, 1).groupInstanceId("i")).error());
        driver.joinNew("range");
        assertEquals(ErrorCode.REBALANCE_IN_PROGRESS, driver.sync(id, 1).error());
    }

    @Test
    void aSyncThatWaitsIsRefusedWhenARebalanceBegins() {
        var a = driver.joinNew("range");
        var b = driver.joinNew("range");
        driver.pass(2 * INITIAL_DELAY_MS);
        var waiting = driver.sync(b.joined().memberId(), 1);
        driver.leave(a.joined().memberId());
        assertEquals(ErrorCode.REBALANCE_IN_PROGRESS, waiting.error());
    }

    @Test
    void whoDoesNotSyncInTimeIsOut() {
        var a = driver.joinNew("range");
        var b = driver.joinNew("range");
        driver.pass(2 * INITIAL_DELAY_MS);
        var leader = a.joined().memberId();
        driver.sync(leader, 1, leader, "all");
        for (int i = 0; i < REBALANCE_MS / 5_000; i++) {
            assertEquals("Stable", driver.state());
            driver.heartbeat(leader, 1);
            driver.heartbeat(b.joined().memberId(), 1);
            driver.pass(5_000);
        }
        assertEquals("PreparingRebalance", driver.state());
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID,
                driver.heartbeat(b.joined().memberId(), 1).error());
    }

    @Test
    void anAssignmentThatCannotBeStoredIsRefused() {
        var join = driver.joinNew("range");
        driver.pass(INITIAL_DELAY_MS);
        var id = join.joined().memberId();
        var sync = driver.sync(id, 1, id, "x".repeat(1_000_001));
        assertEquals(ErrorCode.UNKNOWN_SERVER_ERROR, sync.error());
        assertEquals("PreparingRebalance", driver.state());
        assertTrue(driver.notices.stream().anyMatch(notice -> notice.kind() == Notice.Kind.ASSIGNMENT_TOO_LARGE));
        assertEquals(2, driver.join(joinRequest(id, "range")).joined().generationId());
    }

    @Test
    void heartbeatsAreChecked() {
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, driver.heartbeat("m", 1).error());
        var id = driver.stableGroupOfOne();
        assertEquals(ErrorCode.NONE, driver.heartbeat(id, 1).error());
        assertEquals(ErrorCode.ILLEGAL_GENERATION, driver.heartbeat(id, 0).error());
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID, driver.heartbeat("m", 1).error());
    }

    @Test
    void heartbeatsAndCommitsKeepAMemberAlive() {
        var id = driver.stableGroupOfOne();
        driver.pass(SESSION_MS - 1).heartbeat(id, 1);
        driver.pass(SESSION_MS - 1).commit(id, 1, "t", 0, 5);
        driver.pass(SESSION_MS - 1);
        assertEquals("Stable", driver.state());
        driver.pass(1);
        assertEquals("Empty", driver.state());
    }

    @Test
    void aMemberWhoseRequestWaitsNeedsNoHeartbeats() {
        var ids = driver.stableGroup(2);
        var rejoin = driver.join(joinRequest(ids.get(0), "range"));
        for (int i = 0; i < 5; i++) {
            driver.heartbeat(ids.get(1), 1);
            driver.pass(SESSION_MS - 1);
        }
        assertFalse(rejoin.isAnswered());
        driver.join(joinRequest(ids.get(1), "range"));
        assertEquals(2, rejoin.joined().generationId());
    }

    @Test
    void aDeadMemberIsMissedAndTheOthersAreCalledTogether() {
        var ids = driver.stableGroup(2);
        driver.pass(SESSION_MS - 1).heartbeat(ids.get(0), 1);
        driver.pass(1);
        assertEquals("PreparingRebalance", driver.state());
        assertEquals(
                ErrorCode.REBALANCE_IN_PROGRESS, driver.heartbeat(ids.get(0), 1).error());
        var alone = driver.join(joinRequest(ids.get(0), "range"));
        assertEquals(1, alone.joined().members().size());
    }

    @Test
    void theLastToLeaveEmptiesTheGroupWithANewGeneration() {
        var id = driver.stableGroupOfOne();
        assertEquals(ErrorCode.NONE, driver.leave(id).error());
        assertEquals("Empty", driver.state());
        driver.failOver();
        assertEquals("Empty", driver.state());
        var join = driver.joinNew("range");
        driver.pass(INITIAL_DELAY_MS);
        assertEquals(3, join.joined().generationId());
    }

    @Test
    void whoLeavesAnUnknownGroupIsUnknown() {
        var left = driver.leave("m").left();
        assertEquals(0, left.errorCode());
        assertEquals(ErrorCode.UNKNOWN_MEMBER_ID.code(), left.members().get(0).errorCode());
    }

    @Test
    void aPendingMemberMayLeave() {
        var id = driver.join(joinRequest("", "range")).joined().memberId();
        assertEquals(0, driver.leave(id).left().members().get(0).errorCode());
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID,
                driver.join(joinRequest(id, "range")).error());
    }

    @Test
    void afterAFailOverTheGroupIsAsItWasLastStable() {
        var ids = driver.stableGroup(2);
        driver.join(joinRequest(ids.get(0), "range"));
        assertEquals("PreparingRebalance", driver.state());
        driver.failOver();
        assertEquals("Stable", driver.state());
        for (String id : ids) {
            assertEquals(ErrorCode.NONE, driver.heartbeat(id, 1).error());
            assertArrayEquals(
                    bytes("part of " + id), driver.sync(id, 1).synced().assignment());
        }
        driver.pass(SESSION_MS);
        assertEquals("Empty", driver.state());
    }

    @Test
    void groupsAreDescribedAndListed() {
        var caller = new Caller((short) 5, "c", "/h");
        var missing = driver.shard().describe(caller, "nowhere");
        assertEquals("Dead", missing.groupState());
        assertEquals(0, missing.errorCode());
        missing = driver.shard().describe(new Caller((short) 6, "c", "/h"), "nowhere");
        assertEquals(ErrorCode.GROUP_ID_NOT_FOUND.code(), missing.errorCode());
        assertEquals("Group nowhere not found.", missing.errorMessage());

        var ids = driver.stableGroup(2);
        var stable = driver.shard().describe(caller, ShardDriver.GROUP);
        assertEquals("Stable", stable.groupState());
        assertEquals("range", stable.protocolData());
        assertEquals(
                ids, stable.members().stream().map(member -> member.memberId()).toList());
        assertEquals("client", stable.members().get(0).clientId());
        assertEquals("/127.0.0.1", stable.members().get(0).clientHost());
        assertArrayEquals(bytes("range"), stable.members().get(0).memberMetadata());
        driver.join(joinRequest(ids.get(0), "range"));
        var preparing = driver.shard().describe(caller, ShardDriver.GROUP);
        assertEquals("", preparing.protocolData());
        assertEquals(0, preparing.members().get(0).memberMetadata().length);

        assertEquals(
                1,
                driver.shard().list(List.of(" preparingrebalance "), List.of()).size());
        assertEquals(0, driver.shard().list(List.of("Stable"), List.of()).size());
        assertEquals(0, driver.shard().list(List.of(), List.of("consumer")).size());
        var listed = driver.shard().list(List.of(), List.of("CLASSIC")).get(0);
        assertEquals("consumer", listed.protocolType());
        assertEquals("classic", listed.groupType());
    }
}
