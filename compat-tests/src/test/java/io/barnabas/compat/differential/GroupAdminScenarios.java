package io.barnabas.compat.differential;

import java.util.List;

import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;

import static io.barnabas.compat.differential.ClassicMember.settle;
import static io.barnabas.compat.differential.ConsumerGroupSteps.listed;
import static io.barnabas.compat.differential.ConsumerGroupSteps.log;
import static io.barnabas.compat.differential.GroupSteps.commit;
import static io.barnabas.compat.differential.GroupSteps.describe;
import static io.barnabas.compat.differential.GroupSteps.fetchOffsets;
import static io.barnabas.compat.differential.GroupSteps.ready;

/** What administrators ask of classic groups: where they are, how they are, and to delete them. */
final class GroupAdminScenarios {
    private GroupAdminScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("find-coordinator-odd-keys", session -> {
                    ready(session);
                    for (int version = 0; version <= 3; version++) {
                        session.call(new FindCoordinatorRequestData().setKey(""), version);
                    }
                    for (int version = 4; version <= 6; version++) {
                        session.call(
                                new FindCoordinatorRequestData()
                                        .setCoordinatorKeys(List.of("", session.name("g"), session.name("g"), "ü/:")),
                                version);
                        session.call(new FindCoordinatorRequestData().setCoordinatorKeys(List.of()), version);
                        for (int type : new int[] {-1, 3, 127}) {
                            session.call(
                                    new FindCoordinatorRequestData()
                                            .setKeyType((byte) type)
                                            .setCoordinatorKeys(List.of("g", "h")),
                                    version);
                        }
                    }
                }),
                new Scenario("describe-groups-in-every-state", session -> {
                    ready(session);
                    var a = ClassicMember.of(session, "g", "a").instance("i");
                    a.joins();
                    describe(session);
                    a.syncs(a);
                    describe(session);
                    var b = ClassicMember.of(session, "g", "b");
                    b.waitsIn(2);
                    describe(session);
                    a.joins();
                    b.joined();
                    describe(session);
                    a.syncs(a, b);
                    a.leaves();
                    b.leaves();
                    describe(session);
                }),
                new Scenario("describe-several-groups", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple"), 8);
                    settle(ClassicMember.of(session, "g", "a"));
                    settle(ClassicMember.of(session, "h", "b").type("connect"));
                    for (int version : new int[] {4, 5, 6}) {
                        session.call(
                                new DescribeGroupsRequestData()
                                        .setGroups(List.of(
                                                session.name("simple"),
                                                session.name("g"),
                                                session.name("h"),
                                                session.name("none"),
                                                session.name("g"))),
                                version);
                    }
                    session.call(new DescribeGroupsRequestData(), 6);
                }),
                new Scenario("list-groups-by-state", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple"), 8);
                    var a = ClassicMember.of(session, "g", "a");
                    settle(a);
                    ClassicMember.of(session, "g", "b").waitsIn(2);
                    ClassicMember.of(session, "h", "c").joins();
                    settle(ClassicMember.of(session, "c", "d").type("connect"));
                    for (var states : List.of(
                            List.of("PreparingRebalance"),
                            List.of("completingrebalance"),
                            List.of("STABLE", "Empty"),
                            List.of("Assigning", "Reconciling", "NotReady"),
                            List.of("Dead", "Unknown"),
                            List.of(""))) {
                        listed(session, 4, states, List.of());
                        listed(session, 5, states, List.of());
                        listed(session, 5, states, List.of("classic"));
                        listed(session, 5, states, List.of("consumer", "share", "streams"));
                    }
                    listed(session, 5, List.of(), List.of("nonsense"));
                    listed(session, 5, List.of(), List.of("CLASSIC", "nonsense"));
                    listed(session, 5, List.of(), List.of("unknown"));
                    listed(session, 5, List.of(), List.of(""));
                }),
                new Scenario("delete-groups-in-every-version", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    settle(ClassicMember.of(session, "g", "a"));
                    for (int version = 0; version <= 2; version++) {
                        session.quietly(commit(session, "simple"), 8);
                        session.call(
                                new DeleteGroupsRequestData().setGroupsNames(List.of(session.name("simple"))), version);
                        session.call(
                                new DeleteGroupsRequestData().setGroupsNames(List.of(session.name("simple"))), version);
                        session.call(new DeleteGroupsRequestData().setGroupsNames(List.of(session.name("g"))), version);
                        session.call(new DeleteGroupsRequestData().setGroupsNames(List.of("")), version);
                        session.call(new DeleteGroupsRequestData(), version);
                        session.call(fetchOffsets(session, "simple"), 7);
                    }
                    log(session, "simple");
                }),
                new Scenario("delete-groups-that-had-members", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var a = ClassicMember.of(session, "g", "a");
                    settle(a);
                    a.commits();
                    a.leaves();
                    session.call(
                            new DeleteGroupsRequestData().setGroupsNames(List.of(session.name("g"), session.name("g"))),
                            2);
                    describe(session);
                    a.beats();
                    a.joins();
                    var b = ClassicMember.of(session, "g", "b");
                    settle(b);
                    log(session, "g");
                }));
    }
}
