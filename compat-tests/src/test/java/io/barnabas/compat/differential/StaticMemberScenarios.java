package io.barnabas.compat.differential;

import java.util.List;

import org.apache.kafka.common.message.LeaveGroupRequestData;

import static io.barnabas.compat.differential.ClassicMember.settle;
import static io.barnabas.compat.differential.ConsumerGroupSteps.log;
import static io.barnabas.compat.differential.GroupSteps.ready;

/** Static members of classic groups (KIP-345): who takes whose place, and who is fenced. */
final class StaticMemberScenarios {
    private StaticMemberScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("static-fenced-by-every-request", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var a = ClassicMember.of(session, "g", "a").instance("i");
                    settle(a);
                    for (String id : List.of("stranger", "")) {
                        for (int version = 3; version <= 5; version++) {
                            session.call(a.syncing().setMemberId(id), version);
                        }
                        for (int version = 3; version <= 4; version++) {
                            session.call(a.beating().setMemberId(id), version);
                        }
                        for (int version = 7; version <= 9; version++) {
                            session.call(a.committing().setMemberId(id), version);
                        }
                    }
                    for (int version = 5; version <= 9; version++) {
                        ClassicMember.of(session, "g", "b")
                                .speaking(version)
                                .instance("i")
                                .pretendingToBe("stranger")
                                .joins();
                    }
                    a.beats();
                }),
                new Scenario("static-unknown-instance", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var a = ClassicMember.of(session, "g", "a").instance("i");
                    settle(a);
                    session.call(a.syncing().setGroupInstanceId("j"), 5);
                    session.call(a.beating().setGroupInstanceId("j"), 4);
                    session.call(a.committing().setGroupInstanceId("j"), 9);
                    ClassicMember.of(session, "g", "a")
                            .instance("j")
                            .pretendingToBe(a.id())
                            .joins();
                    // Without the instance its id is good enough.
                    session.call(a.beating().setGroupInstanceId(null), 4);
                    session.call(a.committing().setGroupInstanceId(null), 9);
                    ClassicMember.of(session, "g", "b")
                            .instance("")
                            .pretendingToBe("b")
                            .joins();
                }),
                new Scenario("static-leader-comes-back", session -> {
                    ready(session);
                    for (int version = 5; version <= 9; version++) {
                        String group = "v" + version;
                        settle(ClassicMember.of(session, group, "a" + version).instance("i"));
                        var again = ClassicMember.of(session, group, "b" + version)
                                .speaking(version)
                                .instance("i");
                        again.joins();
                        again.syncs(again);
                        again.describesGroup();
                        log(session, group);
                    }
                }),
                new Scenario("static-follower-comes-back", session -> {
                    ready(session);
                    for (int version : new int[] {5, 9}) {
                        String group = "v" + version;
                        var a = ClassicMember.of(session, group, "a" + version).instance("i");
                        settle(
                                a,
                                ClassicMember.of(session, group, "b" + version).instance("j"));
                        var again = ClassicMember.of(session, group, "c" + version)
                                .speaking(version)
                                .instance("j");
                        again.joins();
                        again.syncs();
                        a.beats();
                        again.describesGroup();
                    }
                }),
                new Scenario("static-comes-back-changed", session -> {
                    ready(session);
                    settle(ClassicMember.of(session, "g", "a").instance("i"));
                    var again =
                            ClassicMember.of(session, "g", "b").instance("i").protocols("sticky", "range");
                    again.joins();
                    again.syncs(again);
                    ClassicMember.of(session, "g", "c")
                            .instance("i")
                            .type("connect")
                            .joins();
                    again.beats();
                    again.describesGroup();
                    log(session, "g");
                }),
                new Scenario("static-comes-back-while-it-waits", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a").instance("i");
                    var b = ClassicMember.of(session, "g", "b").instance("j");
                    settle(a);
                    b.waitsIn(2);
                    var again = ClassicMember.of(session, "g", "c").instance("j");
                    again.startsJoining();
                    b.joined();
                    again.stillWaits();
                    a.joins();
                    again.joined();
                    again.startsSyncing();
                    again.stillWaits();
                    var third = ClassicMember.of(session, "g", "d").instance("j");
                    third.startsJoining();
                    again.synced();
                    a.beats();
                    a.joins();
                    third.joined();
                }),
                new Scenario("static-removed-by-an-administrator", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a").instance("i");
                    var b = ClassicMember.of(session, "g", "b").instance("j");
                    settle(a, b);
                    var removal = new LeaveGroupRequestData().setGroupId(session.name("g"));
                    removal.members()
                            .add(new LeaveGroupRequestData.MemberIdentity()
                                    .setGroupInstanceId("j")
                                    .setReason("because"));
                    session.call(removal, 5);
                    session.call(removal, 4);
                    b.beats();
                    a.beats();
                    a.joins();
                    a.describesGroup();
                }),
                new Scenario("static-session-timeout", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a").instance("i").timeouts(400, 30_000);
                    settle(a);
                    a.awaitState("Empty");
                    a.beats();
                    var again = ClassicMember.of(session, "g", "b").instance("i");
                    again.joins();
                    again.syncs(again);
                    log(session, "g");
                }));
    }
}
