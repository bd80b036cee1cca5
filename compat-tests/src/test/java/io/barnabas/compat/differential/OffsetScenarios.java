package io.barnabas.compat.differential;

import java.util.List;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.record.internal.MemoryRecords;

import static io.barnabas.compat.differential.Session.produce;
import static io.barnabas.compat.differential.Session.simple;

/** ListOffsets and OffsetForLeaderEpoch (kafka-semantics C.5). */
final class OffsetScenarios {
    private OffsetScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("list-offsets-versions", session -> {
                    filled(session);
                    for (int version = 1; version <= 11; version++) {
                        session.call(list(session.name("t"), 0, -1), version);
                        session.call(list(session.name("t"), 0, -2), version);
                        session.call(list(session.name("t"), 0, 2_001), version);
                    }
                }),
                new Scenario("list-offsets-timestamps", session -> {
                    filled(session);
                    for (long time :
                            new long[] {0, 999, 1_000, 1_001, 1_003, 2_000, 2_002, 2_003, 9_999, Long.MAX_VALUE}) {
                        session.call(list(session.name("t"), 0, time), 7);
                    }
                }),
                new Scenario("list-offsets-max-timestamp", session -> {
                    filled(session);
                    session.call(list(session.name("t"), 0, -3), 7);
                    session.call(list(session.name("t"), 0, -3), 8);
                    session.call(list(session.name("t"), 1, -3), 8);
                }),
                new Scenario("list-offsets-max-timestamp-of-deleted-records", session -> {
                    filled(session);
                    for (long start : new long[] {2, 4, -1}) {
                        session.call(LogScenarios.delete(session.name("t"), 0, start), 2);
                        for (long time : new long[] {-3, -2, -1, 0, 2_000}) {
                            session.call(list(session.name("t"), 0, time), 8);
                        }
                    }
                }),
                new Scenario("list-offsets-special-timestamps", session -> {
                    filled(session);
                    for (long time : new long[] {-1, -2, -3, -4, -5, -6, -7, -100}) {
                        session.call(list(session.name("t"), 0, time), 11);
                        session.call(list(session.name("t"), 1, time), 11);
                    }
                }),
                new Scenario("list-offsets-special-too-old", session -> {
                    filled(session);
                    session.call(list(session.name("t"), 0, -3), 6);
                    session.call(list(session.name("t"), 0, -4), 7);
                    session.call(list(session.name("t"), 0, -5), 8);
                }),
                new Scenario("list-offsets-unknown", session -> {
                    session.topic(session.name("t"), 1);
                    for (int version : new int[] {1, 3, 5, 6, 9}) {
                        session.call(list(session.name("none"), 0, -1), version);
                        session.call(list(session.name("t"), 4, -1), version);
                        session.call(list(session.name("t"), 4, 5), version);
                    }
                }),
                new Scenario("list-offsets-leader-epoch", session -> {
                    filled(session);
                    for (int epoch : new int[] {-1, 0, 3}) {
                        var request = list(session.name("t"), 0, -1);
                        request.topics().get(0).partitions().get(0).setCurrentLeaderEpoch(epoch);
                        session.call(request, 7);
                    }
                }),
                new Scenario("list-offsets-read-committed", session -> {
                    filled(session);
                    session.call(list(session.name("t"), 0, -1).setIsolationLevel((byte) 1), 7);
                    session.call(list(session.name("t"), 0, 2_000).setIsolationLevel((byte) 1), 7);
                }),
                new Scenario("list-offsets-duplicate-partitions", session -> {
                    filled(session);
                    var request = list(session.name("t"), 0, -1);
                    request.topics()
                            .get(0)
                            .setPartitions(List.of(
                                    new ListOffsetsPartition()
                                            .setPartitionIndex(0)
                                            .setTimestamp(-1),
                                    new ListOffsetsPartition()
                                            .setPartitionIndex(0)
                                            .setTimestamp(-2),
                                    new ListOffsetsPartition()
                                            .setPartitionIndex(1)
                                            .setTimestamp(-2)));
                    session.call(request, 7);
                }),
                new Scenario("leader-epoch-end-offsets", session -> {
                    filled(session);
                    for (int version = 2; version <= 4; version++) {
                        for (int epoch : new int[] {0, 1, 7, -1}) {
                            session.call(epochs(session.name("t"), 0, -1, epoch), version);
                        }
                        session.call(epochs(session.name("t"), 0, 0, 0), version);
                        session.call(epochs(session.name("t"), 0, 9, 0), version);
                        session.call(epochs(session.name("t"), 9, -1, 0), version);
                        session.call(epochs(session.name("none"), 0, -1, 0), version);
                    }
                }));
    }

    /** Five records in two batches in partition 0, none in partition 1. */
    private static void filled(Session session) {
        session.topic(session.name("t"), 2);
        session.quietly(produce(session.name("t"), 0, -1, at(1_000, "a", "b", "c")), 9);
        session.quietly(produce(session.name("t"), 0, -1, at(2_000, "d", "e")), 9);
    }

    private static MemoryRecords at(long time, String... values) {
        return MemoryRecords.withRecords(Compression.NONE, simple(time, values));
    }

    private static ListOffsetsRequestData list(String topic, int partition, long timestamp) {
        var request = new ListOffsetsRequestData().setReplicaId(-1);
        request.topics()
                .add(new ListOffsetsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new ListOffsetsPartition()
                                .setPartitionIndex(partition)
                                .setTimestamp(timestamp))));
        return request;
    }

    private static OffsetForLeaderEpochRequestData epochs(String topic, int partition, int current, int epoch) {
        var request = new OffsetForLeaderEpochRequestData().setReplicaId(-1);
        request.topics()
                .add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic()
                        .setTopic(topic)
                        .setPartitions(List.of(new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition()
                                .setPartition(partition)
                                .setCurrentLeaderEpoch(current)
                                .setLeaderEpoch(epoch))));
        return request;
    }
}
