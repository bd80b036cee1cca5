package io.barnabas.compat.programs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A move between log directories that is under way at one product is brought to its end by the other, from where it was: what lies in the
 * folders named {@code …-future} is the same.
 *
 * <p>The two cannot have one metadata log: topics have other ids there. The other broker is given the partition's folders, all but the id,
 * as in {@link KafkaReadsOurFilesIT}.
 */
@Timeout(300)
class MovesGoOnAtTheOtherIT {
    private static final String TOPIC = "moved";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final TopicPartitionReplica REPLICA = new TopicPartitionReplica(TOPIC, 0, 1);
    private static final int RECORDS = 12_000;
    private static final int MORE = 100;
    private static final long SEGMENT_BYTES = 1 << 20;
    private static final long THROTTLE = 500_000;
    private static final String ID_FILE = "partition.metadata";
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    /** The folders of the partition at one broker. */
    private record Folders(Path log, Path future) {}

    @ParameterizedTest
    @CsvSource({"BARNABAS, APACHE_KAFKA", "APACHE_KAFKA, BARNABAS"})
    void aMoveGoesOnAfterAKill(Product from, Product to) throws Exception {
        moveGoesOn(from, to, true);
    }

    @Tag("long")
    @ParameterizedTest
    @CsvSource({"BARNABAS, APACHE_KAFKA", "APACHE_KAFKA, BARNABAS"})
    void aMoveGoesOnAfterACleanStop(Product from, Product to) throws Exception {
        moveGoesOn(from, to, false);
    }

    private void moveGoesOn(Product from, Product to, boolean killed) throws Exception {
        InThisJvm.quiet();
        Folders left;
        try (var broker = started(from, "from")) {
            left = begin(broker);
            if (killed) {
                broker.kill();
            } else {
                broker.stop();
            }
        }
        try (var broker = started(to, "to")) {
            Path here;
            try (var admin = admin(broker)) {
                create(admin);
                here = Path.of(locations(admin).keySet().iterator().next());
                produce(broker, 0, 1);
            }
            broker.stop();
            var log = here.resolve(TOPIC + "-0");
            var there = broker.dataDirs().stream()
                    .filter(dir -> !dir.equals(here))
                    .findFirst()
                    .orElseThrow();
            var future = there.resolve(left.future().getFileName());
            PartitionFolders.replaceContent(left.log(), log);
            copy(left.future(), future);
            Files.copy(log.resolve(ID_FILE), future.resolve(ID_FILE), StandardCopyOption.REPLACE_EXISTING);
            if (killed) {
                for (var dir : broker.dataDirs()) {
                    Files.deleteIfExists(dir.resolve(".kafka_cleanshutdown"));
                }
            }
            var copied = segments(future);
            copied.remove(copied.lastKey());
            assertTrue(copied.size() > 1, copied.toString());
            broker.start();
            try (var admin = admin(broker)) {
                Waiting.until(
                        "the move comes to its end",
                        DEADLINE,
                        () -> locations(admin).keySet().equals(Set.of(there.toString()))
                                && !locations(admin).get(there.toString()).isFuture());
                var whole = segments(there.resolve(TOPIC + "-0"));
                copied.forEach(
                        (name, file) -> assertEquals(file, whole.get(name), () -> name + " was not copied again"));
                produce(broker, RECORDS, MORE);
                consume(broker, RECORDS + MORE);
            }
            broker.stop();
            broker.start();
            consume(broker, RECORDS + MORE);
        }
    }

    /** By name, what a file is, whatever its folder is called. */
    private static TreeMap<String, Object> segments(Path partition) throws IOException {
        var keys = new TreeMap<String, Object>();
        for (var file : PartitionFolders.files(partition, ".log")) {
            keys.put(
                    file.getFileName().toString(),
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        }
        return keys;
    }

    private ChildBroker started(Product product, String name) throws IOException {
        var home = folder.resolve(name);
        var dirs = home.resolve("a") + "," + home.resolve("b");
        return ChildBroker.started(product, home, Map.of("log.dirs", dirs));
    }

    private static Admin admin(ChildBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    private static void create(Admin admin) throws Exception {
        var topic = new NewTopic(TOPIC, 1, (short) 1).configs(Map.of("segment.bytes", "" + SEGMENT_BYTES));
        admin.createTopics(List.of(topic)).all().get();
        Waiting.until(
                "the partition is there", DEADLINE, () -> !locations(admin).isEmpty());
    }

    /** Starts a move and comes back when several segments are copied, but not all. */
    private Folders begin(ChildBroker broker) throws Exception {
        try (var admin = admin(broker)) {
            create(admin);
            produce(broker, 0, RECORDS);
            var here = locations(admin).keySet().iterator().next();
            var there = broker.dataDirs().stream()
                    .map(Path::toString)
                    .filter(dir -> !dir.equals(here))
                    .findFirst()
                    .orElseThrow();
            throttle(admin);
            admin.alterReplicaLogDirs(Map.of(REPLICA, there)).all().get();
            Waiting.until("some of it is copied", DEADLINE, () -> {
                var copy = locations(admin).get(there);
                return copy != null && copy.size() > 2 * SEGMENT_BYTES;
            });
            var copy = locations(admin).get(there);
            assertTrue(copy.isFuture() && copy.offsetLag() > RECORDS / 4, copy.toString());
            try (var entries = Files.list(Path.of(there))) {
                var future = entries.filter(
                                entry -> entry.getFileName().toString().matches(TOPIC + "-0\\..*-future"))
                        .findFirst()
                        .orElseThrow();
                return new Folders(Path.of(here).resolve(TOPIC + "-0"), future);
            }
        }
    }

    private static void throttle(Admin admin) throws Exception {
        var key = "replica.alter.log.dirs.io.max.bytes.per.second";
        var resource = new ConfigResource(ConfigResource.Type.BROKER, "1");
        var change = new AlterConfigOp(new ConfigEntry(key, "" + THROTTLE), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
        Waiting.until("the throttle is shown", DEADLINE, () -> {
            var shown = admin.describeConfigs(List.of(resource))
                    .all()
                    .get()
                    .get(resource)
                    .get(key);
            return shown != null && ("" + THROTTLE).equals(shown.value());
        });
    }

    private static Map<String, ReplicaInfo> locations(Admin admin) throws InterruptedException, ExecutionException {
        var found = new TreeMap<String, ReplicaInfo>();
        admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).forEach((dir, described) -> {
            var info = described.replicaInfos().get(PARTITION);
            if (info != null) {
                found.put(dir, info);
            }
        });
        return found;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        for (var file : PartitionFolders.files(from, "")) {
            Files.copy(file, to.resolve(file.getFileName()));
        }
    }

    private static String value(int number) {
        return "v" + number + " " + "x".repeat(1_000);
    }

    private static void produce(ChildBroker broker, int first, int count) {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "acks", "all", "linger.ms", "5"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = first; i < first + count; i++) {
                producer.send(new ProducerRecord<>(TOPIC, value(i).getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    private static void consume(ChildBroker broker, int count) {
        var values = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            assertEquals(count, consumer.endOffsets(List.of(PARTITION)).get(PARTITION));
            while (values.size() < count) {
                var records = consumer.poll(Duration.ofSeconds(10));
                assertTrue(!records.isEmpty(), () -> values.size() + " of " + count);
                records.forEach(record -> values.add(new String(record.value(), StandardCharsets.UTF_8)));
            }
        }
        for (int i = 0; i < count; i++) {
            assertEquals(value(i), values.get(i));
        }
    }
}
