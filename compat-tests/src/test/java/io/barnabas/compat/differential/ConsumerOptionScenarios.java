package io.barnabas.compat.differential;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;

import static io.barnabas.compat.differential.ConsumerGroupSteps.commit;
import static io.barnabas.compat.differential.ConsumerGroupSteps.deleteOffsets;
import static io.barnabas.compat.differential.ConsumerGroupSteps.describe;
import static io.barnabas.compat.differential.ConsumerGroupSteps.fetch;
import static io.barnabas.compat.differential.ConsumerGroupSteps.hear;
import static io.barnabas.compat.differential.ConsumerGroupSteps.join;
import static io.barnabas.compat.differential.ConsumerGroupSteps.joinClassic;
import static io.barnabas.compat.differential.ConsumerGroupSteps.listed;
import static io.barnabas.compat.differential.ConsumerGroupSteps.log;
import static io.barnabas.compat.differential.ConsumerGroupSteps.nameOffsetsTopic;
import static io.barnabas.compat.differential.ConsumerGroupSteps.owning;
import static io.barnabas.compat.differential.ConsumerGroupSteps.ready;
import static io.barnabas.compat.differential.ConsumerGroupSteps.regex;
import static io.barnabas.compat.differential.ConsumerGroupSteps.stay;
import static io.barnabas.compat.differential.ConsumerGroupSteps.topic;
import static io.barnabas.compat.differential.ConsumerGroupSteps.topicId;
import static io.barnabas.compat.differential.ConsumerMember.joins;
import static io.barnabas.compat.differential.ConsumerMember.settle;
import static io.barnabas.compat.differential.ConsumerMemberScenarios.configure;
import static io.barnabas.compat.differential.ConsumerMemberScenarios.prompt;
import static io.barnabas.compat.differential.MigrationScenarios.classicJoin;
import static io.barnabas.compat.differential.MigrationScenarios.describeClassic;
import static io.barnabas.compat.differential.MigrationScenarios.stable;
import static io.barnabas.compat.differential.MigrationScenarios.state;

/** What requests about consumer groups (KIP-848) may say besides the usual: racks, old versions, filters, odd subscriptions. */
final class ConsumerOptionScenarios {
    private ConsumerOptionScenarios() {}

    static List<Scenario> all() {
        var all = new ArrayList<>(heartbeats());
        all.addAll(subscriptions());
        all.addAll(administration());
        return all;
    }

    /** In the same group of brokers: those that have a rack. */
    static List<Scenario> onBrokersWithARack() {
        return List.of(new Scenario(
                "consumer-racks-of-brokers", Map.of("broker.rack", "r1"), ConsumerOptionScenarios::membersInRacks));
    }

    private static List<Scenario> heartbeats() {
        return List.of(
                new Scenario("consumer-racks", ConsumerOptionScenarios::membersInRacks),
                new Scenario("mixed-racks", session -> {
                    ready(session, 4);
                    var classic = stable(session, "i", subscription(session, 3, "r1"));
                    describeClassic(session);
                    hear(session, join(session, "b").setRackId("r2"), 1);
                    describeInEveryVersion(session);
                    log(session, "g");
                    for (int version = 3; version >= 0; version--) {
                        var again = classicJoin(session, classic, "i");
                        again.protocols().iterator().next().setMetadata(subscription(session, version, "r3"));
                        session.call(again, 9);
                        describe(session, "g");
                    }
                    describeClassic(session);
                    hear(session, stay(session, "b", -1), 1);
                    state(session);
                    log(session, "g");
                }),
                new Scenario("consumer-heartbeat-version-0", session -> {
                    prompt(session);
                    ready(session, 4);
                    // The broker draws an id only if it is given none.
                    ConsumerGroupHeartbeatResponseData drawn = hear(session, join(session, ""), 0);
                    hear(session, stay(session, drawn.memberId(), -1), 0);
                    hear(session, join(session, "a").setInstanceId("i").setRackId("r"), 0);
                    hear(session, stay(session, "a", 4).setInstanceId("i").setRebalanceTimeoutMs(9_000), 0);
                    hear(session, owning(session, "a", 4, 0, 1, 2, 3), 0);
                    hear(session, join(session, "a").setSubscribedTopicNames(null), 0);
                    hear(session, join(session, "a").setServerAssignor("sticky"), 0);
                    hear(session, join(session, "").setInstanceId("i"), 0);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 0);
                    hear(session, stay(session, "", -1).setInstanceId("i"), 0);
                    hear(session, join(session, "b").setInstanceId("i").setServerAssignor("range"), 0);
                    describeInEveryVersion(session);
                    log(session, "g");
                }),
                new Scenario("consumer-static-comes-back-changed", session -> {
                    prompt(session);
                    ready(session, 4);
                    topic(session, "u", 2);
                    var a = joins(session, "a", wish -> wish.setInstanceId("i").setServerAssignor("range"));
                    settle(session, 0, a);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                    // The same subscription and another place.
                    var b = joins(session, "b", wish -> wish.setInstanceId("i")
                            .setRackId("r")
                            .setRebalanceTimeoutMs(7_000));
                    describe(session, "g");
                    b.beats();
                    describe(session, "g");
                    hear(session, stay(session, "b", -2).setInstanceId("i"), 1);
                    var c = joins(session, "c", wish -> wish.setInstanceId("i")
                            .setServerAssignor("uniform")
                            .setSubscribedTopicNames(null)
                            .setSubscribedTopicRegex(session.name("u")));
                    untilResolved(session, 3);
                    c.beatsUntil(3);
                    settle(session, 2, c);
                    hear(session, stay(session, "c", -2).setInstanceId("i"), 1);
                    joins(session, "d", wish -> wish.setInstanceId("i"));
                    describe(session, "g");
                    log(session, "g");
                }));
    }

    /** Without this it is chance whether a member that gives up what it had gets into the epoch before. */
    private static void untilResolved(Session session, int epoch) {
        Session.await(
                "the expression to be resolved",
                () -> ConsumerMember.group(session).groupEpoch() == epoch);
    }

    private static void membersInRacks(Session session) {
        prompt(session);
        ready(session, 6);
        var a = joins(session, "a", wish -> wish.setRackId("r1").setServerAssignor("range"));
        settle(session, 0, a);
        var b = joins(session, "b", wish -> wish.setRackId("r2"));
        settle(session, 2, a, b);
        var c = joins(session, "c", wish -> wish.setInstanceId("i"));
        settle(session, 3, a, b, c);
        describeInEveryVersion(session);
        hear(session, stay(session, "b", b.epoch()).setRackId("r1"), 1);
        hear(session, stay(session, "b", b.epoch()).setRackId(""), 1);
        hear(session, stay(session, "a", a.epoch()).setRackId("r1"), 1);
        hear(session, stay(session, "c", -2).setInstanceId("i"), 1);
        hear(session, join(session, "d").setInstanceId("i").setRackId("r3"), 1);
        describe(session, "g");
        log(session, "g");
    }

    private static List<Scenario> subscriptions() {
        return List.of(
                new Scenario("consumer-odd-subscriptions", session -> {
                    prompt(session);
                    ready(session, 2);
                    nameOffsetsTopic(session);
                    String t = session.name("t");
                    hear(session, join(session, "a").setSubscribedTopicNames(List.of(t, t)), 1);
                    describe(session, "g");
                    int epoch = 2;
                    for (var names : List.of(
                            List.of(t),
                            List.of("", t),
                            List.of("bad name!", "..", t),
                            List.of(t, "..", "bad name!"),
                            List.of("__consumer_offsets"),
                            List.of("x".repeat(300)),
                            List.<String>of())) {
                        ConsumerGroupHeartbeatResponseData answer =
                                session.quietly(stay(session, "a", epoch).setSubscribedTopicNames(names), 1);
                        session.transcript()
                                .note(names.size() + ": " + answer.errorCode() + " " + answer.memberEpoch());
                        // What was to be given up is.
                        epoch = answer.memberEpoch();
                        answer = session.quietly(stay(session, "a", epoch).setTopicPartitions(List.of()), 1);
                        session.transcript().note("then " + answer.errorCode() + " " + answer.memberEpoch());
                        epoch = answer.memberEpoch();
                    }
                    describe(session, "g");
                    log(session, "g");
                }),
                new Scenario("consumer-regex-kinds", session -> {
                    prompt(session);
                    ready(session, 2);
                    topic(session, "u", 1);
                    topic(session, "v", 1);
                    nameOffsetsTopic(session);
                    // Without regard to case; the whole name counts; internal topics are topics.
                    var a = joins(session, "a", wish -> wish.setSubscribedTopicNames(null)
                            .setSubscribedTopicRegex("(?i)" + session.name("t").toUpperCase(Locale.ROOT)));
                    settle(session, 1, a);
                    var b = joins(session, "b", wish -> wish.setSubscribedTopicNames(null)
                            .setSubscribedTopicRegex(
                                    "consumer-regex-kinds|__consumer_offsets|" + session.name("[uv]")));
                    Session.await("an assignment of v", () -> {
                        b.beats();
                        return ConsumerMember.group(session).toString().contains("'" + session.name("v") + "'");
                    });
                    settle(session, 2, a, b);
                    log(session, "g");
                }),
                new Scenario("consumer-regex-instead-of-names", session -> {
                    prompt(session);
                    ready(session, 2);
                    topic(session, "u", 1);
                    hear(session, join(session, "a"), 1);
                    hear(
                            session,
                            stay(session, "a", 2)
                                    .setSubscribedTopicNames(List.of())
                                    .setSubscribedTopicRegex(session.name("u")),
                            1);
                    untilResolved(session, 4);
                    untilGroupSettlesOn(session, "u");
                    describe(session, "g");
                    var group = ConsumerMember.group(session);
                    hear(
                            session,
                            stay(session, "a", group.groupEpoch())
                                    .setSubscribedTopicNames(List.of(session.name("t")))
                                    .setSubscribedTopicRegex(""),
                            1);
                    untilGroupSettlesOn(session, "t");
                    describe(session, "g");
                    log(session, "g");
                }));
    }

    private static List<Scenario> administration() {
        return List.of(
                new Scenario("consumer-in-every-state", session -> {
                    configure(session, "consumer.assignment.interval.ms", "15000");
                    ready(session, 4);
                    var a = joins(session, "a");
                    session.transcript().note("assigned at once: epoch " + a.epoch());
                    var b = joins(session, "b");
                    seenByAdministrators(session);
                    configure(session, "consumer.assignment.interval.ms", "0");
                    topic(session, "u", 1);
                    b.beats();
                    a.beats();
                    seenByAdministrators(session);
                    settle(session, 1, a, b);
                    seenByAdministrators(session);
                    a.leaves();
                    b.leaves();
                    seenByAdministrators(session);
                }),
                new Scenario("consumer-fetch-options", session -> {
                    ready(session, 2);
                    joinClassic(session, "c", "");
                    hear(session, join(session, "a"), 1);
                    session.quietly(commit(session, "a", 2), 9);
                    for (int version : new int[] {9, 10}) {
                        for (boolean stable : new boolean[] {false, true}) {
                            session.call(fetch(session, "a", 2).setRequireStable(stable), version == 9 ? 9 : 8);
                            session.call(asking(session, "g", "a", 2, version).setRequireStable(stable), version);
                            session.call(asking(session, "g", "a", 1, version).setRequireStable(stable), version);
                            session.call(
                                    asking(session, "none", "a", 2, version).setRequireStable(stable), version);
                            session.call(asking(session, "c", "a", 1, version).setRequireStable(stable), version);
                        }
                        var all = asking(session, "g", "a", 2, version);
                        all.groups().get(0).setTopics(null);
                        session.call(all, version);
                        all.groups().get(0).setMemberEpoch(7);
                        session.call(all, version);
                        all.groups().get(0).setTopics(List.of());
                        session.call(all, version);
                        all.groups().get(0).setMemberEpoch(2);
                        session.call(all, version);
                    }
                }),
                new Scenario("consumer-delete-offsets-in-detail", session -> {
                    prompt(session);
                    ready(session, 2);
                    topic(session, "u", 1);
                    hear(session, regex(session, "a", session.name("t")).setInstanceId("i"), 1);
                    Session.await("an assignment", () -> {
                        session.quietly(stay(session, "a", 1).setInstanceId("i").setTopicPartitions(List.of()), 1);
                        var group = ConsumerMember.group(session);
                        return group.groupState().equals("Stable") && group.groupEpoch() == 2;
                    });
                    session.call(commit(session, "a", 2, 0, 1).setGroupInstanceId("i"), 9);
                    session.call(deletion(session), 0);
                    hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                    session.call(deleteOffsets(session, "t"), 0);
                    hear(session, stay(session, "a", -1).setInstanceId("i"), 1);
                    session.call(deletion(session), 0);
                    session.call(deletion(session).setGroupId(""), 0);
                    session.call(deletion(session).setGroupId(session.name("none")), 0);
                    session.call(new OffsetDeleteRequestData().setGroupId(session.name("g")), 0);
                    log(session, "g");
                }),
                new Scenario("consumer-delete-groups-in-every-version", session -> {
                    ready(session, 2);
                    for (int version = 0; version <= 2; version++) {
                        hear(session, join(session, "a").setInstanceId("i"), 1);
                        session.quietly(commit(session, "a", 2).setGroupInstanceId("i"), 9);
                        var deletion = new DeleteGroupsRequestData().setGroupsNames(List.of(session.name("g")));
                        session.call(deletion, version);
                        hear(session, stay(session, "a", -2).setInstanceId("i"), 1);
                        session.call(deletion, version);
                        hear(session, stay(session, "a", -1).setInstanceId("i"), 1);
                        session.call(deletion, version);
                        session.call(deletion, version);
                        describeInEveryVersion(session);
                        session.call(fetch(session, null, -1), 9);
                    }
                    log(session, "g");
                }));
    }

    /** Whatever shows the state of a group, and whatever is refused because of it. */
    private static void seenByAdministrators(Session session) {
        describeInEveryVersion(session);
        for (String state : List.of("Empty", "assigning", "RECONCILING", "Stable")) {
            session.transcript().note(state);
            listed(session, 4, List.of(state), List.of());
            listed(session, 5, List.of(state), List.of("consumer"));
            listed(session, 5, List.of(state, "Dead"), List.of("classic", "Consumer"));
        }
        state(session);
    }

    private static void describeInEveryVersion(Session session) {
        ConsumerGroupSteps.describe(session, "g", 0);
        ConsumerGroupSteps.describe(session, "g", 1);
        session.call(new ConsumerGroupDescribeRequestData().setGroupIds(List.of(session.name("none"))), 0);
    }

    /** Heartbeats of the member "a", that owns nothing, until it is assigned this topic only. */
    private static void untilGroupSettlesOn(Session session, String suffix) {
        Session.await("an assignment of " + suffix, () -> {
            var group = ConsumerMember.group(session);
            var member = group.members().get(0);
            session.quietly(stay(session, "a", member.memberEpoch()).setTopicPartitions(List.of()), 1);
            var topics = member.assignment().topicPartitions();
            return group.groupState().equals("Stable")
                    && topics.size() == 1
                    && topics.get(0).topicName().equals(session.name(suffix));
        });
    }

    private static OffsetFetchRequestData asking(Session session, String group, String member, int epoch, int version) {
        var topic = new OffsetFetchRequestTopics().setPartitionIndexes(List.of(0, 1, 7));
        if (version < 10) {
            topic.setName(session.name("t"));
        } else {
            topic.setTopicId(topicId(session, "t"));
        }
        var unknown = new OffsetFetchRequestTopics().setPartitionIndexes(List.of(0));
        if (version < 10) {
            unknown.setName(session.name("no"));
        } else {
            unknown.setTopicId(new Uuid(8, 9));
        }
        return new OffsetFetchRequestData()
                .setGroups(List.of(new OffsetFetchRequestGroup()
                        .setGroupId(session.name(group))
                        .setMemberId(member)
                        .setMemberEpoch(epoch)
                        .setTopics(List.of(topic, unknown))));
    }

    /** Of known and unknown topics and partitions. */
    private static OffsetDeleteRequestData deletion(Session session) {
        var request = new OffsetDeleteRequestData().setGroupId(session.name("g"));
        for (String topic : List.of("t", "u", "no")) {
            var asked = new OffsetDeleteRequestData.OffsetDeleteRequestTopic().setName(session.name(topic));
            for (int partition : new int[] {0, 0, 9, -1}) {
                asked.partitions()
                        .add(new OffsetDeleteRequestData.OffsetDeleteRequestPartition().setPartitionIndex(partition));
            }
            request.topics().add(asked);
        }
        return request;
    }

    /** A consumer's subscription to the topic "t" with all that there is in this version of it. */
    private static byte[] subscription(Session session, int version, String rack) {
        var bytes = ConsumerProtocol.serializeSubscription(
                new Subscription(
                        List.of(session.name("t")),
                        ByteBuffer.wrap(new byte[] {1, 2}),
                        List.of(new TopicPartition(session.name("t"), 0), new TopicPartition(session.name("t"), 1)),
                        1,
                        Optional.of(rack)),
                (short) version);
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }
}
