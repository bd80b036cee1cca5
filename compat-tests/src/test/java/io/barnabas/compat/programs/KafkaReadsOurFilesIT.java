package io.barnabas.compat.programs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The files on disk are Kafka's: its own kafka-dump-log finds nothing wrong with them, and a broker of either product
 * serves the partition folders that the other has written, from their indexes and snapshots as they are.
 */
@Timeout(300)
class KafkaReadsOurFilesIT {
    private static final Map<String, String> SETTINGS = Map.of("offsets.topic.num.partitions", "3");

    @TempDir
    Path folder;

    @Test
    void kafkaReadsWhatBarnabasWrote() throws Exception {
        try (var barnabas = ChildBroker.started(Product.BARNABAS, folder.resolve("barnabas"), SETTINGS)) {
            Stock stock = write(barnabas);
            kafkaDumpLogIsContentWith(barnabas.dataDir(), stock);
            isServedBy(Product.APACHE_KAFKA, barnabas.dataDir(), stock);
        }
    }

    @Test
    void barnabasReadsWhatKafkaWrote() throws Exception {
        try (var kafka = ChildBroker.started(Product.APACHE_KAFKA, folder.resolve("kafka"), SETTINGS)) {
            Stock stock = write(kafka);
            // That it is content with Kafka's own files shows that the demands are fair.
            kafkaDumpLogIsContentWith(kafka.dataDir(), stock);
            isServedBy(Product.BARNABAS, kafka.dataDir(), stock);
        }
    }

    /** Fills a broker, remembers what it serves, and stops it. */
    private static Stock write(ChildBroker broker) throws Exception {
        InThisJvm.quiet();
        Stock stock;
        try (var admin = admin(broker)) {
            StockRoom.createTopics(admin);
            StockRoom.fill(broker.bootstrapServers(), admin);
            stock = StockRoom.take(broker.bootstrapServers(), admin);
        }
        broker.stop();
        return stock;
    }

    /**
     * A broker that knows the same topics but has nothing in them is given the other's partition folders, all but the
     * topic id, and serves the same.
     */
    private void isServedBy(Product product, Path writtenTo, Stock expected) throws Exception {
        try (var broker = ChildBroker.started(product, folder.resolve("reader"), SETTINGS)) {
            try (var admin = admin(broker)) {
                StockRoom.createTopics(admin);
                StockRoom.makeOffsetsTopic(admin);
            }
            broker.stop();
            for (Path partition : PartitionFolders.ofStock(writtenTo)) {
                PartitionFolders.replaceContent(partition, broker.dataDir().resolve(partition.getFileName()));
            }
            broker.start();
            try (var admin = admin(broker)) {
                Stock actual = StockRoom.take(broker.bootstrapServers(), admin);
                assertEquals(expected.records().keySet(), actual.records().keySet());
                expected.records().forEach((partition, records) -> {
                    List<String> served = actual.records().get(partition);
                    for (int i = 0; i < Math.min(records.size(), served.size()); i++) {
                        assertEquals(records.get(i), served.get(i), () -> partition.toString());
                    }
                    assertEquals(records.size(), served.size(), () -> "records of " + partition);
                });
                assertEquals(expected.ends(), actual.ends(), "log end offsets");
                assertEquals(expected.offsetsByTime(), actual.offsetsByTime(), "offsets by timestamp");
                assertEquals(expected.committed(), actual.committed(), "committed offsets");
                assertEquals(expected.groups(), actual.groups(), "groups");
                if (product == Product.APACHE_KAFKA) {
                    // Ours does not tell its producers' state yet.
                    assertEquals(StockRoom.lastSequences(expected), StockRoom.producers(admin), "producers' sequences");
                }
            }
        }
    }

    private static void kafkaDumpLogIsContentWith(Path dataDir, Stock stock) throws IOException {
        dumpLogs(dataDir, stock);
        dumpIndexes(dataDir);
        dumpSnapshots(dataDir);
        dumpCommittedOffsets(dataDir, stock);
    }

    private static void dumpLogs(Path dataDir, Stock stock) throws IOException {
        Map<String, Long> counted = new TreeMap<>();
        for (Path partition : PartitionFolders.ofStock(dataDir)) {
            if (partition.getFileName().toString().startsWith(PartitionFolders.OFFSETS_TOPIC)) {
                continue;
            }
            List<Path> logs = PartitionFolders.files(partition, ".log");
            assertTrue(logs.size() >= 3, () -> "several segments in " + partition + ": " + logs);
            Outcome dump = PartitionFolders.dump(logs, "--deep-iteration", "--print-data-log");
            assertFalse(dump.out().contains("isvalid: false"), "every batch is valid");
            assertFalse(dump.out().contains("Found"), () -> "no bytes are left over in " + partition);
            counted.put(
                    partition.getFileName().toString(),
                    dump.out()
                            .lines()
                            .filter(line -> line.startsWith("| offset: "))
                            .count());
        }
        Map<String, Long> written = new TreeMap<>();
        stock.ends().forEach((partition, end) -> written.put(partition.toString(), end));
        assertEquals(written, counted, "records that kafka-dump-log shows");
    }

    private static void dumpIndexes(Path dataDir) throws IOException {
        int indexes = 0;
        for (Path partition : PartitionFolders.ofStock(dataDir)) {
            for (String suffix : List.of(".index", ".timeindex")) {
                List<Path> files = PartitionFolders.files(partition, suffix);
                assertEquals(
                        PartitionFolders.files(partition, ".log").size(),
                        files.size(),
                        () -> suffix + " in " + partition);
                if (files.isEmpty()) {
                    // Barnabas makes no files for a partition without records; Kafka is used to that.
                    continue;
                }
                Outcome sanity = PartitionFolders.dump(files, "--index-sanity-check");
                assertEquals(
                        files.size(),
                        sanity.out()
                                .lines()
                                .filter(line -> line.endsWith(" passed sanity check.") || line.endsWith(" is empty."))
                                .count(),
                        sanity.out());
                // Compares every entry with the log; what does not fit is told on standard error.
                Outcome entries = PartitionFolders.dump(files);
                indexes += entries.out()
                        .lines()
                        .filter(line -> line.startsWith("offset: ") || line.startsWith("timestamp: "))
                        .count();
            }
        }
        assertTrue(indexes > 1_000, "index entries: " + indexes);
    }

    private static void dumpSnapshots(Path dataDir) throws IOException {
        int producers = 0;
        for (Path partition : PartitionFolders.ofStock(dataDir)) {
            List<Path> snapshots = PartitionFolders.files(partition, ".snapshot");
            if (!snapshots.isEmpty()) {
                producers += PartitionFolders.dump(snapshots)
                        .out()
                        .lines()
                        .filter(line -> line.startsWith("producerId: "))
                        .count();
            }
        }
        assertTrue(producers >= StockRoom.IDEMPOTENT.size(), "producers in snapshots: " + producers);
    }

    /** Of every partition, the newest record that kafka-dump-log shows is the committed offset. */
    private static void dumpCommittedOffsets(Path dataDir, Stock stock) throws IOException {
        var logs = PartitionFolders.ofStock(dataDir).stream()
                .filter(partition -> partition.getFileName().toString().startsWith(PartitionFolders.OFFSETS_TOPIC))
                .flatMap(partition -> PartitionFolders.files(partition, ".log").stream())
                .toList();
        String out = PartitionFolders.dump(logs, "--offsets-decoder").out();
        assertFalse(out.contains("isvalid: false"), out);
        var commit = Pattern.compile("\"group\":\"" + StockRoom.GROUP
                + "\",\"topic\":\"([^\"]+)\",\"partition\":(\\d+)}} payload: .*?\"offset\":(\\d+)");
        Map<String, Long> newest = new TreeMap<>();
        out.lines().forEach(line -> {
            var matcher = commit.matcher(line);
            if (matcher.find()) {
                newest.put(matcher.group(1) + "-" + matcher.group(2), Long.parseLong(matcher.group(3)));
            }
        });
        Map<String, Long> committed = new TreeMap<>();
        stock.committed().forEach((partition, offset) -> committed.put(partition.toString(), offset.offset()));
        assertEquals(committed, newest, out);
    }

    private static Admin admin(ChildBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }
}
