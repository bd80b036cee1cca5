package io.barnabas.compat.differential;

import java.util.List;

import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;

import static io.barnabas.compat.differential.ClassicMember.settle;
import static io.barnabas.compat.differential.ConsumerGroupSteps.commit;
import static io.barnabas.compat.differential.ConsumerGroupSteps.deleteOffsets;
import static io.barnabas.compat.differential.ConsumerGroupSteps.describe;
import static io.barnabas.compat.differential.ConsumerGroupSteps.fetch;
import static io.barnabas.compat.differential.ConsumerGroupSteps.hear;
import static io.barnabas.compat.differential.ConsumerGroupSteps.join;
import static io.barnabas.compat.differential.ConsumerGroupSteps.listed;
import static io.barnabas.compat.differential.ConsumerGroupSteps.log;
import static io.barnabas.compat.differential.ConsumerGroupSteps.ready;
import static io.barnabas.compat.differential.ConsumerGroupSteps.stay;
import static io.barnabas.compat.differential.ConsumerGroupSteps.untilEpoch;
import static io.barnabas.compat.differential.MigrationScenarios.beat;
import static io.barnabas.compat.differential.MigrationScenarios.classicJoin;
import static io.barnabas.compat.differential.MigrationScenarios.describeClassic;
import static io.barnabas.compat.differential.MigrationScenarios.stable;
import static io.barnabas.compat.differential.MigrationScenarios.state;
import static io.barnabas.compat.differential.MigrationScenarios.subscription;
import static io.barnabas.compat.differential.MigrationScenarios.sync;

/** What becomes of offsets, records and silent members when members of both protocols share a group (KIP-848). */
final class MixedGroupScenarios {
    private MixedGroupScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("mixed-records-up-and-down", session -> {
                    ready(session, 2);
                    var classic = stable(session, null);
                    hear(session, join(session, "b").setSubscribedTopicNames(List.of()), 1);
                    log(session, "g");
                    hear(session, stay(session, "b", -1), 1);
                    beat(session, classic, 2);
                    state(session);
                    session.call(classicJoin(session, classic, null), 9);
                    log(session, "g");
                }),
                new Scenario("mixed-records-static", session -> {
                    ready(session, 2);
                    stable(session, "i");
                    hear(session, join(session, "b").setInstanceId("i"), 1);
                    hear(session, stay(session, "b", -2).setInstanceId("i"), 1);
                    describe(session, "g");
                    hear(session, join(session, "c").setInstanceId("i"), 1);
                    log(session, "g");
                }),
                new Scenario("mixed-offsets-survive", session -> {
                    ready(session, 2);
                    var classic = stable(session, null);
                    session.call(commit(session, classic, 1), 8);
                    hear(session, join(session, "b"), 1);
                    session.call(fetch(session, "b", 2), 9);
                    session.call(fetch(session, null, -1), 8);
                    session.call(fetch(session, classic, 2), 9);
                    session.call(commit(session, classic, 2), 8);
                    session.call(commit(session, classic, 1), 8);
                    session.call(commit(session, "b", 2), 8);
                    session.call(commit(session, "b", 2), 9);
                    session.call(commit(session, "", -1), 9);
                    session.call(deleteOffsets(session, "t"), 0);
                    hear(session, stay(session, "b", -1), 1);
                    session.call(fetch(session, null, -1), 8);
                    session.call(commit(session, classic, 2), 9);
                    session.call(commit(session, "b", 2), 9);
                }),
                new Scenario("mixed-listed", session -> {
                    ready(session, 2);
                    stable(session, null);
                    listed(session, 5, List.of(), List.of("classic"));
                    hear(session, join(session, "b"), 1);
                    listed(session, 5, List.of(), List.of("classic"));
                    listed(session, 5, List.of(), List.of("consumer"));
                    describeClassic(session);
                    hear(session, stay(session, "b", -1), 1);
                    listed(session, 5, List.of(), List.of("classic"));
                    describe(session, "g");
                }),
                new Scenario("mixed-too-large", session -> {
                    ready(session, 4);
                    byte[] metadata = subscription(session);
                    settle(
                            ClassicMember.of(session, "g", "a").metadata(metadata),
                            ClassicMember.of(session, "g", "b").metadata(metadata),
                            ClassicMember.of(session, "g", "c").metadata(metadata),
                            ClassicMember.of(session, "g", "d").metadata(metadata));
                    hear(session, join(session, "e"), 1);
                    state(session);
                }),
                new Scenario("mixed-classic-session-timeout", session -> {
                    ready(session, 2);
                    var classic = classicJoin(session, "", "i").setSessionTimeoutMs(700);
                    hear(session, join(session, "b"), 1);
                    JoinGroupResponseData joined = session.call(classic, 9);
                    sync(session, joined.memberId(), joined.generationId());
                    Session.await(
                            "the end of the session",
                            () -> ConsumerMember.group(session).members().size() == 1);
                    beat(session, joined.memberId(), joined.generationId());
                    state(session);
                    log(session, "g");
                }),
                new Scenario("mixed-classic-does-not-rejoin", session -> {
                    ready(session, 2);
                    var classic = classicJoin(session, "", "i").setRebalanceTimeoutMs(700);
                    JoinGroupResponseData joined = session.call(classic, 9);
                    session.quietly(
                            new SyncGroupRequestData()
                                    .setGroupId(session.name("g"))
                                    .setMemberId(joined.memberId())
                                    .setGroupInstanceId("i")
                                    .setGenerationId(joined.generationId()),
                            5);
                    // Which partition is its depends on the id that the broker drew.
                    session.quietly(join(session, "b"), 1);
                    Session.await("a rebalance", () -> {
                        HeartbeatResponseData answer = session.quietly(
                                new HeartbeatRequestData()
                                        .setGroupId(session.name("g"))
                                        .setMemberId(joined.memberId())
                                        .setGroupInstanceId("i")
                                        .setGenerationId(joined.generationId()),
                                4);
                        return answer.errorCode() == 25;
                    });
                    untilEpoch(session, "b", 2, 3);
                    describe(session, "g");
                }),
                new Scenario("mixed-removed-by-an-administrator", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a").setInstanceId("i"), 1);
                    JoinGroupResponseData joined = session.call(classicJoin(session, "", "j"), 9);
                    sync(session, joined.memberId(), joined.generationId());
                    for (var instances : List.of(List.of("j", "j", "k"), List.of("j", "i"))) {
                        var removal = new LeaveGroupRequestData().setGroupId(session.name("g"));
                        removal.members()
                                .add(new LeaveGroupRequestData.MemberIdentity()
                                        .setMemberId("stranger")
                                        .setGroupInstanceId("i"));
                        for (String instance : instances) {
                            removal.members()
                                    .add(new LeaveGroupRequestData.MemberIdentity().setGroupInstanceId(instance));
                        }
                        session.call(removal, 5);
                    }
                    describe(session, "g");
                    log(session, "g");
                }),
                new Scenario("mixed-classic-static-fenced", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    JoinGroupResponseData first = session.call(classicJoin(session, "", "i"), 9);
                    JoinGroupResponseData second = session.call(classicJoin(session, "", "i"), 9);
                    beat(session, first.memberId(), first.generationId());
                    beat(session, second.memberId(), second.generationId());
                    session.call(classicJoin(session, first.memberId(), "i"), 9);
                    hear(session, join(session, "b").setInstanceId("i"), 1);
                    session.call(classicJoin(session, "", "i"), 9);
                    describe(session, "g");
                }),
                new Scenario("mixed-classic-old-versions", session -> {
                    ready(session, 2);
                    for (int version = 0; version <= 4; version++) {
                        session.quietly(join(session, "a").setGroupId(session.name("g")), 1);
                        JoinGroupResponseData joined = session.call(classicJoin(session, "", null), version);
                        if (joined.errorCode() == 79) {
                            joined = session.call(classicJoin(session, joined.memberId(), null), version);
                        }
                        sync(session, joined.memberId(), joined.generationId());
                        beat(session, joined.memberId(), joined.generationId());
                        session.call(GroupSteps.leave(session, "g", joined.memberId(), version), version);
                    }
                }));
    }
}
