package io.barnabas.compat.differential;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;

import static io.barnabas.compat.differential.ClassicMember.settle;
import static io.barnabas.compat.differential.ConsumerGroupSteps.log;
import static io.barnabas.compat.differential.GroupSteps.commit;
import static io.barnabas.compat.differential.GroupSteps.fetchOffsets;
import static io.barnabas.compat.differential.GroupSteps.groups;
import static io.barnabas.compat.differential.GroupSteps.joined;
import static io.barnabas.compat.differential.GroupSteps.ready;
import static io.barnabas.compat.differential.GroupSteps.sync;

/** Committed offsets: by simple consumers, by classic groups, and their deletion (kafka-semantics C.6, 98–102). */
final class CommitScenarios {
    private CommitScenarios() {}

    static List<Scenario> all() {
        var all = new ArrayList<>(commits());
        all.addAll(details());
        all.addAll(fetches());
        all.addAll(deletions());
        return all;
    }

    private static List<Scenario> commits() {
        return List.of(
                new Scenario("offset-commit-without-a-group", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    for (int version = 2; version <= 9; version++) {
                        session.call(commit(session, "simple"), version);
                        session.call(fetchOffsets(session, "simple"), Math.min(7, version));
                    }
                    session.call(commit(session, "simple").setGroupId(""), 8);
                    session.call(commit(session, "simple").setGenerationIdOrMemberEpoch(3), 8);
                    session.call(commit(session, "simple").setMemberId("x"), 8);
                }),
                new Scenario("offset-commit-in-a-group", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    JoinGroupResponseData joined = joined(session, "g", 7);
                    session.call(commit(session, "g", joined), 8);
                    session.quietly(sync(session, "g", joined, joined.memberId()), 5);
                    session.call(commit(session, "g", joined), 8);
                    session.call(commit(session, "g", joined).setGenerationIdOrMemberEpoch(7), 8);
                    session.call(commit(session, "g", joined).setMemberId("ghost"), 8);
                    session.call(commit(session, "g"), 8);
                    session.call(fetchOffsets(session, "g"), 7);
                }),
                new Scenario("offset-commit-large-metadata", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var request = commit(session, "simple");
                    request.topics().get(0).partitions().get(0).setCommittedMetadata("x".repeat(5_000));
                    session.call(request, 8);
                    session.call(fetchOffsets(session, "simple"), 7);
                }),
                new Scenario("offset-commit-unknown-topic", session -> {
                    ready(session);
                    var request = commit(session, "simple");
                    session.call(request, 8);
                    session.topic(session.name("t"), 1);
                    session.call(request, 8);
                }),
                new Scenario("offset-commit-by-topic-id", session -> {
                    ready(session);
                    Uuid id = session.topic(session.name("t"), 2);
                    var request = commit(session, "simple");
                    request.topics().get(0).setTopicId(id).setName("");
                    session.call(request, 10);
                    var unknown = commit(session, "simple");
                    unknown.topics().get(0).setTopicId(new Uuid(8, 9)).setName("");
                    session.call(unknown, 10);
                    session.call(groups(session, "simple", id, session.name("t")), 9);
                    session.call(groups(session, "simple", id, ""), 10);
                }),
                new Scenario("offset-fetch-all-topics", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple"), 8);
                    for (int version = 2; version <= 7; version++) {
                        session.call(
                                new OffsetFetchRequestData()
                                        .setGroupId(session.name("simple"))
                                        .setTopics(null),
                                version);
                        session.call(
                                new OffsetFetchRequestData()
                                        .setGroupId(session.name("none"))
                                        .setTopics(null),
                                version);
                    }
                    for (int version = 8; version <= 10; version++) {
                        session.call(groups(session, "simple", null, null), version);
                    }
                }),
                new Scenario("offset-fetch-versions", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple"), 8);
                    for (int version = 1; version <= 7; version++) {
                        session.call(fetchOffsets(session, "simple"), version);
                        session.call(fetchOffsets(session, "none"), version);
                    }
                    session.call(fetchOffsets(session, "simple").setRequireStable(true), 7);
                }));
    }

    private static List<Scenario> details() {
        return List.of(
                new Scenario("offset-commit-leader-epochs", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    for (int version = 5; version <= 9; version++) {
                        var request = commit(session, "simple");
                        if (version >= 6) {
                            request.topics().get(0).partitions().get(0).setCommittedLeaderEpoch(version);
                            request.topics().get(0).partitions().get(1).setCommittedLeaderEpoch(-7);
                        }
                        session.call(request, version);
                        for (int fetch = 4; fetch <= 7; fetch++) {
                            session.call(fetchOffsets(session, "simple"), fetch);
                        }
                    }
                    log(session, "simple");
                }),
                new Scenario("offset-commit-retention-time", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    for (int version = 2; version <= 4; version++) {
                        session.call(commit(session, "v" + version).setRetentionTimeMs(3_600_000), version);
                        session.call(fetchOffsets(session, "v" + version), 7);
                        log(session, "v" + version);
                    }
                }),
                new Scenario("offset-commit-same-partition-twice", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var request = commit(session, "simple");
                    request.topics().add(committing(session, "t", 0, 43));
                    request.topics()
                            .get(1)
                            .setPartitions(
                                    List.of(partition(0, 43), partition(0, 44), partition(0, -1), partition(1, -2)));
                    session.call(request, 9);
                    session.call(fetchOffsets(session, "simple"), 7);
                    session.call(commitOf(session, "simple", List.of(committing(session, "t", 0, Long.MAX_VALUE))), 9);
                    session.call(fetchOffsets(session, "simple"), 7);
                    log(session, "simple");
                }),
                new Scenario("offset-commit-metadata-limit", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    for (int length : new int[] {0, 1, 4_096, 4_097}) {
                        for (String letter : List.of("x", "漢")) {
                            var request = commit(session, "simple");
                            request.topics().get(0).partitions().get(0).setCommittedMetadata(letter.repeat(length));
                            session.call(request, 9);
                        }
                    }
                    var nothing = commit(session, "simple");
                    nothing.topics().get(0).setPartitions(List.of());
                    session.call(nothing, 9);
                    session.call(commitOf(session, "simple", List.of()), 9);
                    session.call(commitOf(session, "none", List.of()), 9);
                    log(session, "none");
                }),
                new Scenario("offset-commit-known-and-unknown", session -> {
                    ready(session);
                    Uuid id = session.topic(session.name("t"), 1);
                    for (int version : new int[] {2, 7, 9}) {
                        session.call(
                                commitOf(
                                        session,
                                        "simple",
                                        List.of(
                                                committing(session, "none", 0, 1),
                                                committing(session, "t", 0, 2),
                                                committing(session, "t", 1, 3),
                                                new OffsetCommitRequestTopic()
                                                        .setName("")
                                                        .setPartitions(List.of(partition(0, 4))))),
                                version);
                    }
                    session.call(
                            commitOf(
                                    session,
                                    "simple",
                                    List.of(
                                            committing(session, "t", 0, 5).setTopicId(Uuid.ZERO_UUID),
                                            committing(session, "t", 0, 6).setTopicId(new Uuid(8, 9)),
                                            committing(session, "t", 0, 7).setTopicId(id),
                                            committing(session, "t", 1, 8).setTopicId(id))),
                            10);
                    session.call(fetchOffsets(session, "simple"), 7);
                    log(session, "simple");
                }),
                new Scenario("offset-commit-of-a-static-member", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var a = ClassicMember.of(session, "g", "a").instance("i");
                    a.joins();
                    a.commits();
                    a.syncs(a);
                    for (int version = 7; version <= 9; version++) {
                        session.call(a.committing(), version);
                        session.call(a.committing().setGenerationIdOrMemberEpoch(9), version);
                        session.call(a.committing().setGenerationIdOrMemberEpoch(-1), version);
                        session.call(a.committing().setGroupInstanceId("j"), version);
                    }
                    a.leaves();
                    a.commits();
                    session.call(commit(session, "g").setGroupInstanceId("i"), 9);
                    session.call(commit(session, "g"), 9);
                }),
                new Scenario("offset-commit-of-another-protocol-type", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    var a = ClassicMember.of(session, "g", "a").type("connect");
                    settle(a);
                    a.commits();
                    session.call(fetchOffsets(session, "g"), 7);
                    session.call(commit(session, "g"), 9);
                    a.leaves();
                    session.call(commit(session, "g"), 9);
                }));
    }

    private static List<Scenario> fetches() {
        return List.of(
                new Scenario("offset-fetch-several-groups", session -> {
                    ready(session);
                    Uuid id = session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple"), 8);
                    session.quietly(commit(session, "h"), 8);
                    for (int version = 8; version <= 10; version++) {
                        var request = new OffsetFetchRequestData().setRequireStable(version == 9);
                        request.groups().add(asking(session, "simple", version, id));
                        request.groups().add(asking(session, "none", version, id));
                        request.groups().add(asking(session, "h", version, id));
                        request.groups().add(asking(session, "h", version, id).setTopics(null));
                        request.groups().add(asking(session, "h", version, id).setTopics(List.of()));
                        request.groups().add(asking(session, "h", version, id).setGroupId(""));
                        fetched(session, request, version);
                    }
                    session.call(new OffsetFetchRequestData(), 9);
                }),
                new Scenario("offset-fetch-by-topic-id", session -> {
                    ready(session);
                    Uuid id = session.topic(session.name("t"), 1);
                    session.quietly(commit(session, "simple"), 8);
                    var request = new OffsetFetchRequestData();
                    request.groups().add(asking(session, "simple", 10, id));
                    request.groups().add(asking(session, "simple", 10, new Uuid(8, 9)));
                    request.groups().add(asking(session, "simple", 10, Uuid.ZERO_UUID));
                    fetched(session, request, 10);
                    session.quietly(
                            new DeleteTopicsRequestData()
                                    .setTimeoutMs(30_000)
                                    .setTopics(List.of(new DeleteTopicsRequestData.DeleteTopicState().setTopicId(id))),
                            6);
                    untilForgotten(session, "simple");
                    fetched(session, request, 10);
                    // A topic of the same name is another topic.
                    Uuid another = session.topic(session.name("t"), 1);
                    request.groups().add(asking(session, "simple", 10, another));
                    fetched(session, request, 10);
                }),
                new Scenario("offset-fetch-require-stable", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple"), 8);
                    session.call(fetchOffsets(session, "simple").setRequireStable(true), 7);
                    session.call(fetchOffsets(session, "simple").setTopics(null).setRequireStable(true), 7);
                    session.call(fetchOffsets(session, "none").setRequireStable(true), 7);
                    session.call(groups(session, "simple", null, null).setRequireStable(true), 8);
                    session.call(groups(session, "none", null, null).setRequireStable(true), 9);
                }));
    }

    private static List<Scenario> deletions() {
        return List.of(
                new Scenario("offset-delete-of-simple-groups", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.quietly(commit(session, "simple"), 8);
                    session.call(deletion(session, "none", "t", 0), 0);
                    session.call(deletion(session, "simple", "t", 7, 1, 1), 0);
                    session.call(deletion(session, "simple", "none", 0), 0);
                    session.call(deletion(session, "simple", "t", 0).setGroupId(""), 0);
                    session.call(new OffsetDeleteRequestData().setGroupId(session.name("simple")), 0);
                    session.call(fetchOffsets(session, "simple"), 7);
                    session.call(deletion(session, "simple", "t", 0), 0);
                    session.call(fetchOffsets(session, "simple"), 7);
                    log(session, "simple");
                }),
                new Scenario("offset-delete-of-classic-groups", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.topic(session.name("u"), 1);
                    var a = ClassicMember.of(session, "g", "a").metadata(MigrationScenarios.subscription(session));
                    settle(a);
                    a.commits();
                    session.call(deletion(session, "g", "t", 0), 0);
                    session.call(deletion(session, "g", "u", 0), 0);
                    a.joins();
                    session.call(deletion(session, "g", "t", 0), 0);
                    a.leaves();
                    session.call(deletion(session, "g", "t", 0), 0);
                    session.call(fetchOffsets(session, "g"), 7);
                    var b = ClassicMember.of(session, "h", "b").type("connect");
                    settle(b);
                    b.commits();
                    session.call(deletion(session, "h", "t", 0), 0);
                    b.leaves();
                    session.call(deletion(session, "h", "t", 0), 0);
                    log(session, "g");
                }),
                new Scenario("offsets-of-a-topic-that-goes", session -> {
                    ready(session);
                    session.topic(session.name("t"), 2);
                    session.topic(session.name("u"), 1);
                    session.quietly(commit(session, "simple"), 8);
                    session.quietly(commitOf(session, "simple", List.of(committing(session, "u", 0, 5))), 9);
                    session.quietly(
                            new DeleteTopicsRequestData()
                                    .setTimeoutMs(30_000)
                                    .setTopics(List.of(
                                            new DeleteTopicsRequestData.DeleteTopicState().setName(session.name("t")))),
                            6);
                    untilForgotten(session, "simple");
                    session.call(fetchOffsets(session, "simple").setTopics(null), 7);
                    log(session, "simple");
                }));
    }

    /** The answers for the groups, which come in any order. */
    private static void fetched(Session session, OffsetFetchRequestData request, int version) {
        OffsetFetchResponseData answer = session.quietly(request, version);
        var groups = new ArrayList<>(answer.groups());
        groups.sort(Comparator.comparing(group -> session.transcript().masked(group.toString())));
        session.transcript().add("OffsetFetch", answer.duplicate().setGroups(groups), (short) version);
    }

    private static OffsetFetchRequestGroup asking(Session session, String group, int version, Uuid id) {
        var topic = new OffsetFetchRequestTopics().setPartitionIndexes(List.of(1, 0));
        return new OffsetFetchRequestGroup()
                .setGroupId(session.name(group))
                .setTopics(List.of(version < 10 ? topic.setName(session.name("t")) : topic.setTopicId(id)));
    }

    /** Offsets go a moment after their topic. */
    private static void untilForgotten(Session session, String group) {
        Session.await("the end of the offsets", () -> {
            OffsetFetchResponseData answer = session.quietly(fetchOffsets(session, group), 7);
            return answer.topics().get(0).partitions().stream()
                    .allMatch(partition -> partition.committedOffset() == -1);
        });
    }

    private static OffsetCommitRequestData commitOf(
            Session session, String group, List<OffsetCommitRequestTopic> topics) {
        return new OffsetCommitRequestData().setGroupId(session.name(group)).setTopics(topics);
    }

    private static OffsetCommitRequestTopic committing(Session session, String topic, int partition, long offset) {
        return new OffsetCommitRequestTopic()
                .setName(session.name(topic))
                .setPartitions(List.of(partition(partition, offset)));
    }

    private static OffsetCommitRequestPartition partition(int partition, long offset) {
        return new OffsetCommitRequestPartition()
                .setPartitionIndex(partition)
                .setCommittedOffset(offset)
                .setCommittedMetadata("");
    }

    private static OffsetDeleteRequestData deletion(Session session, String group, String topic, int... partitions) {
        var asked = new OffsetDeleteRequestData.OffsetDeleteRequestTopic().setName(session.name(topic));
        for (int partition : partitions) {
            asked.partitions().add(new OffsetDeleteRequestPartition().setPartitionIndex(partition));
        }
        var request = new OffsetDeleteRequestData().setGroupId(session.name(group));
        request.topics().add(asked);
        return request;
    }
}
