package io.barnabas.compat.differential;

import java.util.List;

import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;

import static io.barnabas.compat.differential.ConsumerGroupSteps.listed;
import static io.barnabas.compat.differential.GroupSteps.commit;
import static io.barnabas.compat.differential.GroupSteps.describe;
import static io.barnabas.compat.differential.GroupSteps.heartbeat;
import static io.barnabas.compat.differential.GroupSteps.join;
import static io.barnabas.compat.differential.GroupSteps.joined;
import static io.barnabas.compat.differential.GroupSteps.leave;
import static io.barnabas.compat.differential.GroupSteps.protocol;
import static io.barnabas.compat.differential.GroupSteps.ready;
import static io.barnabas.compat.differential.GroupSteps.sync;

/** The classic group protocol (kafka-semantics C.6). */
final class GroupScenarios {
    private GroupScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("find-coordinator-versions", session -> {
                    ready(session);
                    for (int version = 0; version <= 3; version++) {
                        session.call(new FindCoordinatorRequestData().setKey(session.name("g")), version);
                    }
                    for (int version = 4; version <= 6; version++) {
                        session.call(
                                new FindCoordinatorRequestData()
                                        .setCoordinatorKeys(List.of(session.name("g"), session.name("h"))),
                                version);
                    }
                }),
                new Scenario("find-coordinator-bad-type", session -> {
                    ready(session);
                    session.call(
                            new FindCoordinatorRequestData()
                                    .setKeyType((byte) 9)
                                    .setCoordinatorKeys(List.of("g")),
                            4);
                    session.call(
                            new FindCoordinatorRequestData()
                                    .setKeyType((byte) 9)
                                    .setKey("g"),
                            2);
                }),
                new Scenario("join-member-id-required", session -> {
                    ready(session);
                    JoinGroupResponseData first = session.call(join(session, "g", "", null), 5);
                    session.call(join(session, "g", first.memberId(), null), 5);
                    session.call(join(session, "g", "stranger", null), 5);
                }),
                new Scenario("join-old-versions-need-no-id", session -> {
                    ready(session);
                    for (int version = 2; version <= 3; version++) {
                        session.call(join(session, "v" + version, "", null), version);
                    }
                }),
                new Scenario("join-invalid", session -> {
                    ready(session);
                    session.call(join(session, "g", "", null).setGroupId(""), 5);
                    session.call(join(session, "g", "", null).setSessionTimeoutMs(1), 5);
                    session.call(join(session, "g", "", null).setSessionTimeoutMs(10_000_000), 5);
                    session.call(join(session, "g", "", null).setProtocolType(""), 5);
                    var none = join(session, "g", "", null);
                    none.protocols().clear();
                    session.call(none, 5);
                    session.call(join(session, "g", "somebody", null), 9);
                }),
                new Scenario("join-sync-heartbeat-leave", session -> {
                    ready(session);
                    JoinGroupResponseData joined = joined(session, "g", 7);
                    session.call(heartbeat(session, "g", joined), 4);
                    session.call(sync(session, "g", joined, joined.memberId()), 5);
                    session.call(sync(session, "g", joined, joined.memberId()), 5);
                    session.call(heartbeat(session, "g", joined), 4);
                    session.call(heartbeat(session, "g", joined).setGenerationId(9), 4);
                    session.call(heartbeat(session, "g", joined).setMemberId("stranger"), 4);
                    session.call(leave(session, "g", joined.memberId()), 4);
                    session.call(leave(session, "g", joined.memberId()), 4);
                    session.call(heartbeat(session, "g", joined), 4);
                }),
                new Scenario("sync-checks", session -> {
                    ready(session);
                    JoinGroupResponseData joined = joined(session, "g", 7);
                    session.call(sync(session, "g", joined, joined.memberId()).setGenerationId(4), 5);
                    session.call(sync(session, "g", joined, joined.memberId()).setProtocolName("other"), 5);
                    session.call(sync(session, "g", joined, joined.memberId()).setProtocolType("other"), 5);
                    session.call(sync(session, "g", joined, "stranger"), 5);
                    session.call(sync(session, "none", joined, joined.memberId()), 5);
                    session.call(sync(session, "g", joined, joined.memberId()).setGroupId(""), 5);
                    session.call(sync(session, "g", joined, joined.memberId()), 5);
                }),
                new Scenario("join-inconsistent-protocol", session -> {
                    ready(session);
                    joined(session, "g", 7);
                    session.call(join(session, "g", "", null).setProtocolType("connect"), 7);
                    var other = join(session, "g", "", null);
                    other.protocols().clear();
                    other.protocols().add(protocol("other"));
                    session.call(other, 7);
                }),
                new Scenario("heartbeat-versions", session -> {
                    ready(session);
                    JoinGroupResponseData joined = joined(session, "g", 5);
                    session.quietly(sync(session, "g", joined, joined.memberId()), 5);
                    for (int version = 0; version <= 4; version++) {
                        session.call(heartbeat(session, "g", joined), version);
                        session.call(heartbeat(session, "none", joined), version);
                    }
                }),
                new Scenario("second-member-triggers-a-rebalance", session -> {
                    ready(session);
                    JoinGroupResponseData first = joined(session, "g", 7);
                    session.quietly(sync(session, "g", first, first.memberId()), 5);
                    JoinGroupResponseData asked = session.quietly(join(session, "g", "", null), 7);
                    try (Connection other = session.connect()) {
                        int id = other.send(join(session, "g", asked.memberId(), null), (short) 7);
                        Session.await(
                                "rebalance",
                                () -> session.<org.apache.kafka.common.message.HeartbeatResponseData>quietly(
                                                        heartbeat(session, "g", first), 4)
                                                .errorCode()
                                        == 27);
                        JoinGroupResponseData again = session.quietly(join(session, "g", first.memberId(), null), 7);
                        JoinGroupResponseData second = (JoinGroupResponseData) other.receive((short) 11, (short) 7, id);
                        session.transcript()
                                .note("generations " + again.generationId() + " " + second.generationId()
                                        + " leader stays " + again.leader().equals(first.memberId()) + " members "
                                        + again.members().size() + " "
                                        + second.members().size());
                        id = other.send(sync(session, "g", second, second.memberId()), (short) 5);
                        session.transcript().note("follower waits " + other.staysSilent(200));
                        session.call(sync(session, "g", again, first.memberId(), second.memberId()), 5);
                        session.transcript().add("follower", other.receive((short) 14, (short) 5, id), (short) 5);
                    }
                }),
                new Scenario("static-member-replacement", session -> {
                    ready(session);
                    JoinGroupResponseData first = session.call(join(session, "g", "", "instance"), 7);
                    session.call(sync(session, "g", first, first.memberId()).setGroupInstanceId("instance"), 5);
                    JoinGroupResponseData second = session.call(join(session, "g", "", "instance"), 9);
                    session.call(heartbeat(session, "g", first).setGroupInstanceId("instance"), 4);
                    session.call(heartbeat(session, "g", second).setGroupInstanceId("instance"), 4);
                    session.call(join(session, "g", first.memberId(), "instance"), 7);
                    session.call(commit(session, "g", first).setGroupInstanceId("instance"), 8);
                    session.call(sync(session, "g", second, second.memberId()).setGroupInstanceId("instance"), 5);
                    session.call(sync(session, "g", first, first.memberId()).setGroupInstanceId("instance"), 5);
                }),
                new Scenario("leave-group-batches", session -> {
                    ready(session);
                    JoinGroupResponseData first = session.quietly(join(session, "g", "", "one"), 7);
                    session.quietly(sync(session, "g", first, first.memberId()), 5);
                    var request = new LeaveGroupRequestData().setGroupId(session.name("g"));
                    request.members()
                            .add(new LeaveGroupRequestData.MemberIdentity()
                                    .setMemberId("")
                                    .setGroupInstanceId("two"));
                    request.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId("ghost"));
                    request.members()
                            .add(new LeaveGroupRequestData.MemberIdentity()
                                    .setMemberId("wrong")
                                    .setGroupInstanceId("one"));
                    request.members()
                            .add(new LeaveGroupRequestData.MemberIdentity()
                                    .setMemberId("")
                                    .setGroupInstanceId("one"));
                    session.call(request, 5);
                    session.call(
                            new LeaveGroupRequestData()
                                    .setGroupId(session.name("none"))
                                    .setMemberId("x"),
                            2);
                }),
                new Scenario("describe-groups", session -> {
                    ready(session);
                    JoinGroupResponseData joined = joined(session, "g", 7);
                    describe(session);
                    session.quietly(sync(session, "g", joined, joined.memberId()), 5);
                    describe(session);
                    session.quietly(leave(session, "g", joined.memberId()), 4);
                    describe(session);
                }),
                new Scenario("list-groups", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple"), 8);
                    JoinGroupResponseData joined = joined(session, "g", 7);
                    session.quietly(sync(session, "g", joined, joined.memberId()), 5);
                    for (int version = 0; version <= 5; version++) {
                        listed(session, version, List.of(), List.of());
                    }
                    listed(session, 4, List.of("Stable"), List.of());
                    listed(session, 5, List.of("empty", "Dead"), List.of());
                    listed(session, 5, List.of(), List.of("classic"));
                    listed(session, 5, List.of(), List.of("Consumer"));
                    listed(session, 5, List.of("nonsense"), List.of());
                }));
    }
}
