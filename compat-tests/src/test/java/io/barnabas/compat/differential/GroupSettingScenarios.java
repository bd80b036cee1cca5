package io.barnabas.compat.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;

import static io.barnabas.compat.differential.ClassicMember.settle;
import static io.barnabas.compat.differential.ConsumerGroupSteps.describe;
import static io.barnabas.compat.differential.ConsumerGroupSteps.hear;
import static io.barnabas.compat.differential.ConsumerGroupSteps.join;
import static io.barnabas.compat.differential.ConsumerGroupSteps.log;
import static io.barnabas.compat.differential.ConsumerGroupSteps.stay;
import static io.barnabas.compat.differential.GroupSteps.commit;
import static io.barnabas.compat.differential.GroupSteps.fetchOffsets;
import static io.barnabas.compat.differential.MigrationScenarios.beat;
import static io.barnabas.compat.differential.MigrationScenarios.classicJoin;
import static io.barnabas.compat.differential.MigrationScenarios.describeClassic;
import static io.barnabas.compat.differential.MigrationScenarios.stable;
import static io.barnabas.compat.differential.MigrationScenarios.state;
import static io.barnabas.compat.differential.MigrationScenarios.subscription;

/** What brokers may forbid or bound; each kind of settings has brokers of its own. */
final class GroupSettingScenarios {
    private static final Map<String, String> STRICT = Map.of(
            "group.consumer.migration.policy", "disabled",
            "group.consumer.assignors", "range",
            "offset.metadata.max.bytes", "10",
            "offsets.retention.check.interval.ms", "500");

    private static final Map<String, String> CLASSIC_ONLY = Map.of(
            "group.coordinator.rebalance.protocols", "classic",
            "group.initial.rebalance.delay.ms", "700");

    private GroupSettingScenarios() {}

    static List<Scenario> all() {
        var all = new ArrayList<>(moves("disabled", STRICT));
        all.addAll(strict());
        all.addAll(moves("upgrade", Map.of("group.consumer.migration.policy", "upgrade")));
        all.addAll(moves("downgrade", Map.of("group.consumer.migration.policy", "downgrade")));
        all.addAll(classicOnly());
        return all;
    }

    /** Both ways between the protocols under a policy. */
    private static List<Scenario> moves(String policy, Map<String, String> settings) {
        return List.of(
                new Scenario("policy-" + policy + "-up", settings, session -> {
                    ConsumerGroupSteps.ready(session, 2);
                    var classic = stable(session, null);
                    hear(session, join(session, "b"), 1);
                    describe(session, "g");
                    state(session);
                    beat(session, classic, 1);
                }),
                new Scenario("policy-" + policy + "-classic-joins", settings, session -> {
                    ConsumerGroupSteps.ready(session, 2);
                    hear(session, join(session, "a"), 1);
                    session.call(classicJoin(session, "", "i"), 9);
                    describe(session, "g");
                    hear(session, stay(session, "a", -1), 1);
                    state(session);
                    describe(session, "g");
                }),
                new Scenario("policy-" + policy + "-static-down", settings, session -> {
                    ConsumerGroupSteps.ready(session, 2);
                    hear(session, join(session, "a").setInstanceId("i"), 1);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                    session.call(classicJoin(session, "", "i"), 9);
                    state(session);
                    describe(session, "g");
                }));
    }

    private static List<Scenario> strict() {
        return List.of(
                new Scenario("setting-one-assignor", STRICT, session -> {
                    ConsumerGroupSteps.ready(session, 2);
                    hear(session, join(session, "a").setServerAssignor("uniform"), 1);
                    hear(session, join(session, "a"), 1);
                    describe(session, "g");
                }),
                new Scenario("setting-little-metadata", STRICT, session -> {
                    GroupSteps.ready(session);
                    session.topic(session.name("t"), 2);
                    for (int length : new int[] {10, 11}) {
                        var request = commit(session, "simple");
                        request.topics().get(0).partitions().get(0).setCommittedMetadata("x".repeat(length));
                        session.call(request, 9);
                    }
                }),
                new Scenario("offsets-expire", STRICT, session -> {
                    GroupSteps.ready(session);
                    session.topic(session.name("t"), 2);
                    session.topic(session.name("u"), 1);
                    session.quietly(commit(session, "simple"), 9);
                    session.quietly(shortLived(session, "simple", "u"), 4);
                    session.quietly(shortLived(session, "h", "u"), 4);
                    untilDead(session, "h");
                    untilOffsetsOfOneTopic(session, "simple");
                    session.call(fetchOffsets(session, "simple").setTopics(null), 7);
                    session.call(fetchOffsets(session, "h").setTopics(null), 7);
                    log(session, "h");
                }),
                new Scenario("offsets-expire-unless-subscribed", STRICT, session -> {
                    GroupSteps.ready(session);
                    session.topic(session.name("t"), 2);
                    session.topic(session.name("u"), 1);
                    var a = joinsAtOnce(session).metadata(subscription(session));
                    settle(a);
                    for (String topic : List.of("t", "u")) {
                        session.quietly(
                                shortLived(session, "g", topic)
                                        .setMemberId(a.id())
                                        .setGenerationIdOrMemberEpoch(a.generation()),
                                4);
                    }
                    untilOffsetsOfOneTopic(session, "g");
                    session.call(fetchOffsets(session, "g").setTopics(null), 7);
                    a.leaves();
                    untilDead(session, "g");
                }),
                new Scenario("empty-group-goes", STRICT, session -> {
                    GroupSteps.ready(session);
                    var a = joinsAtOnce(session);
                    settle(a);
                    a.leaves();
                    untilDead(session, "g");
                    log(session, "g");
                    hear(session, join(session, "a").setSubscribedTopicNames(List.of()), 1);
                    hear(session, stay(session, "a", -1), 1);
                    Session.await(
                            "the end of the group",
                            () -> ConsumerMember.group(session).errorCode() != 0);
                    describe(session, "g");
                    log(session, "g");
                }));
    }

    private static List<Scenario> classicOnly() {
        return List.of(
                new Scenario("setting-classic-only", CLASSIC_ONLY, session -> {
                    GroupSteps.ready(session);
                    hear(session, join(session, "a"), 1);
                    session.call(new ConsumerGroupDescribeRequestData().setGroupIds(List.of(session.name("g"))), 1);
                    session.call(
                            new ConsumerGroupDescribeRequestData()
                                    .setGroupIds(List.of(session.name("g"), "", session.name("none"))),
                            0);
                }),
                new Scenario("setting-initial-delay", CLASSIC_ONLY, session -> {
                    GroupSteps.ready(session);
                    var a = ClassicMember.of(session, "g", "a");
                    var b = ClassicMember.of(session, "g", "b");
                    a.waitsIn(1);
                    b.waitsIn(2);
                    a.stillWaits();
                    describeClassic(session);
                    a.joined();
                    b.joined();
                    a.syncs(a, b);
                    b.syncs();
                    describeClassic(session);
                }));
    }

    /** An offset that may go at once: with a version that says for how long it is to be kept. */
    static OffsetCommitRequestData shortLived(Session session, String group, String topic) {
        var request = commit(session, group).setRetentionTimeMs(1);
        request.topics().get(0).setName(session.name(topic));
        request.topics()
                .get(0)
                .setPartitions(request.topics().get(0).partitions().subList(0, 1));
        return request;
    }

    /** A group that has nothing but an id given out may expire: this member does not wait for one. */
    private static ClassicMember joinsAtOnce(Session session) {
        return ClassicMember.of(session, "g", "a").speaking(3);
    }

    private static void untilOffsetsOfOneTopic(Session session, String group) {
        Session.await("the end of an offset of " + group, () -> {
            OffsetFetchResponseData answer =
                    session.quietly(fetchOffsets(session, group).setTopics(null), 7);
            return answer.topics().size() <= 1;
        });
    }

    static void untilDead(Session session, String group) {
        Session.await("the end of " + group, () -> {
            DescribeGroupsResponseData answer =
                    session.quietly(new DescribeGroupsRequestData().setGroups(List.of(session.name(group))), 5);
            return answer.groups().get(0).groupState().equals("Dead");
        });
    }
}
