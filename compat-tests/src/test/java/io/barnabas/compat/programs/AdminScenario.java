package io.barnabas.compat.programs;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;

import io.barnabas.compat.cluster.OwnKeys;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;

import static org.junit.jupiter.api.Assertions.assertThrows;

/** What a program can ask through the stock AdminClient. */
final class AdminScenario {
    private static final ConfigResource TOPIC = new ConfigResource(ConfigResource.Type.TOPIC, "adm");

    private AdminScenario() {}

    static void play(Session session) throws Exception {
        topics(session);
        offsets(session);
        configs(session);
        groups(session);
        var admin = session.admin();
        session.attempt("delete", () -> admin.deleteTopics(List.of("adm")).all().get());
        session.untilNoTopic("adm");
        session.attempt(
                "delete again", () -> admin.deleteTopics(List.of("adm")).all().get());
        session.attempt(
                "delete unknown id", () -> admin.deleteTopics(org.apache.kafka.common.TopicCollection.ofTopicIds(
                                List.of(org.apache.kafka.common.Uuid.fromString("aaaaaaaaaaaaaaaaaaaaaA"))))
                        .all()
                        .get());
    }

    private static void topics(Session session) throws Exception {
        var admin = session.admin();
        session.attempt("create", () -> {
            var created = admin.createTopics(
                    List.of(new NewTopic("adm", 2, (short) 1).configs(Map.of("max.message.bytes", "2000"))));
            return created.numPartitions("adm").get() + " "
                    + created.replicationFactor("adm").get() + " "
                    + text(created.config("adm").get());
        });
        session.untilTopic("adm", 2);
        session.attempt("create again", () -> admin.createTopics(List.of(new NewTopic("adm", 2, (short) 1)))
                .all()
                .get());
        session.attempt("create, only checked", () -> {
            var created = admin.createTopics(
                    List.of(new NewTopic("adm-2", Optional.of(4), Optional.empty())),
                    new CreateTopicsOptions().validateOnly(true));
            return created.numPartitions("adm-2").get() + " "
                    + created.replicationFactor("adm-2").get();
        });
        session.attempt("create, brokers that are not there", () -> admin.createTopics(
                        List.of(new NewTopic("adm-2", 1, (short) 3)))
                .all()
                .get());
        session.attempt("create, assignment with a hole", () -> admin.createTopics(
                        List.of(new NewTopic("adm-2", Map.of(0, List.of(1), 2, List.of(1)))))
                .all()
                .get());
        session.attempt("create, the same broker twice", () -> admin.createTopics(
                        List.of(new NewTopic("adm-2", Map.of(0, List.of(1, 1)))))
                .all()
                .get());
        session.attempt("create, no partitions", () -> admin.createTopics(List.of(new NewTopic("adm-2", 0, (short) 1)))
                .all()
                .get());
        session.attempt("create, empty name", () -> admin.createTopics(List.of(new NewTopic("", 1, (short) 1)))
                .all()
                .get());
        session.attempt(
                "list", () -> admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get().stream()
                        .filter(name -> name.startsWith("adm"))
                        .toList());
        session.attempt(
                "describe",
                () -> text(admin.describeTopics(
                                List.of("adm"), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                        .allTopicNames()
                        .get()
                        .get("adm")));
        session.attempt(
                "describe, one partition an answer",
                () -> text(admin.describeTopics(
                                List.of("adm"), new DescribeTopicsOptions().partitionSizeLimitPerResponse(1))
                        .allTopicNames()
                        .get()
                        .get("adm")));
        session.attempt(
                "describe unknown",
                () -> admin.describeTopics(List.of("adm-none")).allTopicNames().get());
        session.attempt(
                "describe bad name",
                () -> admin.describeTopics(List.of("a b")).allTopicNames().get());
        session.attempt("partitions, only checked", () -> admin.createPartitions(
                        Map.of("adm", NewPartitions.increaseTo(5)), new CreatePartitionsOptions().validateOnly(true))
                .all()
                .get());
        session.attempt("partitions", () -> admin.createPartitions(Map.of("adm", NewPartitions.increaseTo(3)))
                .all()
                .get());
        session.untilTopic("adm", 3);
        session.attempt("partitions, fewer", () -> admin.createPartitions(Map.of("adm", NewPartitions.increaseTo(1)))
                .all()
                .get());
        session.attempt("partitions, wrong assignment", () -> admin.createPartitions(
                        Map.of("adm", NewPartitions.increaseTo(5, List.of(List.of(1)))))
                .all()
                .get());
        session.attempt("cluster", () -> {
            var cluster = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
            return cluster.nodes().get() + " " + cluster.controller().get() + " "
                    + cluster.authorizedOperations().get().stream()
                            .map(Enum::name)
                            .sorted()
                            .toList();
        });
        session.attempt("cluster, fenced too", () -> admin.describeCluster(
                        new DescribeClusterOptions().includeFencedBrokers(true))
                .nodes()
                .get());
    }

    private static void offsets(Session session) throws Exception {
        var admin = session.admin();
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", session.bootstrapServers(), "linger.ms", "0"),
                new StringSerializer(),
                new StringSerializer())) {
            for (long timestamp : new long[] {1_000, 5_000, 3_000}) {
                producer.send(new ProducerRecord<>("adm", 0, timestamp, "k", "v"))
                        .get();
            }
            // Only the kind of error: Barnabas says how large the batch is and which limit it breaks, Kafka nothing.
            session.attempt("too large", () -> assertThrows(ExecutionException.class, () -> producer.send(
                                    new ProducerRecord<>("adm", "k", "v".repeat(5_000)))
                            .get())
                    .getCause()
                    .getClass());
        }
        TopicPartition partition = new TopicPartition("adm", 0);
        for (OffsetSpec spec : List.of(
                OffsetSpec.earliest(),
                OffsetSpec.latest(),
                OffsetSpec.maxTimestamp(),
                OffsetSpec.earliestLocal(),
                OffsetSpec.latestTiered(),
                OffsetSpec.forTimestamp(2_000),
                OffsetSpec.forTimestamp(5_001))) {
            session.attempt(
                    "offset " + spec.getClass().getSimpleName(),
                    () -> text(admin.listOffsets(Map.of(partition, spec))
                            .partitionResult(partition)
                            .get()));
        }
    }

    private static void configs(Session session) throws Exception {
        var admin = session.admin();
        session.attempt(
                "configs",
                () -> text(admin.describeConfigs(List.of(TOPIC), new DescribeConfigsOptions().includeSynonyms(true))
                        .all()
                        .get()
                        .get(TOPIC)));
        session.attempt("alter", () -> alter(session, TOPIC, "retention.bytes", "77", AlterConfigOp.OpType.SET));
        session.attempt(
                "append", () -> alter(session, TOPIC, "cleanup.policy", "compact", AlterConfigOp.OpType.APPEND));
        session.until(client -> configText(session).contains("delete,compact"));
        session.attempt("altered", () -> configText(session));
        session.attempt(
                "append to a number", () -> alter(session, TOPIC, "retention.bytes", "7", AlterConfigOp.OpType.APPEND));
        session.attempt(
                "subtract", () -> alter(session, TOPIC, "cleanup.policy", "delete", AlterConfigOp.OpType.SUBTRACT));
        session.attempt(
                "subtract all",
                () -> alter(session, TOPIC, "cleanup.policy", "compact", AlterConfigOp.OpType.SUBTRACT));
        session.attempt("delete", () -> alter(session, TOPIC, "retention.bytes", "", AlterConfigOp.OpType.DELETE));
        session.attempt(
                "unknown topic",
                () -> alter(
                        session,
                        new ConfigResource(ConfigResource.Type.TOPIC, "adm-none"),
                        "retention.bytes",
                        "1",
                        AlterConfigOp.OpType.SET));
    }

    private static void groups(Session session) throws Exception {
        var admin = session.admin();
        TopicPartition first = new TopicPartition("adm", 0);
        session.attempt("offsets of a new group", () -> admin.alterConsumerGroupOffsets(
                        "adm-group", Map.of(first, new OffsetAndMetadata(2, Optional.of(0), "note")))
                .all()
                .get());
        session.attempt("committed", () -> admin.listConsumerGroupOffsets("adm-group")
                .partitionsToOffsetAndMetadata()
                .get());
        session.attempt("committed of no group", () -> admin.listConsumerGroupOffsets("adm-none")
                .partitionsToOffsetAndMetadata()
                .get());
        session.attempt("listed", () -> admin.listGroups().all().get().stream()
                .map(Object::toString)
                .filter(text -> text.contains("'adm-group'"))
                .toList());
        session.attempt(
                "classic",
                () -> admin.describeClassicGroups(List.of("adm-group")).all().get());
        session.attempt(
                "classic unknown",
                () -> admin.describeClassicGroups(List.of("adm-none")).all().get());
        session.attempt(
                "consumer group",
                () -> admin.describeConsumerGroups(List.of("adm-group")).all().get());
        session.attempt(
                "consumer group unknown",
                () -> admin.describeConsumerGroups(List.of("adm-none")).all().get());
        session.attempt("offset of an unknown partition", () -> admin.alterConsumerGroupOffsets(
                        "adm-group", Map.of(new TopicPartition("adm-none", 0), new OffsetAndMetadata(2)))
                .all()
                .get());
        session.attempt("metadata too long", () -> admin.alterConsumerGroupOffsets(
                        "adm-group", Map.of(first, new OffsetAndMetadata(2, "x".repeat(5_000))))
                .all()
                .get());
        session.attempt("delete offsets", () -> admin.deleteConsumerGroupOffsets("adm-group", Set.of(first))
                .all()
                .get());
        session.attempt("delete offsets of no group", () -> admin.deleteConsumerGroupOffsets("adm-none", Set.of(first))
                .all()
                .get());
        session.attempt(
                "delete group",
                () -> admin.deleteConsumerGroups(List.of("adm-group")).all().get());
        session.attempt(
                "delete no group",
                () -> admin.deleteConsumerGroups(List.of("adm-none")).all().get());
    }

    private static Object alter(
            Session session, ConfigResource resource, String key, String value, AlterConfigOp.OpType operation)
            throws Exception {
        Collection<AlterConfigOp> operations = List.of(new AlterConfigOp(new ConfigEntry(key, value), operation));
        return session.admin()
                .incrementalAlterConfigs(Map.of(resource, operations))
                .all()
                .get();
    }

    private static String configText(Session session) {
        try {
            return text(
                    session.admin().describeConfigs(List.of(TOPIC)).all().get().get(TOPIC));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Config config) {
        var lines = new TreeMap<String, String>();
        for (ConfigEntry entry : config.entries()) {
            lines.put(
                    entry.name(),
                    entry.value() + " " + entry.source() + " " + entry.type() + (entry.isReadOnly() ? " read-only" : "")
                            + (entry.isSensitive() ? " sensitive" : "") + " " + entry.synonyms());
        }
        StringBuilder text = new StringBuilder();
        lines.forEach(
                (name, rest) -> text.append(name).append(" = ").append(rest).append('\n'));
        return OwnKeys.strip(text.toString());
    }

    private static String text(TopicDescription topic) {
        return topic.name() + " " + topic.isInternal() + " " + topic.partitions() + " " + topic.authorizedOperations();
    }

    private static String text(ListOffsetsResult.ListOffsetsResultInfo info) {
        return info.offset() + " " + info.timestamp() + " " + info.leaderEpoch();
    }
}
