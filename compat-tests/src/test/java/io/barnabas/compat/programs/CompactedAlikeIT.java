package io.barnabas.compat.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Both brokers compact the same logs, and the same records survive: logs that both got from producers, and logs with transactions that
 * Kafka wrote and was killed over. Kafka's tools and a Kafka broker read what our compaction left.
 */
@Timeout(300)
class CompactedAlikeIT {
    private static final Map<String, String> SETTINGS =
            Map.of("log.cleaner.backoff.ms", "100", "log.initial.task.delay.ms", "100");
    private static final Map<String, String> COMPACTED = Map.of(
            "cleanup.policy",
            "compact",
            "segment.bytes",
            "1048576",
            "min.cleanable.dirty.ratio",
            "0.0",
            "index.interval.bytes",
            "200");
    private static final String LIVE = "live";
    private static final String TRANSACTIONS = "transactions";
    private static final int PARTITIONS = 1;
    private static final int RECORDS = 3_000;
    private static final int KEYS = 150;

    @TempDir
    Path folder;

    @Test
    void theSameRecordsSurvive() throws Exception {
        InThisJvm.quiet();
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("CompactedAlikeIT -Dseed=" + seed);
        try (var kafka = ChildBroker.started(Product.APACHE_KAFKA, folder.resolve("kafka"), SETTINGS);
                var ours = ChildBroker.started(Product.BARNABAS, folder.resolve("ours"), SETTINGS)) {
            for (var broker : List.of(kafka, ours)) {
                createTopics(broker);
                write(broker, LIVE, Map.of("acks", "all"), new Random(seed));
            }
            write(kafka, TRANSACTIONS, Map.of("transactional.id", "t"), new Random(seed + 1));
            awaitMarkers(kafka);
            kafka.kill();
            ours.kill();
            for (var partition : PartitionFolders.of(kafka.dataDir(), TRANSACTIONS)) {
                PartitionFolders.replaceContent(partition, ours.dataDir().resolve(partition.getFileName()));
            }
            kafka.start();
            ours.start();
            awaitCompacted(kafka);
            awaitCompacted(ours);
            var survived = assertSameRecords(kafka, ours);
            ours.stop();
            dumpLogIsContent(ours.dataDir(), kafka.dataDir(), survived);
            var markers = markers(kafka.dataDir());
            assertTrue(
                    markers.toString().contains("COMMIT") && markers.toString().contains("ABORT"), "no markers");
            assertEquals(markers, markers(ours.dataDir()));
            isServedByKafka(kafka, ours.dataDir());
        }
    }

    private static void createTopics(ChildBroker broker) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(
                            new NewTopic(LIVE, PARTITIONS, (short) 1).configs(COMPACTED),
                            new NewTopic(TRANSACTIONS, PARTITIONS, (short) 1).configs(COMPACTED)))
                    .all()
                    .get();
        }
    }

    /** Keys again and again, now and then a tombstone; with a transactional id, every fourth transaction is aborted. */
    private static void write(ChildBroker broker, String topic, Map<String, Object> settings, Random random)
            throws Exception {
        var all = new HashMap<>(settings);
        all.put("bootstrap.servers", broker.bootstrapServers());
        // One record a batch, so that both brokers' segments end at the same one.
        all.put("batch.size", 0);
        try (var producer = new KafkaProducer<>(all, new StringSerializer(), new StringSerializer())) {
            boolean transactional = settings.containsKey("transactional.id");
            if (transactional) {
                producer.initTransactions();
            }
            for (int sent = 0; sent < RECORDS; ) {
                int count = 1 + random.nextInt(40);
                if (transactional) {
                    producer.beginTransaction();
                }
                for (int i = 0; i < count; i++, sent++) {
                    var key = "key-" + random.nextInt(KEYS);
                    var value =
                            random.nextInt(8) == 0 ? null : "value-" + sent + "-" + "x".repeat(random.nextInt(2_000));
                    producer.send(new ProducerRecord<>(topic, random.nextInt(PARTITIONS), key, value));
                }
                producer.flush();
                if (transactional && random.nextInt(4) == 0) {
                    producer.abortTransaction();
                } else if (transactional) {
                    producer.commitTransaction();
                }
            }
        }
    }

    /** A commit returns before its markers are written; one without would stay open at the other broker. */
    private static void awaitMarkers(ChildBroker broker) {
        var partitions = IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> new TopicPartition(TRANSACTIONS, partition))
                .toList();
        try (var committed = consumer(broker, "read_committed");
                var all = consumer(broker, "read_uncommitted")) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!committed.endOffsets(partitions).equals(all.endOffsets(partitions))) {
                assertTrue(System.nanoTime() < deadline, "a transaction stays open");
            }
        }
    }

    private static KafkaConsumer<String, String> consumer(ChildBroker broker, String isolation) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", isolation),
                new StringDeserializer(),
                new StringDeserializer());
    }

    /** Until the cleaner's checkpoint of each log reaches its active segment. */
    private static void awaitCompacted(ChildBroker broker) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!isCompacted(broker)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(broker.product() + " did not compact:\n" + Files.readString(broker.output()));
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static boolean isCompacted(ChildBroker broker) throws Exception {
        var checkpoint = broker.dataDir().resolve("cleaner-offset-checkpoint");
        if (!Files.exists(checkpoint)) {
            return false;
        }
        var lines = Files.readAllLines(checkpoint);
        for (var topic : List.of(LIVE, TRANSACTIONS)) {
            for (var partition : PartitionFolders.of(broker.dataDir(), topic)) {
                var name = partition.getFileName().toString();
                var logs = PartitionFolders.files(partition, ".log");
                var active = logs.get(logs.size() - 1).getFileName().toString();
                long base = Long.parseLong(active.substring(0, active.indexOf('.')));
                if (!lines.contains(topic + " " + name.substring(topic.length() + 1) + " " + base)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Returns how many there are in each partition. */
    private static Map<String, Integer> assertSameRecords(ChildBroker kafka, ChildBroker ours) {
        var counts = new LinkedHashMap<String, Integer>();
        for (var topic : List.of(LIVE, TRANSACTIONS)) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                var what = new TopicPartition(topic, partition);
                var expected = records(kafka, what, "read_uncommitted");
                assertSame(what, expected, records(ours, what, "read_uncommitted"));
                assertTrue(expected.size() < RECORDS / 2, what + " was not compacted: " + expected.size());
                counts.put(what.toString(), expected.size());
                assertSame(what, records(kafka, what, "read_committed"), records(ours, what, "read_committed"));
            }
        }
        return counts;
    }

    private static void assertSame(TopicPartition partition, List<String> expected, List<String> actual) {
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            assertEquals(expected.get(i), actual.get(i), partition.toString());
        }
        assertEquals(expected.size(), actual.size(), partition.toString());
    }

    private static List<String> records(ChildBroker broker, TopicPartition partition, String isolation) {
        var found = new ArrayList<String>();
        try (var consumer = consumer(broker, isolation)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    found.add(
                            record.offset() + " " + record.timestampType() + " " + record.key() + " " + record.value());
                }
            }
            found.add("end " + end);
        }
        return found;
    }

    /** Offset and kind of every transaction marker, which no consumer shows. */
    private static List<String> markers(Path dataDir) {
        var found = new ArrayList<String>();
        for (var partition : PartitionFolders.of(dataDir, TRANSACTIONS)) {
            var dump = PartitionFolders.dumpAnyway(
                    PartitionFolders.files(partition, ".log"), "--deep-iteration", "--print-data-log");
            dump.out()
                    .lines()
                    .filter(line -> line.contains("endTxnMarker: "))
                    .map(line -> line.replaceAll("\\| (offset: \\d+) .* (endTxnMarker: .*)", "$1 $2"))
                    .forEach(found::add);
        }
        return found;
    }

    /**
     * As content as with what Kafka's cleaner made: where only the header is left of the batch with a segment's latest time, the program
     * misses that time among the records.
     */
    private static void dumpLogIsContent(Path dataDir, Path kafkas, Map<String, Integer> survived) {
        for (var topic : List.of(LIVE, TRANSACTIONS)) {
            for (var partition : PartitionFolders.of(dataDir, topic)) {
                var dump = PartitionFolders.dumpAnyway(
                        PartitionFolders.files(partition, ".log"), "--deep-iteration", "--print-data-log");
                assertFalse(dump.out().contains("isvalid: false"), dump::out);
                long records = dump.out()
                        .lines()
                        .filter(line -> line.startsWith("| offset: ") && !line.contains("endTxnMarker"))
                        .count();
                // The list of records has one line for the end.
                assertEquals(survived.get(partition.getFileName().toString()) - 1, records);
                for (var suffix : List.of(".index", ".timeindex")) {
                    var indexes = PartitionFolders.files(partition, suffix);
                    var sanity = PartitionFolders.dump(indexes, "--index-sanity-check");
                    assertEquals(
                            indexes.size(),
                            sanity.out()
                                    .lines()
                                    .filter(line ->
                                            line.endsWith(" passed sanity check.") || line.endsWith(" is empty."))
                                    .count(),
                            sanity::out);
                    var theirs = PartitionFolders.files(kafkas.resolve(partition.getFileName()), suffix);
                    assertEquals(remarks(theirs), remarks(indexes));
                }
            }
        }
    }

    private static String remarks(List<Path> indexes) {
        return PartitionFolders.remarks(indexes)
                .replaceAll("\\S*/(?=[^/]+/[^/]+index)", "")
                .replaceAll("Index timestamp: \\d+", "Index timestamp");
    }

    private void isServedByKafka(ChildBroker kafka, Path compactedByUs) throws Exception {
        try (var reader = ChildBroker.started(Product.APACHE_KAFKA, folder.resolve("reader"), SETTINGS)) {
            createTopics(reader);
            reader.stop();
            for (var topic : List.of(LIVE, TRANSACTIONS)) {
                for (var partition : PartitionFolders.of(compactedByUs, topic)) {
                    PartitionFolders.replaceContent(partition, reader.dataDir().resolve(partition.getFileName()));
                }
            }
            reader.start();
            assertSameRecords(kafka, reader);
        }
    }
}
