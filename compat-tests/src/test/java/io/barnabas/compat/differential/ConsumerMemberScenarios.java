package io.barnabas.compat.differential;

import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;

import static io.barnabas.compat.differential.ConsumerGroupSteps.commit;
import static io.barnabas.compat.differential.ConsumerGroupSteps.describe;
import static io.barnabas.compat.differential.ConsumerGroupSteps.fetch;
import static io.barnabas.compat.differential.ConsumerGroupSteps.hear;
import static io.barnabas.compat.differential.ConsumerGroupSteps.join;
import static io.barnabas.compat.differential.ConsumerGroupSteps.joinClassic;
import static io.barnabas.compat.differential.ConsumerGroupSteps.log;
import static io.barnabas.compat.differential.ConsumerGroupSteps.owning;
import static io.barnabas.compat.differential.ConsumerGroupSteps.ready;
import static io.barnabas.compat.differential.ConsumerGroupSteps.regex;
import static io.barnabas.compat.differential.ConsumerGroupSteps.stay;
import static io.barnabas.compat.differential.ConsumerGroupSteps.topic;
import static io.barnabas.compat.differential.ConsumerGroupSteps.untilEpoch;
import static io.barnabas.compat.differential.ConsumerMember.joins;
import static io.barnabas.compat.differential.ConsumerMember.settle;

/** Consumer groups (KIP-848) with several members: what they get, what their group may set, and those that are silent. */
final class ConsumerMemberScenarios {
    private ConsumerMemberScenarios() {}

    static List<Scenario> all() {
        var all = new ArrayList<>(assignments());
        all.addAll(subscriptions());
        all.addAll(timeouts());
        all.addAll(bounds());
        return all;
    }

    private static List<Scenario> assignments() {
        return List.of(
                new Scenario("consumer-uniform-of-three", session -> {
                    prompt(session);
                    ready(session, 7);
                    var a = joins(session, "a");
                    settle(session, 0, a);
                    var b = joins(session, "b");
                    settle(session, 2, a, b);
                    var c = joins(session, "c");
                    settle(session, 3, a, b, c);
                    b.leaves();
                    settle(session, 4, a, c);
                    a.leaves();
                    settle(session, 5, c);
                    log(session, "g");
                }),
                new Scenario("consumer-range-of-three", session -> {
                    prompt(session);
                    ready(session, 5);
                    topic(session, "u", 2);
                    topic(session, "v", 4);
                    var topics = List.of(session.name("t"), session.name("u"), session.name("v"));
                    var a = joins(session, "a", wish -> wish.setServerAssignor("range")
                            .setSubscribedTopicNames(topics));
                    settle(session, 0, a);
                    var b = joins(session, "b", wish -> wish.setServerAssignor("range")
                            .setSubscribedTopicNames(topics.subList(0, 2)));
                    settle(session, 2, a, b);
                    var c = joins(session, "c", wish -> wish.setServerAssignor("range")
                            .setInstanceId("i")
                            .setSubscribedTopicNames(topics));
                    settle(session, 3, a, b, c);
                    a.leaves();
                    settle(session, 4, b, c);
                }),
                new Scenario("consumer-assignor-votes", session -> {
                    prompt(session);
                    ready(session, 5);
                    var a = joins(session, "a", wish -> wish.setServerAssignor("range"));
                    settle(session, 0, a);
                    var b = joins(session, "b");
                    settle(session, 2, a, b);
                    var c = joins(session, "c", wish -> wish.setServerAssignor("uniform"));
                    settle(session, 3, a, b, c);
                    a.leaves();
                    settle(session, 4, b, c);
                }),
                new Scenario("consumer-claims", session -> {
                    ready(session, 3);
                    hear(session, join(session, "a"), 1);
                    hear(session, owning(session, "a", 2, 0, 1, 2), 1);
                    hear(session, owning(session, "a", 2, 2, 0, 0), 1);
                    hear(session, owning(session, "a", 2, 9), 1);
                    hear(session, owning(session, "a", 2, -1), 1);
                    var unknown = new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                            .setTopicId(new Uuid(8, 9))
                            .setPartitions(List.of(0));
                    hear(session, stay(session, "a", 2).setTopicPartitions(List.of(unknown)), 1);
                    hear(session, stay(session, "a", 2).setTopicPartitions(List.of()), 1);
                    describe(session, "g");
                }),
                new Scenario("consumer-static-successor", session -> {
                    prompt(session);
                    ready(session, 4);
                    topic(session, "u", 2);
                    var a = joins(session, "a", wish -> wish.setInstanceId("i"));
                    settle(session, 0, a);
                    var b = joins(session, "b");
                    settle(session, 2, a, b);
                    session.quietly(commit(session, "a", 3), 9);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                    describe(session, "g");
                    session.call(commit(session, "a", 3), 9);
                    session.call(fetch(session, "a", 3), 9);
                    var c = joins(session, "c", wish -> wish.setInstanceId("i"));
                    describe(session, "g");
                    session.call(commit(session, "a", 3), 9);
                    session.call(commit(session, "c", c.epoch()), 9);
                    session.call(fetch(session, "c", c.epoch()), 9);
                    hear(session, stay(session, "c", -2).setInstanceId("i"), 1);
                    var d = joins(session, "d", wish -> wish.setInstanceId("i")
                            .setSubscribedTopicNames(List.of(session.name("t"), session.name("u"))));
                    settle(session, 3, b, d);
                    log(session, "g");
                }));
    }

    private static List<Scenario> subscriptions() {
        return List.of(
                new Scenario("consumer-topic-made-again", session -> {
                    prompt(session);
                    ready(session, 2);
                    var a = joins(session, "a");
                    settle(session, 0, a);
                    session.quietly(commit(session, "a", a.epoch()), 9);
                    session.quietly(
                            new DeleteTopicsRequestData()
                                    .setTimeoutMs(30_000)
                                    .setTopics(List.of(
                                            new DeleteTopicsRequestData.DeleteTopicState().setName(session.name("t")))),
                            6);
                    settle(session, 2, a);
                    session.topic(session.name("t"), 3);
                    settle(session, 3, a);
                    session.call(fetch(session, "a", a.epoch()), 9);
                    session.call(commit(session, "a", a.epoch(), 0, 2, 3), 9);
                    session.call(commit(session, "a", a.epoch(), 0, 2), 10);
                    log(session, "g");
                }),
                new Scenario("consumer-regex-of-two-that-leave", session -> {
                    prompt(session);
                    ready(session, 2);
                    String wish = session.name("[tu]");
                    hear(session, regex(session, "a", wish), 1);
                    untilEpoch(session, "a", 1, 2);
                    var b = joins(session, "b", join -> join.setSubscribedTopicNames(null)
                            .setSubscribedTopicRegex(wish));
                    b.beatsUntil(3);
                    hear(session, stay(session, "a", -1), 1);
                    describe(session, "g");
                    b.leaves();
                    log(session, "g");
                }),
                new Scenario("consumer-regex-and-topics-that-come-later", session -> {
                    prompt(session);
                    ready(session, 2);
                    var a = joins(session, "a", wish -> wish.setSubscribedTopicNames(null)
                            .setSubscribedTopicRegex(session.name("[tu]")));
                    a.beatsUntil(2);
                    // What is new is looked for every ten seconds at most.
                    var b = joins(session, "b", wish -> wish.setSubscribedTopicNames(null)
                            .setSubscribedTopicRegex(session.name("[vw]")));
                    session.topic(session.name("u"), 1);
                    session.topic(session.name("v"), 1);
                    session.topic(session.name("x"), 1);
                    Session.await("assignments of the new topics", () -> {
                        a.beats();
                        b.beats();
                        String group = ConsumerMember.group(session).toString();
                        return group.contains("'" + session.name("u") + "'")
                                && group.contains("'" + session.name("v") + "'");
                    });
                    settle(session, 2, a, b);
                }));
    }

    private static List<Scenario> timeouts() {
        return List.of(
                new Scenario("consumer-session-timeout", session -> {
                    shortSessions(session, 1_000);
                    ready(session, 4);
                    hear(session, join(session, "a"), 1);
                    joins(session, "b").beatsUntil(4);
                    hear(session, stay(session, "a", 2), 1);
                    describe(session, "g");
                    log(session, "g");
                }),
                new Scenario("consumer-static-session-timeout", session -> {
                    shortSessions(session, 600);
                    ready(session, 2);
                    hear(session, join(session, "a").setInstanceId("i"), 1);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                    Session.await(
                            "the end of the session",
                            () -> ConsumerMember.group(session).members().isEmpty());
                    describe(session, "g");
                    hear(session, stay(session, "a", 2).setInstanceId("i"), 1);
                    hear(session, join(session, "b").setInstanceId("i"), 1);
                    log(session, "g");
                }),
                new Scenario("consumer-rebalance-timeout", session -> {
                    prompt(session);
                    ready(session, 4);
                    hear(session, join(session, "a").setRebalanceTimeoutMs(600), 1);
                    var b = joins(session, "b");
                    b.beatsUntil(3);
                    hear(session, stay(session, "a", 2), 1);
                    // It does not give up what it has to.
                    Session.await("the end of patience", () -> {
                        ConsumerGroupHeartbeatResponseData answer =
                                session.quietly(owning(session, "a", 2, 0, 1, 2, 3), 1);
                        return answer.errorCode() != 0;
                    });
                    hear(session, owning(session, "a", 2, 0, 1, 2, 3), 1);
                    b.beatsUntil(4);
                    describe(session, "g");
                    log(session, "g");
                }));
    }

    private static List<Scenario> bounds() {
        return List.of(
                new Scenario("consumer-max-size", session -> {
                    prompt(session);
                    ready(session, 4);
                    var a = joins(session, "a");
                    settle(session, 0, a);
                    var b = joins(session, "b");
                    settle(session, 2, a, b);
                    var c = joins(session, "c");
                    settle(session, 3, a, b, c);
                    hear(session, join(session, "d"), 1);
                    hear(session, join(session, "d").setInstanceId("d"), 1);
                    session.transcript()
                            .note("classic " + joinClassic(session, "g", "").errorCode());
                    hear(session, join(session, "a"), 1);
                    c.leaves();
                    hear(session, join(session, "d"), 1);
                    log(session, "g");
                }),
                new Scenario("consumer-group-configs", session -> {
                    ready(session, 1);
                    hear(session, join(session, "a"), 1);
                    configure(session, "consumer.heartbeat.interval.ms", "700");
                    untilInterval(session, 700);
                    hear(session, stay(session, "a", 2), 1);
                    for (String[] config : new String[][] {
                        {"consumer.heartbeat.interval.ms", "99"},
                        {"consumer.heartbeat.interval.ms", "15001"},
                        {"consumer.heartbeat.interval.ms", "soon"},
                        {"consumer.session.timeout.ms", "499"},
                        {"consumer.session.timeout.ms", "60001"},
                        {"consumer.session.timeout.ms", "700"},
                        {"consumer.assignment.interval.ms", "-1"},
                        {"consumer.assignor.offload.enable", "perhaps"},
                        {"no.such.key", "1"}
                    }) {
                        session.call(config(session, "g", config[0], config[1]), 1);
                    }
                    session.call(config(session, "", "consumer.session.timeout.ms", "1000"), 1);
                    session.quietly(config(session, "g", "consumer.heartbeat.interval.ms", null), 1);
                    untilInterval(session, 5_000);
                    hear(session, stay(session, "a", 2), 1);
                }),
                new Scenario("consumer-commit-details", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    for (int version : new int[] {9, 10}) {
                        var request = commit(session, "a", 2, 0, 1, 7, 0);
                        var partitions = request.topics().get(0).partitions();
                        partitions.get(0).setCommittedMetadata(null).setCommittedLeaderEpoch(5);
                        partitions.get(1).setCommittedMetadata("x".repeat(4_097));
                        partitions.get(3).setCommittedOffset(-1);
                        session.call(request, version);
                        session.call(request.setGroupInstanceId("i"), version);
                    }
                    var unknown = commit(session, "a", 2);
                    unknown.topics().get(0).setName(session.name("none")).setTopicId(new Uuid(8, 9));
                    unknown.topics().get(0).partitions().add(new OffsetCommitRequestPartition().setPartitionIndex(1));
                    session.call(unknown, 9);
                    session.call(unknown, 10);
                    session.call(fetch(session, "a", 2), 9);
                    log(session, "g");
                }),
                new Scenario("consumer-describe-several", session -> {
                    ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    hear(session, join(session, "a").setGroupId(session.name("h")), 1);
                    hear(session, stay(session, "a", -1).setGroupId(session.name("h")), 1);
                    joinClassic(session, "c", "");
                    for (String group : List.of("g", "h", "c", "none")) {
                        session.call(
                                new ConsumerGroupDescribeRequestData().setGroupIds(List.of(session.name(group))), 0);
                    }
                    session.call(new ConsumerGroupDescribeRequestData(), 1);
                    session.call(
                            new ConsumerGroupDescribeRequestData()
                                    .setGroupIds(List.of(session.name("g"), session.name("g"))),
                            1);
                }));
    }

    /** Lets the group compute its assignments as soon as they are due. */
    static void prompt(Session session) {
        configure(session, "consumer.assignment.interval.ms", "0");
    }

    private static void shortSessions(Session session, int timeoutMs) {
        prompt(session);
        configure(session, "consumer.heartbeat.interval.ms", "200");
        configure(session, "consumer.session.timeout.ms", Integer.toString(timeoutMs));
    }

    /** Sets one of the group's configs. The coordinator knows it when it knows a topic that is made afterwards. */
    static void configure(Session session, String key, String value) {
        session.quietly(config(session, "g", key, value), 1);
    }

    private static IncrementalAlterConfigsRequestData config(Session session, String group, String key, String value) {
        var resource = new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                .setResourceType((byte) 32)
                .setResourceName(group.isEmpty() ? "" : session.name(group));
        resource.configs()
                .add(new IncrementalAlterConfigsRequestData.AlterableConfig()
                        .setName(key)
                        .setConfigOperation((byte) (value == null ? 1 : 0))
                        .setValue(value));
        var request = new IncrementalAlterConfigsRequestData();
        request.resources().add(resource);
        return request;
    }

    private static void untilInterval(Session session, int intervalMs) {
        Session.await("an interval of " + intervalMs + " ms", () -> {
            ConsumerGroupHeartbeatResponseData answer = session.quietly(stay(session, "a", 2), 1);
            return answer.heartbeatIntervalMs() == intervalMs;
        });
    }
}
