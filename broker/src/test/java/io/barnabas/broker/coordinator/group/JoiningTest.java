package io.barnabas.broker.coordinator.group;

import java.util.List;
import java.util.stream.Stream;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.JoinGroupRequest;
import io.barnabas.protocol.message.LeaveGroupRequest.MemberIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static io.barnabas.broker.coordinator.group.ShardDriver.GROUP;
import static io.barnabas.broker.coordinator.group.ShardDriver.INITIAL_DELAY_MS;
import static io.barnabas.broker.coordinator.group.ShardDriver.REBALANCE_MS;
import static io.barnabas.broker.coordinator.group.ShardDriver.SESSION_MS;
import static io.barnabas.broker.coordinator.group.ShardDriver.joinRequest;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who gets in, when, and what they are told. */
class JoiningTest {
    private final ShardDriver driver = new ShardDriver();

    @Test
    void aNewMemberIsGivenAnIdAndComesAgainWithIt() {
        var first = driver.join(joinRequest("", "range"));
        assertEquals(ErrorCode.MEMBER_ID_REQUIRED, first.error());
        assertEquals("client-u0", first.joined().memberId());
        var second = driver.join(joinRequest("client-u0", "range"));
        assertFalse(second.isAnswered());
        driver.pass(INITIAL_DELAY_MS);
        assertEquals(ErrorCode.NONE, second.error());
        assertEquals(1, second.joined().generationId());
        assertEquals("client-u0", second.joined().leader());
        assertEquals("range", second.joined().protocolName());
        assertEquals("consumer", second.joined().protocolType());
        assertEquals(1, second.joined().members().size());
    }

    @Test
    void beforeVersion4AMemberJoinsWithoutAnId() {
        var join = driver.join(joinRequest("", "range"), 3);
        driver.pass(INITIAL_DELAY_MS);
        assertEquals("client-u0", join.joined().memberId());
    }

    @Test
    void version0HasNoRebalanceTimeout() {
        driver.join(joinRequest("", "range").rebalanceTimeoutMs(-1), 0);
        driver.pass(INITIAL_DELAY_MS);
        // The sync timeout is the rebalance timeout: here the session timeout.
        driver.pass(SESSION_MS - 1);
        assertEquals("CompletingRebalance", driver.state());
        driver.pass(1);
        assertEquals("Empty", driver.state());
    }

    @Test
    void anIdThatIsNotUsedExpires() {
        driver.join(joinRequest("", "range"));
        driver.pass(SESSION_MS);
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID,
                driver.join(joinRequest("client-u0", "range")).error());
    }

    @Test
    void aRebalanceWaitsForIdsThatWereGivenOut() {
        var leader = driver.stableGroupOfOne();
        driver.join(joinRequest("", "range"));
        var rejoin = driver.join(joinRequest(leader, "range"));
        assertFalse(rejoin.isAnswered());
        driver.pass(SESSION_MS);
        assertEquals(ErrorCode.NONE, rejoin.error());
    }

    @Test
    void anUnknownIdInAnUnknownGroupIsUnknown() {
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID,
                driver.join(joinRequest("who", "range")).error());
        assertEquals("Dead", driver.state());
        driver.stableGroupOfOne();
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID,
                driver.join(joinRequest("who", "range")).error());
    }

    @ParameterizedTest
    @CsvSource({"5999,INVALID_SESSION_TIMEOUT", "6000,NONE", "1800000,NONE", "1800001,INVALID_SESSION_TIMEOUT"})
    void sessionTimeoutsHaveBounds(int sessionMs, ErrorCode expected) {
        var request = joinRequest("", "range").sessionTimeoutMs(sessionMs);
        assertEquals(expected, GroupShard.check(ShardDriver.config(10), request));
        assertEquals(ErrorCode.INVALID_GROUP_ID, GroupShard.check(ShardDriver.config(10), request.groupId("")));
    }

    static Stream<JoinGroupRequest> inconsistent() {
        return Stream.of(joinRequest("", "other"), joinRequest("", "range").protocolType("connect"), joinRequest(""));
    }

    @ParameterizedTest
    @MethodSource("inconsistent")
    void whoSharesNoProtocolIsRefused(JoinGroupRequest request) {
        driver.stableGroupOfOne();
        assertEquals(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, driver.join(request).error());
        assertEquals("Stable", driver.state());
    }

    @Test
    void anEmptyGroupTakesAnyProtocolButNotNone() {
        assertEquals(
                ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
                driver.join(joinRequest("")).error());
        assertEquals(
                ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
                driver.join(joinRequest("", "range").protocolType("")).error());
        assertEquals(
                ErrorCode.MEMBER_ID_REQUIRED,
                driver.join(joinRequest("", "sessioned").protocolType("connect"))
                        .error());
    }

    @Test
    void membersVoteForTheirFirstProtocolThatAllSupport() {
        var a = driver.joinNew("x", "range", "sticky");
        var b = driver.joinNew("sticky", "range");
        var c = driver.joinNew("sticky", "range", "y");
        driver.pass(2 * INITIAL_DELAY_MS);
        assertEquals("sticky", a.joined().protocolName());
        assertEquals(3, a.joined().members().size());
        assertArrayEquals(
                ShardDriver.bytes("sticky"), a.joined().members().get(0).metadata());
        assertTrue(b.joined().members().isEmpty());
        assertEquals(a.joined().memberId(), c.joined().leader());
    }

    @Test
    void theFirstRebalanceWaitsLongerWhileMembersCome() {
        var first = driver.joinNew("range");
        driver.pass(INITIAL_DELAY_MS - 1);
        driver.joinNew("range");
        driver.pass(INITIAL_DELAY_MS - 1);
        assertFalse(first.isAnswered());
        driver.pass(1);
        assertEquals(ErrorCode.NONE, first.error());
    }

    @Test
    void theDelayCountsFromTheLastThatCame() {
        var first = driver.joinNew("range");
        driver.pass(100);
        var second = driver.joinNew("range");
        // Not as in Kafka: its delay ends at once, and a second one begins.
        driver.pass(INITIAL_DELAY_MS - 1);
        assertFalse(first.isAnswered());
        driver.pass(1);
        assertEquals(ErrorCode.NONE, first.error());
        assertEquals(1, second.joined().generationId());
    }

    @Test
    void theFirstRebalanceDoesNotWaitBeyondTheRebalanceTimeout() {
        var first = driver.joinNew("range");
        for (long waitedMs = 0; waitedMs < REBALANCE_MS + INITIAL_DELAY_MS && !first.isAnswered(); waitedMs += 1_000) {
            driver.joinNew("range");
            driver.pass(1_000);
        }
        assertTrue(first.isAnswered());
    }

    @Test
    void aFullGroupTakesNoOneMore() {
        var small = new ShardDriver(ShardDriver.config(2));
        small.stableGroup(2);
        assertEquals(
                ErrorCode.GROUP_MAX_SIZE_REACHED,
                small.join(joinRequest("", "range")).error());
        assertEquals("Stable", small.state());
    }

    @Test
    void aGroupThatIsTooLargeAfterAFailOverLosesTheLastToRejoin() {
        var ids = driver.stableGroup(3);
        var small = new ShardDriver(ShardDriver.config(2));
        small.log.addAll(driver.log);
        small.failOver();
        assertEquals("PreparingRebalance", small.state());
        assertFalse(small.join(joinRequest(ids.get(0), "range")).isAnswered());
        assertFalse(small.join(joinRequest(ids.get(1), "range")).isAnswered());
        assertEquals(
                ErrorCode.GROUP_MAX_SIZE_REACHED,
                small.join(joinRequest(ids.get(2), "range")).error());
    }

    @Test
    void aFollowerThatRejoinsUnchangedIsToldTheGenerationAndNothingHappens() {
        var ids = driver.stableGroup(2);
        var again = driver.join(joinRequest(ids.get(1), "range"));
        assertEquals(1, again.joined().generationId());
        assertEquals("Stable", driver.state());
    }

    @Test
    void aFollowerThatChangedOrALeaderStartsARebalance() {
        var ids = driver.stableGroup(2);
        var changed = joinRequest(ids.get(1), "range");
        changed.protocols().get(0).metadata(ShardDriver.bytes("more topics"));
        assertFalse(driver.join(changed).isAnswered());
        assertEquals("PreparingRebalance", driver.state());
        assertEquals(
                ErrorCode.REBALANCE_IN_PROGRESS, driver.heartbeat(ids.get(0), 1).error());

        var other = new ShardDriver();
        var leader = other.stableGroup(2).get(0);
        assertFalse(other.join(joinRequest(leader, "range")).isAnswered());
        assertEquals("PreparingRebalance", other.state());
    }

    @Test
    void whoDoesNotRejoinInTimeIsOut() {
        var ids = driver.stableGroup(2);
        var rejoin = driver.join(joinRequest(ids.get(0), "range"));
        driver.heartbeat(ids.get(1), 1);
        for (int i = 0; i < REBALANCE_MS / 5_000; i++) {
            assertFalse(rejoin.isAnswered());
            driver.heartbeat(ids.get(1), 1);
            driver.pass(5_000);
        }
        assertEquals(2, rejoin.joined().generationId());
        assertEquals(1, rejoin.joined().members().size());
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID, driver.heartbeat(ids.get(1), 1).error());
    }

    @Test
    void ifTheLeaderDoesNotRejoinAnotherLeads() {
        var ids = driver.stableGroup(3);
        driver.leave(ids.get(2));
        var rejoin = driver.join(joinRequest(ids.get(1), "range"));
        driver.pass(REBALANCE_MS);
        assertEquals(ids.get(1), rejoin.joined().leader());
    }

    @Test
    void aMemberThatMissedItsJoinAnswerGetsItAgain() {
        var join = driver.joinNew("range");
        driver.pass(INITIAL_DELAY_MS);
        var again = driver.join(joinRequest(join.joined().memberId(), "range"));
        assertEquals(join.joined(), again.joined());
    }

    @Test
    void aJoinThatIsRepeatedWhileItWaitsIsAnsweredOnce() {
        var ids = driver.stableGroup(2);
        var first = driver.join(joinRequest(ids.get(0), "range"));
        var second = driver.join(joinRequest(ids.get(0), "range"));
        assertEquals(ErrorCode.REBALANCE_IN_PROGRESS, first.error());
        driver.join(joinRequest(ids.get(1), "range"));
        assertEquals(ErrorCode.NONE, second.error());
    }

    @Test
    void aStaticMemberKeepsItsPlaceUnderANewId() {
        var join = driver.join(joinRequest("", "range").groupInstanceId("i"));
        assertFalse(join.isAnswered());
        driver.pass(INITIAL_DELAY_MS);
        assertEquals("i-u0", join.joined().memberId());
        driver.sync("i-u0", 1, "i-u0", "all");

        var back = driver.join(joinRequest("", "range").groupInstanceId("i"));
        assertEquals(ErrorCode.NONE, back.error());
        assertEquals("i-u1", back.joined().memberId());
        assertEquals("i-u1", back.joined().leader());
        assertEquals(1, back.joined().generationId());
        assertTrue(back.joined().skipAssignment());
        assertEquals(1, back.joined().members().size());
        assertEquals("Stable", driver.state());
        assertArrayEquals(
                ShardDriver.bytes("all"), driver.sync("i-u1", 1).synced().assignment());

        assertEquals(
                ErrorCode.FENCED_INSTANCE_ID, driver.heartbeat("i-u0", "i", 1).error());
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID, driver.heartbeat("i-u0", null, 1).error());
        assertEquals(
                ErrorCode.UNKNOWN_MEMBER_ID, driver.heartbeat("i-u1", "j", 1).error());
        assertEquals(ErrorCode.NONE, driver.heartbeat("i-u1", "i", 1).error());
        driver.failOver();
        assertEquals(ErrorCode.NONE, driver.heartbeat("i-u1", "i", 1).error());
    }

    @Test
    void beforeVersion9AReturningStaticLeaderIsToldItsOldIdLeads() {
        driver.join(joinRequest("", "range").groupInstanceId("i"));
        driver.pass(INITIAL_DELAY_MS);
        driver.sync("i-u0", 1, "i-u0", "all");
        var back = driver.join(joinRequest("", "range").groupInstanceId("i"), 8).joined();
        assertEquals("i-u0", back.leader());
        assertFalse(back.skipAssignment());
        assertTrue(back.members().isEmpty());
    }

    @Test
    void aReturningStaticMemberFencesItsWaitingFormerSelf() {
        var first = driver.join(joinRequest("", "range").groupInstanceId("i"));
        var second = driver.join(joinRequest("", "range").groupInstanceId("i"));
        assertEquals(ErrorCode.FENCED_INSTANCE_ID, first.error());
        driver.pass(INITIAL_DELAY_MS);
        assertEquals("i-u1", second.joined().memberId());
    }

    @Test
    void aStaticMemberThatReturnsWhileTheLeaderAssignsStartsOver() {
        driver.join(joinRequest("", "range").groupInstanceId("i"));
        driver.pass(INITIAL_DELAY_MS);
        var back = driver.join(joinRequest("", "range").groupInstanceId("i"));
        assertEquals(2, back.joined().generationId());
    }

    @Test
    void aStaticMemberThatMissesARebalanceStaysUntilItsSessionEnds() {
        int longSessionMs = 10 * REBALANCE_MS;
        var a = driver.join(joinRequest("", "range").groupInstanceId("a").sessionTimeoutMs(longSessionMs));
        driver.join(joinRequest("", "range").groupInstanceId("b").sessionTimeoutMs(longSessionMs));
        driver.pass(2 * INITIAL_DELAY_MS);
        var rejoin = driver.join(joinRequest(a.joined().memberId(), "range", "sticky")
                .groupInstanceId("a")
                .sessionTimeoutMs(longSessionMs));
        driver.pass(REBALANCE_MS - 1);
        assertFalse(rejoin.isAnswered());
        driver.pass(1);
        assertEquals(2, rejoin.joined().members().size());
    }

    @Test
    void anAdministratorRemovesAStaticMemberByItsInstanceId() {
        driver.join(joinRequest("", "range").groupInstanceId("i"));
        driver.pass(INITIAL_DELAY_MS);
        driver.sync("i-u0", 1, "i-u0", "all");
        var left = driver.leave(
                        new MemberIdentity().memberId("").groupInstanceId("i"),
                        new MemberIdentity().memberId("").groupInstanceId("j"),
                        new MemberIdentity().memberId("x"))
                .left();
        assertEquals(
                List.of(ErrorCode.NONE.code(), ErrorCode.UNKNOWN_MEMBER_ID.code(), ErrorCode.UNKNOWN_MEMBER_ID.code()),
                left.members().stream().map(member -> member.errorCode()).toList());
        assertEquals("Empty", driver.state());
        assertEquals(
                GROUP,
                driver.shard().list(List.of("EMPTY"), List.of("Classic")).get(0).groupId());
    }
}
