package io.barnabas.compat.programs;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import io.barnabas.compat.differential.Session;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Replicas move between the log directories of one broker, ordered and watched by the AdminClient: the same at both products. */
@Timeout(240)
class LogDirMovesIT {
    private static final int RECORDS = 400;
    private static final String THROTTLE = "replica.alter.log.dirs.io.max.bytes.per.second";

    @TempDir
    Path folder;

    private Admin admin;
    private ChildBroker broker;
    private List<String> dirs;

    @ParameterizedTest
    @EnumSource(Product.class)
    void movesAndErrors(Product product) throws Exception {
        InThisJvm.quiet();
        var names = List.of("a", "b", "c");
        dirs = names.stream().map(name -> folder.resolve(name).toString()).toList();
        try (var started = ChildBroker.started(
                        product, folder.resolve("broker"), Map.of("log.dirs", String.join(",", dirs)));
                var client = Admin.create(Map.of("bootstrap.servers", started.bootstrapServers()))) {
            broker = started;
            admin = client;
            errors();
            aPartitionThatComesLater();
            aMoveFromEndToEnd();
            theStockPrograms();
            aMoveThatIsGivenUp();
            producingGoesOn();
        }
    }

    private static String outcome(KafkaFuture<Void> future) throws InterruptedException {
        try {
            future.get();
            return "NONE";
        } catch (ExecutionException e) {
            return e.getCause().getClass().getSimpleName();
        }
    }

    private String alter(String topic, int partition, String dir) throws InterruptedException {
        var replica = new TopicPartitionReplica(topic, partition, 1);
        return outcome(admin.alterReplicaLogDirs(Map.of(replica, dir)).values().get(replica));
    }

    private void create(String topic) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }

    /** Where the replicas of partition 0 are, the current and the future one, by directory. */
    private Map<String, ReplicaInfo> replicas(String topic) throws Exception {
        var found = new TreeMap<String, ReplicaInfo>();
        admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).forEach((dir, described) -> {
            var info = described.replicaInfos().get(new TopicPartition(topic, 0));
            if (info != null) {
                found.put(dir, info);
            }
        });
        return found;
    }

    private String dirOf(String topic) throws Exception {
        Session.await("a log of " + topic, () -> {
            try {
                return replicas(topic).values().stream().anyMatch(info -> !info.isFuture());
            } catch (Exception e) {
                return false;
            }
        });
        return replicas(topic).entrySet().stream()
                .filter(each -> !each.getValue().isFuture())
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    private String otherThan(String dir) {
        return dirs.stream().filter(each -> !each.equals(dir)).findFirst().orElseThrow();
    }

    private void awaitIn(String topic, String dir) {
        Session.await(topic + " is in " + dir, () -> {
            try {
                var found = replicas(topic);
                return found.size() == 1
                        && found.containsKey(dir)
                        && !found.get(dir).isFuture();
            } catch (Exception e) {
                return false;
            }
        });
    }

    private void errors() throws Exception {
        create("errors");
        var here = dirOf("errors");
        assertEquals("LogDirNotFoundException", alter("errors", 0, "/no/such/dir"));
        assertEquals("LogDirNotFoundException", alter("errors", 0, here + "/"));
        assertEquals("UnknownTopicOrPartitionException", alter("errors", 9, here));
        assertEquals("UnknownTopicOrPartitionException", alter("none", 0, here));
        assertEquals("NONE", alter("errors", 0, here));
        assertEquals(1, replicas("errors").size());
        var longName = "l".repeat(249);
        create(longName);
        assertEquals("InvalidTopicException", alter(longName, 0, otherThan(dirOf(longName))));
    }

    private void aPartitionThatComesLater() throws Exception {
        assertEquals("UnknownTopicOrPartitionException", alter("later", 0, dirs.get(2)));
        create("later");
        assertEquals(dirs.get(2), dirOf("later"));
    }

    private void aMoveFromEndToEnd() throws Exception {
        create("moved");
        produce("moved");
        var to = otherThan(dirOf("moved"));
        long size = replicas("moved").values().iterator().next().size();
        assertEquals("NONE", alter("moved", 0, to));
        awaitIn("moved", to);
        assertEquals(size, replicas("moved").get(to).size());
        assertEquals(0, replicas("moved").get(to).offsetLag());
        consume("moved");
        // It is the same log: it goes on at its end, and moves on.
        produce("moved");
        assertEquals("NONE", alter("moved", 0, otherThan(to)));
        awaitIn("moved", otherThan(to));
        consume("moved");
    }

    /** What a user of kafka-reassign-partitions sees, but for the directories. */
    private void theStockPrograms() throws Exception {
        create("program");
        produce("program");
        var here = dirOf("program");
        var to = otherThan(here);
        var plan = Files.writeString(
                folder.resolve("plan.json"),
                "{\"version\":1,\"partitions\":[{\"topic\":\"program\",\"partition\":0,\"replicas\":[1],\"log_dirs\":[\""
                        + to + "\"]}]}");
        var executed = program(
                Program.REASSIGN_PARTITIONS,
                "--reassignment-json-file",
                plan.toString(),
                "--execute",
                "--replica-alter-log-dirs-throttle",
                "50000000");
        assertEquals(0, executed.status(), executed.toString());
        assertTrue(
                executed.out()
                        .contains("Successfully started moving log directory to " + to
                                + " for replica program-0 with broker 1"),
                executed.out());
        awaitIn("program", to);
        var verified = program(Program.REASSIGN_PARTITIONS, "--reassignment-json-file", plan.toString(), "--verify");
        assertTrue(
                verified.out().contains("Reassignment of replica program-0-1 completed successfully."), verified.out());
        var listed = program(Program.REASSIGN_PARTITIONS, "--list");
        assertTrue(listed.out().contains("No partition reassignments found."), listed.out());
        var described = program(Program.LOG_DIRS, "--describe", "--topic-list", "program");
        assertTrue(described.out().contains("\"logDir\":\"" + to + "\""), described.out());
        assertTrue(described.out().contains("\"isFuture\":false"), described.out());
        consume("program");
    }

    private Outcome program(Program program, String... arguments) {
        var all = new ArrayList<>(List.of("--bootstrap-server", broker.bootstrapServers()));
        all.addAll(List.of(arguments));
        return InThisJvm.run(program, "", all.toArray(String[]::new));
    }

    private void aMoveThatIsGivenUp() throws Exception {
        create("slow");
        // More than Kafka copies before it looks at the throttle.
        for (int round = 0; round < 10; round++) {
            produce("slow");
        }
        var here = dirOf("slow");
        var there = otherThan(here);
        throttle("1000");
        assertEquals("NONE", alter("slow", 0, there));
        var replica = new TopicPartitionReplica("slow", 0, 1);
        var described =
                admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica);
        assertEquals(here, described.getCurrentReplicaLogDir());
        assertEquals(there, described.getFutureReplicaLogDir());
        assertTrue(described.getFutureReplicaOffsetLag() > 0, described.toString());
        assertTrue(replicas("slow").get(there).isFuture());
        // There is it, and another way.
        assertEquals("NONE", alter("slow", 0, there));
        var elsewhere = dirs.stream()
                .filter(dir -> !dir.equals(here) && !dir.equals(there))
                .findFirst()
                .orElseThrow();
        assertEquals("NONE", alter("slow", 0, elsewhere));
        assertEquals(
                List.of(here, elsewhere).stream().sorted().toList(),
                List.copyOf(replicas("slow").keySet()));
        assertEquals("NONE", alter("slow", 0, here));
        assertEquals(List.of(here), List.copyOf(replicas("slow").keySet()));
        described = admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica);
        assertNull(described.getFutureReplicaLogDir());
        // Deleted on its way.
        assertEquals("NONE", alter("slow", 0, there));
        admin.deleteTopics(List.of("slow")).all().get();
        Session.await("nothing of slow is left", () -> {
            try {
                return replicas("slow").isEmpty();
            } catch (Exception e) {
                return false;
            }
        });
        throttle(null);
    }

    /** Records are taken while the partition moves, and over the moment at which it changes its place. */
    private void producingGoesOn() throws Exception {
        create("busy");
        for (int round = 0; round < 10; round++) {
            produce("busy");
        }
        var acknowledged = new AtomicInteger();
        var stopping = new AtomicBoolean();
        var producing = CompletableFuture.runAsync(() -> produceUntil(stopping, acknowledged));
        for (int move = 0; move < 3; move++) {
            var there = otherThan(dirOf("busy"));
            throttle("1000");
            assertEquals("NONE", alter("busy", 0, there));
            assertTrue(replicas("busy").get(there).isFuture());
            int before = acknowledged.get();
            Session.await("records are taken", () -> producing.isDone() || acknowledged.get() > before + 100);
            assertTrue(replicas("busy").get(there).isFuture(), "it still moves");
            throttle(null);
            awaitIn("busy", there);
            int after = acknowledged.get();
            Session.await("records are taken", () -> producing.isDone() || acknowledged.get() > after + 100);
        }
        stopping.set(true);
        producing.get();
        consume("busy");
        assertEquals(10 * RECORDS + acknowledged.get(), end("busy"));
    }

    /** One after the other, each acknowledged; ends with a whole round. */
    private void produceUntil(AtomicBoolean stopping, AtomicInteger acknowledged) {
        try (var producer = producer()) {
            while (!stopping.get() || acknowledged.get() % RECORDS != 0) {
                producer.send(record("busy", acknowledged.get() % RECORDS)).get();
                acknowledged.incrementAndGet();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private long end(String topic) throws Exception {
        var partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private void throttle(String bytesPerSecond) throws Exception {
        var change = new AlterConfigOp(
                new ConfigEntry(THROTTLE, bytesPerSecond),
                bytesPerSecond == null ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET);
        var resource = new ConfigResource(ConfigResource.Type.BROKER, "1");
        admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
        if (broker.product() == Product.BARNABAS) {
            // Whoever was answered finds it in effect.
            return;
        }
        Session.await("the throttle is shown", () -> {
            try {
                var shown = admin.describeConfigs(List.of(resource))
                        .all()
                        .get()
                        .get(resource)
                        .get(THROTTLE);
                return bytesPerSecond == null ? shown == null : shown != null && bytesPerSecond.equals(shown.value());
            } catch (Exception e) {
                return false;
            }
        });
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "acks", "all", "linger.ms", "5"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, int number) {
        return new ProducerRecord<>(topic, ("v" + number + " " + "x".repeat(1_000)).getBytes(StandardCharsets.UTF_8));
    }

    private void produce(String topic) {
        try (var producer = producer()) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(record(topic, i));
            }
        }
    }

    /** All that was produced, in order, in as many rounds as there were. */
    private void consume(String topic) {
        var values = new ArrayList<String>();
        var partition = new TopicPartition(topic, 0);
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (values.size() < end) {
                consumer.poll(Duration.ofSeconds(10))
                        .forEach(record -> values.add(new String(record.value(), StandardCharsets.UTF_8)));
            }
        }
        assertEquals(0, values.size() % RECORDS);
        for (int i = 0; i < values.size(); i++) {
            assertTrue(values.get(i).startsWith("v" + i % RECORDS + " "), values.get(i));
        }
    }
}
