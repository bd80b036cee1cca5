package io.barnabas.compat.differential;

import java.util.List;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;

/** What administrators ask of logs: deleting from their beginning, and where they lie. */
final class LogScenarios {
    private LogScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("delete-records-versions", session -> {
                    filled(session);
                    for (int version = 0; version <= 2; version++) {
                        session.call(delete(session.name("t"), 0, version + 1), version);
                        start(session);
                    }
                }),
                new Scenario("delete-records-up-to-the-end", session -> {
                    filled(session);
                    session.call(delete(session.name("t"), 0, -1), 2);
                    start(session);
                    session.quietly(Session.produce(session.name("t"), 0, -1, records("late")), 9);
                    session.call(delete(session.name("t"), 0, 0), 2);
                    start(session);
                }),
                new Scenario("delete-records-errors", session -> {
                    filled(session);
                    session.call(delete(session.name("t"), 0, 6), 2);
                    session.call(delete(session.name("t"), 0, -2), 2);
                    session.call(delete(session.name("t"), 7, 1), 2);
                    session.call(delete(session.name("none"), 0, 1), 2);
                    start(session);
                }),
                new Scenario("delete-records-of-compacted", session -> {
                    session.topic(session.name("compact"), 1, "cleanup.policy", "compact");
                    session.topic(session.name("both"), 1, "cleanup.policy", "compact,delete");
                    for (var topic : new String[] {session.name("compact"), session.name("both")}) {
                        session.quietly(Session.produce(topic, 0, -1, records("a", "b")), 9);
                        session.call(delete(topic, 0, 1), 2);
                    }
                }),
                new Scenario("describe-log-dirs", session -> {
                    filled(session);
                    for (int version = 1; version <= 5; version++) {
                        session.call(describe(session.name("t"), 0), version);
                        session.call(describe(session.name("t"), 9), version);
                        session.call(describe(session.name("none"), 0), version);
                    }
                }),
                new Scenario("alter-replica-log-dirs", session -> {
                    filled(session);
                    DescribeLogDirsResponseData described = session.quietly(describe(session.name("t"), 0), 4);
                    var here = described.results().get(0).logDir();
                    for (int version = 1; version <= 2; version++) {
                        for (var path : List.of(here, here + "/", "/nowhere", "")) {
                            session.call(alter(path, session.name("t"), 0), version);
                            session.call(alter(path, session.name("t"), 9), version);
                            session.call(alter(path, session.name("t"), -1), version);
                            session.call(alter(path, session.name("none"), 0), version);
                            session.call(alter(path, "", 0), version);
                            session.call(alter(path, "l".repeat(214), 0), version);
                            session.call(alter(path, "l".repeat(213), 0), version);
                        }
                        session.call(new AlterReplicaLogDirsRequestData(), version);
                        // The last one counts.
                        var twice = alter("/nowhere", session.name("t"), 0);
                        twice.dirs()
                                .add(alter(here, session.name("t"), 0)
                                        .dirs()
                                        .iterator()
                                        .next()
                                        .duplicate());
                        session.call(twice, version);
                    }
                    session.call(describe(session.name("t"), 0), 5);
                }));
    }

    private static AlterReplicaLogDirsRequestData alter(String path, String topic, int partition) {
        var asked = new AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic()
                .setName(topic)
                .setPartitions(List.of(partition));
        var dir = new AlterReplicaLogDirsRequestData.AlterReplicaLogDir().setPath(path);
        dir.topics().add(asked);
        var request = new AlterReplicaLogDirsRequestData();
        request.dirs().add(dir);
        return request;
    }

    private static org.apache.kafka.common.record.internal.MemoryRecords records(String... values) {
        return Session.records(Compression.NONE, values);
    }

    private static void filled(Session session) {
        session.topic(session.name("t"), 1);
        session.quietly(Session.produce(session.name("t"), 0, -1, records("a", "b", "c", "d", "e")), 9);
    }

    private static void start(Session session) {
        var partition = new ListOffsetsRequestData.ListOffsetsPartition().setTimestamp(-2);
        session.call(
                new ListOffsetsRequestData()
                        .setReplicaId(-1)
                        .setTopics(List.of(new ListOffsetsRequestData.ListOffsetsTopic()
                                .setName(session.name("t"))
                                .setPartitions(List.of(partition)))),
                7);
    }

    static DeleteRecordsRequestData delete(String topic, int partition, long offset) {
        var asked = new DeleteRecordsRequestData.DeleteRecordsPartition()
                .setPartitionIndex(partition)
                .setOffset(offset);
        return new DeleteRecordsRequestData()
                .setTimeoutMs(10_000)
                .setTopics(List.of(new DeleteRecordsRequestData.DeleteRecordsTopic()
                        .setName(topic)
                        .setPartitions(List.of(asked))));
    }

    private static DescribeLogDirsRequestData describe(String topic, int partition) {
        var request = new DescribeLogDirsRequestData();
        request.setTopics(new DescribeLogDirsRequestData.DescribableLogDirTopicCollection());
        request.topics()
                .add(new DescribeLogDirsRequestData.DescribableLogDirTopic()
                        .setTopic(topic)
                        .setPartitions(List.of(partition)));
        return request;
    }
}
