package io.barnabas.compat.differential;

import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;

import static io.barnabas.compat.differential.ClassicMember.settle;
import static io.barnabas.compat.differential.ConsumerGroupSteps.log;
import static io.barnabas.compat.differential.GroupSteps.heartbeat;
import static io.barnabas.compat.differential.GroupSteps.join;
import static io.barnabas.compat.differential.GroupSteps.leave;
import static io.barnabas.compat.differential.GroupSteps.ready;

/** Several members of a classic group: votes, rebalances, and those that do not answer in time (kafka-semantics C.6). */
final class ClassicMemberScenarios {
    private ClassicMemberScenarios() {}

    static List<Scenario> all() {
        var all = new ArrayList<>(rebalances());
        all.addAll(timeouts());
        all.addAll(bounds());
        return all;
    }

    private static List<Scenario> rebalances() {
        return List.of(
                new Scenario("classic-round-in-every-version", session -> {
                    ready(session);
                    for (int version = 0; version <= 9; version++) {
                        var a = ClassicMember.of(session, "v" + version, "a" + version)
                                .speaking(version);
                        a.joins();
                        a.beats();
                        a.syncs(a);
                        a.beats();
                        a.leaves();
                        a.beats();
                        log(session, "v" + version);
                    }
                }),
                new Scenario("classic-two-in-every-version", session -> {
                    ready(session);
                    for (int version = 0; version <= 9; version++) {
                        var a = ClassicMember.of(session, "v" + version, "a" + version)
                                .speaking(version);
                        var b = ClassicMember.of(session, "v" + version, "b" + version)
                                .speaking(version);
                        settle(a, b);
                        b.leaves();
                        a.beats();
                    }
                }),
                new Scenario("classic-votes", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a").protocols("range", "roundrobin", "sticky");
                    var b = ClassicMember.of(session, "g", "b").protocols("roundrobin", "range");
                    var c = ClassicMember.of(session, "g", "c").protocols("roundrobin", "range", "other");
                    settle(a, b, c);
                    a.describesGroup();
                    // Nobody shares a protocol with all of them.
                    ClassicMember.of(session, "g", "d").protocols("sticky").joins();
                    ClassicMember.of(session, "g", "d").protocols("other").joins();
                    log(session, "g");
                }),
                new Scenario("classic-votes-even", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a").protocols("range", "roundrobin");
                    var b = ClassicMember.of(session, "g", "b").protocols("roundrobin", "range");
                    settle(a, b);
                    var c = ClassicMember.of(session, "h", "c").protocols("cooperative-sticky", "range");
                    var d = ClassicMember.of(session, "h", "d").protocols("range", "cooperative-sticky");
                    settle(c, d);
                }),
                new Scenario("classic-opaque-protocol", session -> {
                    ready(session);
                    byte[] bytes = new byte[256];
                    for (int i = 0; i < bytes.length; i++) {
                        bytes[i] = (byte) i;
                    }
                    var a = ClassicMember.of(session, "g", "a").type("connect").metadata(bytes);
                    var b = ClassicMember.of(session, "g", "b").type("connect").metadata(new byte[0]);
                    settle(a, b);
                    a.describesGroup();
                    ClassicMember.of(session, "g", "c").type("consumer").joins();
                    log(session, "g");
                }),
                new Scenario("classic-rejoins", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a");
                    var b = ClassicMember.of(session, "g", "b");
                    settle(a, b);
                    // A follower that says what it said is told what it was told.
                    b.joins();
                    b.syncs();
                    b.protocols("range", "sticky").startsJoining();
                    b.stillWaits();
                    a.awaitState("PreparingRebalance");
                    a.beats();
                    a.joins();
                    b.joined();
                    a.syncs(a, b);
                    b.syncs();
                    // A leader that says what it said wants a rebalance.
                    a.startsJoining();
                    a.stillWaits();
                    b.beats();
                    b.joins();
                    a.joined();
                }),
                new Scenario("classic-joins-again-before-the-sync", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var a = ClassicMember.of(session, "g", "a");
                    a.joins();
                    a.beats();
                    a.commits();
                    a.joins();
                    a.describesGroup();
                    a.protocols("sticky").joins();
                    a.describesGroup();
                    a.syncs(a);
                    a.commits();
                }),
                new Scenario("classic-while-preparing", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var a = ClassicMember.of(session, "g", "a");
                    var b = ClassicMember.of(session, "g", "b");
                    settle(a);
                    b.waitsIn(2);
                    a.beats();
                    a.syncs(a);
                    a.commits();
                    a.describesGroup();
                    session.call(heartbeat(session, "g", a.joins()).setGenerationId(1), 4);
                    b.joined();
                    b.commits();
                    a.describesGroup();
                    // The sync of a follower waits for the leader's; a new member ends it.
                    b.startsSyncing();
                    b.stillWaits();
                    var c = ClassicMember.of(session, "g", "c");
                    c.waitsIn(3);
                    b.synced();
                    b.startsJoining();
                    a.joins();
                    b.joined();
                    c.joined();
                }),
                new Scenario("classic-assignments", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a");
                    var b = ClassicMember.of(session, "g", "b");
                    a.joins();
                    b.waitsIn(2);
                    a.joins();
                    b.joined();
                    // What a follower brings along counts for nothing, and whoever the leader forgets gets nothing.
                    b.startsSyncing(a, b);
                    b.stillWaits();
                    a.syncs(a, ClassicMember.of(session, "g", "stranger").pretendingToBe("stranger"));
                    b.synced();
                    b.syncs();
                    a.syncs(b);
                    b.syncs();
                    a.describesGroup();
                    log(session, "g");
                }),
                new Scenario("classic-follower-leaves", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a");
                    var b = ClassicMember.of(session, "g", "b");
                    settle(a, b);
                    b.leaves();
                    a.beats();
                    a.describesGroup();
                    a.joins();
                    a.syncs(a);
                    a.leaves();
                    a.describesGroup();
                    log(session, "g");
                }),
                new Scenario("classic-leader-leaves", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a");
                    var b = ClassicMember.of(session, "g", "b");
                    settle(a, b);
                    a.leaves();
                    b.beats();
                    b.joins();
                    b.syncs(b);
                    b.describesGroup();
                }));
    }

    private static List<Scenario> timeouts() {
        return List.of(
                new Scenario("classic-pending-member", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var a = ClassicMember.of(session, "g", "a").asks();
                    a.beats();
                    a.syncs();
                    a.commits();
                    ClassicMember.of(session, "h", "a").pretendingToBe(a.id()).joins();
                    // The first rebalance does not wait for it.
                    var b = ClassicMember.of(session, "g", "b");
                    b.joins();
                    a.describesGroup();
                    a.startsJoining();
                    b.awaitState("PreparingRebalance");
                    b.joins();
                    a.joined();
                    var c = ClassicMember.of(session, "g", "c").asks();
                    c.leaves();
                    c.leaves();
                    c.joins();
                }),
                new Scenario("classic-pending-member-expires", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a");
                    settle(a);
                    var b = ClassicMember.of(session, "g", "b").timeouts(500, 30_000);
                    b.asks();
                    // The rebalance waits for whoever was given an id.
                    a.startsJoining();
                    a.stillWaits();
                    a.joined();
                    a.describesGroup();
                    b.joins();
                }),
                new Scenario("classic-session-timeout", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a").timeouts(400, 30_000);
                    settle(a);
                    a.awaitState("Empty");
                    a.beats();
                    a.joins();
                    a.syncs();
                    a.describesGroup();
                    log(session, "g");
                }),
                new Scenario("classic-session-timeout-of-one-of-two", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a");
                    var b = ClassicMember.of(session, "g", "b").timeouts(400, 30_000);
                    settle(a, b);
                    a.awaitState("PreparingRebalance");
                    a.beats();
                    a.joins();
                    b.beats();
                    b.joins();
                    a.describesGroup();
                }),
                new Scenario("classic-rebalance-timeout", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a").timeouts(30_000, 400);
                    var b = ClassicMember.of(session, "g", "b").timeouts(30_000, 400);
                    settle(a);
                    b.waitsIn(2);
                    b.joined();
                    a.beats();
                    a.joins();
                    b.describesGroup();
                }),
                new Scenario("classic-sync-timeout", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a").timeouts(30_000, 500);
                    var b = ClassicMember.of(session, "g", "b").timeouts(30_000, 500);
                    a.joins();
                    b.waitsIn(2);
                    a.joins();
                    b.joined();
                    b.startsSyncing();
                    b.synced();
                    a.syncs(a, b);
                    a.beats();
                    b.beats();
                    b.joins();
                    b.describesGroup();
                }));
    }

    private static List<Scenario> bounds() {
        return List.of(
                new Scenario("classic-max-size", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a");
                    var b = ClassicMember.of(session, "g", "b");
                    var c = ClassicMember.of(session, "g", "c");
                    var d = ClassicMember.of(session, "g", "d");
                    settle(a, b, c, d);
                    ClassicMember.of(session, "g", "e").joins();
                    ClassicMember.of(session, "g", "e").speaking(3).joins();
                    ClassicMember.of(session, "g", "e").instance("e").joins();
                    a.beats();
                    a.describesGroup();
                    d.leaves();
                    // An id that is not used yet counts too.
                    ClassicMember.of(session, "g", "e").asks();
                    ClassicMember.of(session, "g", "f").asks();
                }),
                new Scenario("classic-leave-in-every-version", session -> {
                    ready(session);
                    for (int version = 0; version <= 5; version++) {
                        var a = ClassicMember.of(session, "v" + version, "a" + version)
                                .speaking(version);
                        a.joins();
                        for (String group : List.of("v" + version, "none")) {
                            var request = leave(session, group, "stranger", version);
                            if (version >= 3) {
                                request.members()
                                        .add(new LeaveGroupRequestData.MemberIdentity()
                                                .setMemberId("")
                                                .setGroupInstanceId("i"));
                            }
                            session.call(request, version);
                        }
                        a.leaves();
                    }
                    session.call(new LeaveGroupRequestData().setGroupId(session.name("none")), 5);
                }),
                new Scenario("classic-empty-group-id", session -> {
                    ready(session);
                    for (int version = 0; version <= 5; version++) {
                        session.call(join(session, "g", "", null).setGroupId(""), version);
                        session.call(new SyncGroupRequestData().setMemberId("a"), version);
                        session.call(leave(session, "g", "a", version).setGroupId(""), version);
                    }
                    for (int version = 0; version <= 4; version++) {
                        session.call(new HeartbeatRequestData().setMemberId("a"), version);
                    }
                }));
    }
}
