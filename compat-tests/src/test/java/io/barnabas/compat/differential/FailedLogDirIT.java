package io.barnabas.compat.differential;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * What clients are told of a broker of which one log directory has failed, and once it is there again: the same by both products. But for the
 * epoch and the in-sync set of a partition in it: Kafka's controller knows which those are and takes the broker out.
 */
@Timeout(240)
class FailedLogDirIT {
    private static final Pattern CONTROLLERS_VIEW = Pattern.compile(
            "\"leaderId\":-1,\"leaderEpoch\":\\d+,"
                    + "\"replicaNodes\":\\[1],\"isrNodes\":\\[1?](,\"eligibleLeaderReplicas\":\\[1?],\"lastKnownElr\":\\[1?])?");

    @TempDir
    private Path home;

    @Test
    void aDirectoryFailsAtWork() {
        var product = Product.valueOf(System.getProperty("peer", "BARNABAS"));
        var theirs = CompletableFuture.supplyAsync(
                () -> lines(Product.APACHE_KAFKA), task -> new Thread(task, "kafka").start());
        var ours = lines(product);
        var kafkas = theirs.join();
        if (Boolean.getBoolean("show")) {
            kafkas.forEach(System.out::println);
        }
        assertEquals("", Transcript.difference(kafkas, ours));
    }

    private List<String> lines(Product product) {
        var folder = home.resolve(product.toString());
        var good = folder.resolve("good");
        var bad = folder.resolve("bad");
        var settings = Map.of(
                "log.dirs",
                good + "," + bad,
                "cordoned.log.dirs",
                good.toString(),
                // Where the failure is noticed; Kafka writes one of its checkpoints every five seconds anyway.
                "log.flush.offset.checkpoint.interval.ms",
                "1000",
                "broker.heartbeat.interval.ms",
                "100");
        try (var broker = ChildBroker.started(product, folder.resolve("broker"), settings);
                var session = new Session("failed", broker.port())) {
            session.topic("there", 2);
            cordon(session, bad);
            Session.await(
                    "the other directory is cordoned",
                    () -> dir(session, bad).isCordoned() && !dir(session, good).isCordoned());
            session.topic("here", 1);
            for (var topic : List.of("there", "here")) {
                session.call(Session.produce(topic, 0, -1, Session.records(Compression.NONE, "v")), 9);
            }
            Files.move(bad, folder.resolve("away"));
            Files.writeString(bad, "no directory");
            Session.await("the directory is offline", () -> dir(session, bad).errorCode() != 0);
            Session.await(
                    "the metadata shows it",
                    () -> metadata(session, "there").topics().iterator().next().partitions().stream()
                            .allMatch(partition -> partition.errorCode() != 0));
            asked(session);
            broker.stop();
            Files.delete(bad);
            Files.move(folder.resolve("away"), bad);
            broker.start();
            session.reconnect();
            session.awaitLeaders("there", 3);
            session.call(Session.produce("there", 0, -1, Session.records(Compression.NONE, "v")), 9);
            session.call(listOffsets("there"), 7);
            return session.transcript().lines().stream()
                    .map(line -> CONTROLLERS_VIEW.matcher(line).replaceAll("no leader"))
                    .toList();
        } catch (Exception e) {
            throw new IllegalStateException(product.toString(), e);
        }
    }

    private static void asked(Session session) {
        for (var topic : List.of("there", "here")) {
            session.call(new MetadataRequestData().setTopics(List.of(named(topic))), 9);
            session.call(new MetadataRequestData().setTopics(List.of(named(topic))), 12);
            session.call(described(topic), 0);
            session.call(Session.produce(topic, 0, -1, Session.records(Compression.NONE, "v")), 9);
            session.call(fetch(topic), 11);
            session.call(listOffsets(topic), 7);
            session.call(deleteRecords(topic), 2);
            session.call(move(topic, "/no/such"), 2);
        }
        session.topic("new", 2);
        var more = new CreatePartitionsRequestData().setTimeoutMs(30_000);
        more.topics()
                .add(new CreatePartitionsRequestData.CreatePartitionsTopic()
                        .setName("there")
                        .setCount(3)
                        .setAssignments(null));
        session.call(more, 3);
        Session.await(
                "the new partition has a leader",
                () -> metadata(session, "there").topics().iterator().next().partitions().stream()
                        .anyMatch(partition -> partition.partitionIndex() == 2 && partition.errorCode() == 0));
        session.call(described("there"), 0);
    }

    private static void cordon(Session session, Path dir) {
        var resource = new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                .setResourceType((byte) 4)
                .setResourceName("1");
        resource.configs()
                .add(new IncrementalAlterConfigsRequestData.AlterableConfig()
                        .setName("cordoned.log.dirs")
                        .setConfigOperation((byte) 0)
                        .setValue(dir.toString()));
        var request = new IncrementalAlterConfigsRequestData();
        request.resources().add(resource);
        session.call(request, 1);
    }

    private static DescribeLogDirsResponseData.DescribeLogDirsResult dir(Session session, Path path) {
        DescribeLogDirsResponseData response = session.quietly(new DescribeLogDirsRequestData().setTopics(null), 5);
        return response.results().stream()
                .filter(each -> each.logDir().equals(path.toString()))
                .findFirst()
                .orElseThrow();
    }

    private static MetadataRequestData.MetadataRequestTopic named(String topic) {
        return new MetadataRequestData.MetadataRequestTopic().setName(topic);
    }

    private static MetadataResponseData metadata(Session session, String topic) {
        return session.quietly(new MetadataRequestData().setTopics(List.of(named(topic))), 9);
    }

    private static DescribeTopicPartitionsRequestData described(String topic) {
        return new DescribeTopicPartitionsRequestData()
                .setTopics(List.of(new DescribeTopicPartitionsRequestData.TopicRequest().setName(topic)));
    }

    private static FetchRequestData fetch(String topic) {
        var asked = new FetchRequestData.FetchTopic().setTopic(topic);
        asked.partitions()
                .add(new FetchRequestData.FetchPartition()
                        .setPartition(0)
                        .setFetchOffset(0)
                        .setPartitionMaxBytes(1_000));
        return new FetchRequestData()
                .setMaxWaitMs(0)
                .setMinBytes(1)
                .setMaxBytes(1_000)
                .setTopics(List.of(asked));
    }

    private static ListOffsetsRequestData listOffsets(String topic) {
        var asked = new ListOffsetsRequestData.ListOffsetsTopic().setName(topic);
        asked.partitions()
                .add(new ListOffsetsRequestData.ListOffsetsPartition()
                        .setPartitionIndex(0)
                        .setTimestamp(-1));
        return new ListOffsetsRequestData().setReplicaId(-1).setTopics(List.of(asked));
    }

    private static DeleteRecordsRequestData deleteRecords(String topic) {
        var asked = new DeleteRecordsRequestData.DeleteRecordsTopic().setName(topic);
        asked.partitions()
                .add(new DeleteRecordsRequestData.DeleteRecordsPartition()
                        .setPartitionIndex(0)
                        .setOffset(1));
        return new DeleteRecordsRequestData().setTimeoutMs(10_000).setTopics(List.of(asked));
    }

    private static AlterReplicaLogDirsRequestData move(String topic, String path) {
        var asked = new AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic()
                .setName(topic)
                .setPartitions(List.of(0));
        var dir = new AlterReplicaLogDirsRequestData.AlterReplicaLogDir().setPath(path);
        dir.topics().add(asked);
        var request = new AlterReplicaLogDirsRequestData();
        request.dirs().add(dir);
        return request;
    }
}
