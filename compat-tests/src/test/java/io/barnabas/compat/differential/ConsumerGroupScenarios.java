package io.barnabas.compat.differential;

import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;

import static io.barnabas.compat.differential.ConsumerGroupSteps.assigned;
import static io.barnabas.compat.differential.ConsumerGroupSteps.commit;
import static io.barnabas.compat.differential.ConsumerGroupSteps.deleteOffsets;
import static io.barnabas.compat.differential.ConsumerGroupSteps.describe;
import static io.barnabas.compat.differential.ConsumerGroupSteps.fetch;
import static io.barnabas.compat.differential.ConsumerGroupSteps.hear;
import static io.barnabas.compat.differential.ConsumerGroupSteps.join;
import static io.barnabas.compat.differential.ConsumerGroupSteps.joinClassic;
import static io.barnabas.compat.differential.ConsumerGroupSteps.listed;
import static io.barnabas.compat.differential.ConsumerGroupSteps.log;
import static io.barnabas.compat.differential.ConsumerGroupSteps.owning;
import static io.barnabas.compat.differential.ConsumerGroupSteps.ready;
import static io.barnabas.compat.differential.ConsumerGroupSteps.regex;
import static io.barnabas.compat.differential.ConsumerGroupSteps.stay;
import static io.barnabas.compat.differential.ConsumerGroupSteps.topic;
import static io.barnabas.compat.differential.ConsumerGroupSteps.untilEpoch;

/** The consumer group protocol (KIP-848). */
final class ConsumerGroupScenarios {
    private ConsumerGroupScenarios() {}

    static List<Scenario> all() {
        var all = new ArrayList<>(membership());
        all.addAll(subscriptions());
        all.addAll(offsets());
        all.addAll(administration());
        return all;
    }

    private static List<Scenario> membership() {
        return List.of(
                new Scenario("consumer-first-member", session -> {
                    ready(session, 4);
                    hear(session, join(session, "a"), 1);
                    hear(session, stay(session, "a", 2), 1);
                    hear(session, join(session, "a").setMemberEpoch(2).setTopicPartitions(List.of()), 1);
                    describe(session, "g");
                }),
                new Scenario("consumer-member-id-from-the-broker", session -> {
                    ready(session, 2);
                    ConsumerGroupHeartbeatResponseData joined = hear(session, join(session, ""), 0);
                    hear(session, stay(session, joined.memberId(), 2), 0);
                    hear(session, stay(session, joined.memberId(), -1), 0);
                }),
                new Scenario("consumer-malformed", session -> {
                    ready(session, 1);
                    hear(session, join(session, ""), 1);
                    hear(session, join(session, "a").setGroupId(""), 1);
                    hear(session, join(session, "a").setGroupId(" "), 1);
                    hear(session, join(session, "a").setInstanceId(""), 1);
                    hear(session, join(session, "a").setRackId(""), 1);
                    hear(session, join(session, "a").setRebalanceTimeoutMs(-1), 1);
                    hear(session, join(session, "a").setTopicPartitions(null), 1);
                    hear(session, join(session, "a").setSubscribedTopicNames(null), 1);
                    hear(session, owning(session, "a", 0, 0), 1);
                    hear(session, stay(session, "a", -2), 1);
                    hear(session, stay(session, "a", -3), 1);
                    hear(session, stay(session, "", 1), 0);
                    hear(session, stay(session, "", -1), 0);
                    hear(session, join(session, "a").setServerAssignor("sticky"), 1);
                    hear(session, join(session, "a").setServerAssignor(""), 1);
                }),
                new Scenario("consumer-unknown", session -> {
                    ready(session, 1);
                    hear(session, stay(session, "a", 1), 1);
                    hear(session, stay(session, "a", -1), 1);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                    hear(session, join(session, "a"), 1);
                    hear(session, stay(session, "b", 2), 1);
                    hear(session, stay(session, "b", -1), 1);
                    hear(session, stay(session, "b", 2).setInstanceId("i"), 1);
                    hear(session, stay(session, "b", -1).setInstanceId("i"), 1);
                    hear(session, stay(session, "b", -2).setInstanceId("i"), 1);
                }),
                new Scenario("consumer-epochs-fence", session -> {
                    ready(session, 4);
                    hear(session, join(session, "a"), 1);
                    hear(session, stay(session, "a", 3), 1);
                    hear(session, stay(session, "a", 1), 1);
                    hear(session, owning(session, "a", 1), 1);
                    hear(session, owning(session, "a", 1, 0, 1), 1);
                    hear(session, join(session, "a"), 1);
                }),
                new Scenario("consumer-rebalance-of-two", session -> {
                    ready(session, 4);
                    hear(session, join(session, "a"), 1);
                    session.quietly(join(session, "b"), 1);
                    untilEpoch(session, "b", 2, 3);
                    describe(session, "g");
                    ConsumerGroupHeartbeatResponseData kept = hear(session, stay(session, "a", 2), 1);
                    hear(session, stay(session, "b", 3), 1);
                    hear(session, owning(session, "a", 2, 0, 1, 2, 3), 1);
                    describe(session, "g");
                    hear(session, owning(session, "a", 2, assigned(kept)), 1);
                    describe(session, "g");
                    hear(session, stay(session, "b", 3), 1);
                    describe(session, "g");
                    log(session, "g");
                }),
                new Scenario("consumer-missed-answer", session -> {
                    ready(session, 4);
                    hear(session, join(session, "a"), 1);
                    session.quietly(join(session, "b"), 1);
                    untilEpoch(session, "b", 2, 3);
                    ConsumerGroupHeartbeatResponseData kept = hear(session, stay(session, "a", 2), 1);
                    hear(session, owning(session, "a", 2, assigned(kept)), 1);
                    hear(session, owning(session, "a", 2, assigned(kept)), 1);
                    hear(session, stay(session, "a", 2), 1);
                    hear(session, owning(session, "a", 2, 0, 1, 2, 3), 1);
                }),
                new Scenario("consumer-more-members-than-partitions", session -> {
                    ready(session, 1);
                    hear(session, join(session, "a"), 1);
                    session.quietly(join(session, "b"), 1);
                    untilEpoch(session, "b", 2, 3);
                    session.quietly(join(session, "c"), 1);
                    untilEpoch(session, "c", 3, 4);
                    untilEpoch(session, "a", 2, 4);
                    untilEpoch(session, "b", 3, 4);
                    describe(session, "g");
                }),
                new Scenario("consumer-leaving", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    hear(session, stay(session, "a", -1), 1);
                    hear(session, stay(session, "a", -1), 1);
                    describe(session, "g");
                    hear(session, join(session, "a"), 1);
                    log(session, "g");
                }),
                new Scenario("consumer-static", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a").setInstanceId("i"), 1);
                    hear(session, join(session, "b").setInstanceId("i"), 1);
                    hear(session, join(session, "a").setInstanceId("i"), 1);
                    hear(session, stay(session, "b", 2).setInstanceId("i"), 1);
                    hear(session, stay(session, "a", 2).setInstanceId("j"), 1);
                    hear(session, stay(session, "a", 2), 1);
                    hear(session, stay(session, "b", -2).setInstanceId("i"), 1);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                    describe(session, "g");
                    hear(session, stay(session, "a", 2).setInstanceId("i"), 1);
                    hear(session, join(session, "b").setInstanceId("i"), 1);
                    describe(session, "g");
                    hear(session, stay(session, "b", -1).setInstanceId("i"), 1);
                    describe(session, "g");
                    log(session, "g");
                }),
                new Scenario("consumer-static-same-id-again", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a").setInstanceId("i"), 1);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                    hear(session, join(session, "a").setInstanceId("i"), 1);
                    describe(session, "g");
                    log(session, "g");
                }),
                new Scenario("consumer-assignors", session -> {
                    ready(session, 5);
                    hear(session, join(session, "a").setServerAssignor("range"), 1);
                    describe(session, "g");
                    session.quietly(join(session, "b").setServerAssignor("uniform"), 1);
                    untilEpoch(session, "b", 2, 3);
                    hear(session, stay(session, "a", 2).setServerAssignor("uniform"), 1);
                    describe(session, "g");
                }));
    }

    private static List<Scenario> subscriptions() {
        return List.of(
                new Scenario("consumer-subscribes-to-nothing", session -> {
                    ready(session, 1);
                    hear(session, join(session, "a").setSubscribedTopicNames(List.of()), 1);
                    hear(session, stay(session, "a", 1), 1);
                    describe(session, "g");
                    log(session, "g");
                }),
                new Scenario("consumer-changes-subscription", session -> {
                    ready(session, 2);
                    topic(session, "u", 3);
                    hear(session, join(session, "a"), 1);
                    session.quietly(stay(session, "a", 2).setSubscribedTopicNames(List.of(session.name("u"))), 1);
                    describe(session, "g");
                    hear(session, stay(session, "a", 2).setTopicPartitions(List.of()), 1);
                    untilEpoch(session, "a", 2, 3);
                    describe(session, "g");
                    log(session, "g");
                }),
                new Scenario("consumer-topic-comes-later", session -> {
                    ready(session, 1);
                    hear(session, join(session, "a").setSubscribedTopicNames(List.of(session.name("later"))), 1);
                    hear(session, stay(session, "a", 2), 1);
                    session.topic(session.name("later"), 2);
                    untilEpoch(session, "a", 2, 3);
                    describe(session, "g");
                }),
                new Scenario("consumer-topic-grows", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    var grown = new CreatePartitionsRequestData().setTimeoutMs(10_000);
                    grown.topics()
                            .add(new CreatePartitionsRequestData.CreatePartitionsTopic()
                                    .setName(session.name("t"))
                                    .setCount(5)
                                    .setAssignments(null));
                    session.quietly(grown, 3);
                    untilEpoch(session, "a", 2, 3);
                    describe(session, "g");
                }),
                new Scenario("consumer-topic-goes", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    session.quietly(
                            new DeleteTopicsRequestData()
                                    .setTimeoutMs(10_000)
                                    .setTopics(List.of(
                                            new DeleteTopicsRequestData.DeleteTopicState().setName(session.name("t")))),
                            6);
                    untilEpoch(session, "a", 2, 3);
                    describe(session, "g");
                }),
                new Scenario("consumer-different-subscriptions", session -> {
                    ready(session, 3);
                    topic(session, "u", 3);
                    hear(session, join(session, "a"), 1);
                    session.quietly(
                            join(session, "b").setSubscribedTopicNames(List.of(session.name("t"), session.name("u"))),
                            1);
                    untilEpoch(session, "b", 2, 3);
                    untilEpoch(session, "a", 2, 3);
                    describe(session, "g");
                }),
                new Scenario("consumer-regex", session -> {
                    ready(session, 2);
                    hear(session, regex(session, "a", session.name("t")), 1);
                    untilEpoch(session, "a", 1, 2);
                    describe(session, "g");
                    hear(session, stay(session, "a", 2).setSubscribedTopicRegex(""), 1);
                    describe(session, "g");
                    log(session, "g");
                }),
                new Scenario("consumer-regex-malformed", session -> {
                    ready(session, 2);
                    hear(session, regex(session, "a", "("), 1);
                    hear(session, regex(session, "a", "a(?=b)"), 1);
                    hear(session, regex(session, "a", ""), 1);
                    hear(session, stay(session, "a", 1).setSubscribedTopicRegex("*"), 1);
                    describe(session, "g");
                }),
                new Scenario("consumer-regex-for-two", session -> {
                    ready(session, 4);
                    hear(session, regex(session, "a", session.name("t") + "|nothing"), 1);
                    untilEpoch(session, "a", 1, 2);
                    session.quietly(regex(session, "b", session.name("t") + "|nothing"), 1);
                    untilEpoch(session, "b", 2, 3);
                    hear(session, stay(session, "a", 2), 1);
                    describe(session, "g");
                }),
                new Scenario("consumer-regex-and-names", session -> {
                    ready(session, 2);
                    topic(session, "u", 1);
                    hear(session, join(session, "a").setSubscribedTopicRegex(session.name("u")), 1);
                    untilEpoch(session, "a", 2, 3);
                    describe(session, "g");
                    hear(session, stay(session, "a", -1), 1);
                    log(session, "g");
                }),
                new Scenario("consumer-rack-and-timeout-change", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a").setRackId("r1"), 1);
                    hear(session, stay(session, "a", 2).setRackId("r2").setRebalanceTimeoutMs(7_000), 1);
                    describe(session, "g");
                    log(session, "g");
                }));
    }

    private static List<Scenario> offsets() {
        return List.of(
                new Scenario("consumer-commit", session -> {
                    ready(session, 2);
                    session.call(commit(session, "a", 1), 9);
                    hear(session, join(session, "a"), 1);
                    for (int version : new int[] {8, 9, 10}) {
                        session.call(commit(session, "a", 2), version);
                    }
                    session.call(commit(session, "a", 1), 9);
                    session.call(commit(session, "a", 3), 9);
                    session.call(commit(session, "b", 2), 9);
                    session.call(commit(session, "", -1), 9);
                    hear(session, stay(session, "a", -1), 1);
                    session.call(commit(session, "a", 2), 9);
                    session.call(commit(session, "", -1), 9);
                    session.call(commit(session, "", -1), 8);
                }),
                new Scenario("consumer-commit-with-an-older-epoch", session -> {
                    ready(session, 4);
                    hear(session, join(session, "a"), 1);
                    session.quietly(join(session, "b"), 1);
                    untilEpoch(session, "b", 2, 3);
                    ConsumerGroupHeartbeatResponseData kept = hear(session, stay(session, "a", 2), 1);
                    hear(session, owning(session, "a", 2, assigned(kept)), 1);
                    for (int partition = 0; partition < 4; partition++) {
                        session.call(commit(session, "a", 2, partition), 9);
                        session.call(commit(session, "a", 1, partition), 9);
                        session.call(commit(session, "b", 3, partition), 9);
                        session.call(commit(session, "b", 2, partition), 9);
                    }
                }),
                new Scenario("consumer-fetch", session -> {
                    ready(session, 2);
                    session.call(fetch(session, "a", 1), 9);
                    hear(session, join(session, "a"), 1);
                    session.quietly(commit(session, "a", 2), 9);
                    session.call(fetch(session, "a", 2), 9);
                    session.call(fetch(session, "a", 1), 9);
                    session.call(fetch(session, "a", 3), 9);
                    session.call(fetch(session, "b", 2), 9);
                    session.call(fetch(session, null, -1), 9);
                    session.call(fetch(session, "a", -1), 9);
                    session.call(fetch(session, null, -1), 8);
                }),
                new Scenario("consumer-delete-offsets", session -> {
                    ready(session, 2);
                    topic(session, "u", 1);
                    hear(session, join(session, "a"), 1);
                    session.quietly(commit(session, "a", 2), 9);
                    session.call(deleteOffsets(session, "t"), 0);
                    session.call(deleteOffsets(session, "u"), 0);
                    hear(session, stay(session, "a", -1), 1);
                    session.call(deleteOffsets(session, "t"), 0);
                    session.call(fetch(session, null, -1), 8);
                }));
    }

    private static List<Scenario> administration() {
        return List.of(
                new Scenario("consumer-delete-group", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    session.quietly(commit(session, "a", 2), 9);
                    var deletion = new DeleteGroupsRequestData().setGroupsNames(List.of(session.name("g")));
                    session.call(deletion, 2);
                    hear(session, stay(session, "a", -1), 1);
                    session.call(deletion, 2);
                    session.call(deletion, 2);
                    describe(session, "g");
                    log(session, "g");
                }),
                new Scenario("consumer-list", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    hear(session, join(session, "a").setGroupId(session.name("h")), 1);
                    hear(session, stay(session, "a", -1).setGroupId(session.name("h")), 1);
                    joinClassic(session, "c", "");
                    for (int version = 0; version <= 5; version++) {
                        listed(session, version, List.of(), List.of());
                    }
                    listed(session, 5, List.of("Empty"), List.of());
                    listed(session, 5, List.of("stable"), List.of("consumer"));
                    listed(session, 5, List.of(), List.of("Consumer"));
                    listed(session, 5, List.of(), List.of("classic"));
                    listed(session, 5, List.of(), List.of("share"));
                }),
                new Scenario("consumer-describe", session -> {
                    ready(session, 2);
                    joinClassic(session, "c", "");
                    hear(session, join(session, "a").setInstanceId("i").setRackId("r"), 1);
                    for (int version = 0; version <= 1; version++) {
                        for (String group : List.of(session.name("g"), session.name("c"), session.name("none"), "")) {
                            session.call(
                                    new ConsumerGroupDescribeRequestData()
                                            .setGroupIds(List.of(group))
                                            .setIncludeAuthorizedOperations(true),
                                    version);
                        }
                    }
                    session.call(new DescribeGroupsRequestData().setGroups(List.of(session.name("g"))), 5);
                    session.call(new DescribeGroupsRequestData().setGroups(List.of(session.name("g"))), 6);
                }),
                new Scenario("consumer-classic-requests", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    session.call(
                            new HeartbeatRequestData()
                                    .setGroupId(session.name("g"))
                                    .setMemberId("a")
                                    .setGenerationId(2),
                            4);
                    session.call(
                            new SyncGroupRequestData()
                                    .setGroupId(session.name("g"))
                                    .setMemberId("a")
                                    .setGenerationId(2),
                            5);
                    var leaving = new LeaveGroupRequestData().setGroupId(session.name("g"));
                    leaving.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId("b"));
                    leaving.members()
                            .add(new LeaveGroupRequestData.MemberIdentity()
                                    .setMemberId("")
                                    .setGroupInstanceId("i"));
                    session.call(leaving, 5);
                    describe(session, "g");
                    leaving.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId("a"));
                    session.call(leaving, 5);
                    describe(session, "g");
                }),
                new Scenario("consumer-after-empty-classic", session -> {
                    ready(session, 2);
                    var joined = joinClassic(session, "g", "");
                    var leaving = new LeaveGroupRequestData().setGroupId(session.name("g"));
                    leaving.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId(joined.memberId()));
                    session.call(leaving, 5);
                    hear(session, stay(session, "a", 1), 1);
                    hear(session, join(session, "a"), 1);
                    describe(session, "g");
                }),
                new Scenario("consumer-then-classic", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    hear(session, stay(session, "a", -1), 1);
                    joinClassic(session, "g", "");
                    describe(session, "g");
                    session.call(new DescribeGroupsRequestData().setGroups(List.of(session.name("g"))), 6);
                }),
                new Scenario("consumer-after-offsets-only", session -> {
                    ready(session, 2);
                    session.call(commit(session, "", -1), 9);
                    hear(session, join(session, "a"), 1);
                    session.call(fetch(session, "a", 2), 9);
                    log(session, "g");
                }));
    }
}
