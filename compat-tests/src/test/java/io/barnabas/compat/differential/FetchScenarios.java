package io.barnabas.compat.differential;

import java.util.List;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData;

import static io.barnabas.compat.differential.Session.produce;
import static io.barnabas.compat.differential.Session.records;

/** Fetch and its sessions (kafka-semantics C.4). */
final class FetchScenarios {
    private static final int LARGE = 1 << 20;

    private FetchScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("fetch-versions", session -> {
                    Uuid id = session.topic(session.name("t"), 2);
                    fill(session, session.name("t"), 3);
                    for (int version = 4; version <= 17; version++) {
                        session.call(full(fetch(session.name("t"), id, at(0, 0), at(1, 0))), version);
                    }
                }),
                new Scenario("fetch-from-the-middle", session -> {
                    session.topic(session.name("t"), 1);
                    session.quietly(produce(session.name("t"), 0, -1, records(Compression.NONE, "a", "b", "c")), 9);
                    session.quietly(produce(session.name("t"), 0, -1, records(Compression.NONE, "d", "e")), 9);
                    for (int offset : new int[] {1, 2, 3, 4, 5}) {
                        session.call(full(fetch(session.name("t"), null, at(0, offset))), 12);
                    }
                }),
                new Scenario("fetch-out-of-range", session -> {
                    session.topic(session.name("t"), 1);
                    fill(session, session.name("t"), 2);
                    for (long offset : new long[] {3, 100, -1, -2, Long.MAX_VALUE}) {
                        session.call(full(fetch(session.name("t"), null, at(0, offset))), 12);
                    }
                }),
                new Scenario("fetch-unknown-topic", session -> {
                    for (int version : new int[] {4, 6, 7, 11, 12}) {
                        session.call(full(fetch(session.name("none"), null, at(0, 0))), version);
                    }
                }),
                new Scenario("fetch-unknown-topic-id", session -> {
                    session.call(full(fetch("", new Uuid(1, 2), at(0, 0))), 13);
                    session.call(full(fetch("", Uuid.ZERO_UUID, at(0, 0))), 17);
                }),
                new Scenario("fetch-unknown-partition", session -> {
                    Uuid id = session.topic(session.name("t"), 1);
                    session.call(full(fetch(session.name("t"), id, at(7, 0))), 11);
                    session.call(full(fetch(session.name("t"), id, at(7, 0))), 17);
                }),
                new Scenario("fetch-at-least-one-batch", session -> {
                    session.topic(session.name("t"), 2);
                    for (int partition = 0; partition < 2; partition++) {
                        session.quietly(
                                produce(session.name("t"), partition, -1, records(Compression.NONE, "x".repeat(500))),
                                9);
                        session.quietly(
                                produce(session.name("t"), partition, -1, records(Compression.NONE, "y".repeat(500))),
                                9);
                    }
                    session.call(full(fetch(session.name("t"), null, limited(0, 0, 1), limited(1, 0, 1))), 12);
                    session.call(full(fetch(session.name("t"), null, limited(0, 0, 700), limited(1, 0, 700))), 12);
                    session.call(
                            full(fetch(session.name("t"), null, at(0, 0), at(1, 0))
                                    .setMaxBytes(1)),
                            12);
                    session.call(
                            full(fetch(session.name("t"), null, at(0, 0), at(1, 0))
                                    .setMaxBytes(1_500)),
                            12);
                    session.call(
                            full(fetch(session.name("t"), null, limited(0, 0, 0), limited(1, 0, 0))
                                    .setMinBytes(0)),
                            12);
                }),
                new Scenario("fetch-current-leader-epoch", session -> {
                    session.topic(session.name("t"), 1);
                    fill(session, session.name("t"), 1);
                    for (int epoch : new int[] {-1, 0, 5, -7}) {
                        session.call(full(fetch(session.name("t"), null, at(0, 0).setCurrentLeaderEpoch(epoch))), 12);
                    }
                }),
                new Scenario("fetch-last-fetched-epoch", session -> {
                    session.topic(session.name("t"), 1);
                    fill(session, session.name("t"), 3);
                    for (int epoch : new int[] {-1, 0, 4}) {
                        session.call(full(fetch(session.name("t"), null, at(0, 1).setLastFetchedEpoch(epoch))), 12);
                    }
                    session.call(full(fetch(session.name("t"), null, at(0, 9).setLastFetchedEpoch(0))), 12);
                }),
                new Scenario("fetch-read-committed", session -> {
                    session.topic(session.name("t"), 1);
                    fill(session, session.name("t"), 2);
                    session.call(full(fetch(session.name("t"), null, at(0, 0)).setIsolationLevel((byte) 1)), 12);
                }),
                new Scenario("fetch-waits-for-min-bytes", session -> {
                    session.topic(session.name("t"), 1);
                    var request = full(fetch(session.name("t"), null, at(0, 0))
                            .setMinBytes(1)
                            .setMaxWaitMs(20_000));
                    int id = session.connection().send(request, (short) 12);
                    session.transcript().note("silent " + session.connection().staysSilent(300));
                    try (Connection other = session.connect()) {
                        other.exchange(produce(session.name("t"), 0, -1, records(Compression.NONE, "a")), (short) 9);
                    }
                    session.transcript()
                            .add("woken", session.connection().receive((short) 1, (short) 12, id), (short) 12);
                }),
                new Scenario("fetch-max-wait-passes", session -> {
                    session.topic(session.name("t"), 1);
                    session.call(
                            full(fetch(session.name("t"), null, at(0, 0))
                                    .setMinBytes(1)
                                    .setMaxWaitMs(100)),
                            12);
                    fill(session, session.name("t"), 1);
                    session.call(
                            full(fetch(session.name("t"), null, at(0, 0))
                                    .setMinBytes(LARGE)
                                    .setMaxWaitMs(100)),
                            12);
                }),
                new Scenario("fetch-error-does-not-wait", session -> {
                    session.topic(session.name("t"), 1);
                    session.call(
                            full(fetch(session.name("t"), null, at(0, 0), at(5, 0))
                                    .setMinBytes(1)
                                    .setMaxWaitMs(2_000)),
                            12);
                }),
                new Scenario("fetch-session-life", session -> {
                    Uuid id = session.topic(session.name("t"), 3);
                    FetchResponseData opened = session.quietly(
                            fetch(session.name("t"), id, at(0, 0), at(1, 0), at(2, 0))
                                    .setSessionEpoch(0)
                                    .setMinBytes(0),
                            17);
                    int sessionId = opened.sessionId();
                    session.transcript()
                            .note("has a session " + (sessionId != 0) + " topics "
                                    + opened.responses().size());
                    incremental(session, sessionId, 1, null, id);
                    session.quietly(produce(session.name("t"), 1, -1, records(Compression.NONE, "a")), 9);
                    incremental(session, sessionId, 2, null, id);
                    incremental(session, sessionId, 3, at(1, 1), id);
                    incremental(session, sessionId, 4, null, id);
                    incremental(session, sessionId, 9, null, id);
                    var forget = incrementalRequest(sessionId, 5, null, id);
                    forget.forgottenTopicsData()
                            .add(new ForgottenTopic().setTopicId(id).setPartitions(List.of(0, 2)));
                    masked(session, forget);
                    session.quietly(produce(session.name("t"), 0, -1, records(Compression.NONE, "b")), 9);
                    incremental(session, sessionId, 6, null, id);
                    masked(session, incrementalRequest(sessionId, -1, null, id));
                    incremental(session, sessionId, 7, null, id);
                }),
                new Scenario("fetch-session-unknown", session -> {
                    Uuid id = session.topic(session.name("t"), 1);
                    session.call(incrementalRequest(12_345_678, 3, at(0, 0), id), 17);
                    session.call(incrementalRequest(0, 3, at(0, 0), id), 17);
                }),
                new Scenario("fetch-session-topic-appears", session -> {
                    FetchResponseData opened = session.quietly(
                            fetch(session.name("later"), null, at(0, 0))
                                    .setSessionEpoch(0)
                                    .setMinBytes(0),
                            12);
                    session.transcript()
                            .note("error "
                                    + opened.responses()
                                            .get(0)
                                            .partitions()
                                            .get(0)
                                            .errorCode());
                    session.topic(session.name("later"), 1);
                    var next = new FetchRequestData()
                            .setReplicaId(-1)
                            .setMaxBytes(LARGE)
                            .setSessionId(opened.sessionId())
                            .setSessionEpoch(1);
                    FetchResponseData after = session.quietly(next, 12);
                    session.transcript()
                            .note("then " + after.errorCode() + " "
                                    + after.responses().size());
                }),
                new Scenario("fetch-same-partition-twice", session -> {
                    session.topic(session.name("t"), 1);
                    fill(session, session.name("t"), 2);
                    session.call(full(fetch(session.name("t"), null, at(0, 0), at(0, 1))), 12);
                }),
                new Scenario("fetch-as-a-replica-that-is-none", session -> {
                    Uuid id = session.topic(session.name("t"), 1);
                    session.call(full(fetch(session.name("t"), id, at(0, 0))).setReplicaId(7), 12);
                }));
    }

    /** All records of the first partitions, written into the transcript. */
    static void fetchAll(Session session, String topic) {
        session.call(full(fetch(topic, null, at(0, 0))), 12);
    }

    private static void fill(Session session, String topic, int batches) {
        for (int i = 0; i < batches; i++) {
            session.quietly(produce(topic, 0, -1, records(Compression.NONE, "v" + i)), 9);
        }
    }

    private static void incremental(Session session, int sessionId, int epoch, FetchPartition changed, Uuid id) {
        masked(session, incrementalRequest(sessionId, epoch, changed, id));
    }

    /** Session ids are random numbers. */
    private static void masked(Session session, FetchRequestData request) {
        FetchResponseData response = session.quietly(request, 17);
        boolean same = response.sessionId() == request.sessionId();
        session.transcript()
                .note("epoch " + request.sessionEpoch()
                        + (same ? " same session" : " session " + (response.sessionId() == 0 ? "none" : "new")));
        session.transcript().add("Fetch", response.setSessionId(0), (short) 17);
    }

    private static FetchRequestData incrementalRequest(int sessionId, int epoch, FetchPartition changed, Uuid id) {
        var request = changed == null ? new FetchRequestData().setReplicaId(-1) : fetch("", id, changed);
        return request.setSessionId(sessionId)
                .setSessionEpoch(epoch)
                .setMaxWaitMs(0)
                .setMinBytes(0)
                .setMaxBytes(LARGE);
    }

    /** Without a session: every answer is whole. */
    private static FetchRequestData full(FetchRequestData request) {
        return request.setSessionEpoch(-1).setSessionId(0);
    }

    static FetchRequestData fetch(String topic, Uuid id, FetchPartition... partitions) {
        var request = new FetchRequestData()
                .setReplicaId(-1)
                .setMaxWaitMs(0)
                .setMinBytes(0)
                .setMaxBytes(LARGE);
        var fetched = new FetchTopic().setTopic(topic).setPartitions(List.of(partitions));
        if (id != null) {
            fetched.setTopicId(id);
        }
        request.topics().add(fetched);
        return request;
    }

    static FetchPartition at(int partition, long offset) {
        return limited(partition, offset, LARGE);
    }

    private static FetchPartition limited(int partition, long offset, int maxBytes) {
        return new FetchPartition()
                .setPartition(partition)
                .setFetchOffset(offset)
                .setPartitionMaxBytes(maxBytes);
    }
}
