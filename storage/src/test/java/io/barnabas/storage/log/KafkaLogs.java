package io.barnabas.storage.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.log.VerificationGuard;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;
import org.apache.kafka.tools.DumpLogSegments;

/** Apache Kafka's own log code, as the judge of our files. */
public final class KafkaLogs implements AutoCloseable {
    private final KafkaScheduler scheduler = new KafkaScheduler(1);

    public KafkaLogs() {
        scheduler.startup();
    }

    public UnifiedLog open(Path directory, Map<String, String> config, boolean lastShutdownClean) throws IOException {
        var properties = new Properties();
        properties.putAll(config);
        return UnifiedLog.create(
                directory.toFile(),
                new org.apache.kafka.storage.internals.log.LogConfig(properties),
                0,
                0,
                scheduler,
                new BrokerTopicStats(),
                Time.SYSTEM,
                900_000,
                new ProducerStateManagerConfig(86_400_000, false),
                600_000,
                new LogDirFailureChannel(1),
                lastShutdownClean,
                Optional.empty());
    }

    public static void append(UnifiedLog log, ByteBuffer batch, int leaderEpoch, boolean marker) throws IOException {
        log.appendAsLeader(
                records(batch),
                leaderEpoch,
                marker
                        ? org.apache.kafka.storage.internals.log.AppendOrigin.COORDINATOR
                        : org.apache.kafka.storage.internals.log.AppendOrigin.CLIENT,
                RequestLocal.noCaching(),
                VerificationGuard.SENTINEL,
                (short) 0);
    }

    public static MemoryRecords records(ByteBuffer batch) {
        var copy = ByteBuffer.allocate(batch.remaining());
        copy.put(batch.duplicate()).flip();
        return MemoryRecords.readableRecords(copy);
    }

    /** Every batch from an offset on, each a copy of its bytes. */
    public static List<ByteBuffer> batches(UnifiedLog log, long from) throws IOException {
        var found = new ArrayList<ByteBuffer>();
        long offset = from;
        while (offset < log.logEndOffset()) {
            var read = log.read(offset, 1 << 20, FetchIsolation.LOG_END, true);
            var bytes = ByteBuffer.allocate(read.records.sizeInBytes());
            ((FileRecords) read.records).readInto(bytes, 0);
            for (var batch : MemoryRecords.readableRecords(bytes).batches()) {
                var one = ByteBuffer.allocate(batch.sizeInBytes());
                batch.writeTo(one);
                found.add(one.flip());
                offset = batch.nextOffset();
            }
        }
        return found;
    }

    /** What kafka-dump-log says about all files of a partition directory, standard error included. */
    public static String dump(Path directory, String... options) throws IOException {
        var files = new ArrayList<String>();
        try (var all = Files.list(directory)) {
            all.sorted()
                    .filter(file -> file.getFileName().toString().matches("\\d{20}\\..*"))
                    .forEach(file -> files.add(file.toString()));
        }
        var arguments = new ArrayList<>(List.of("--files", String.join(",", files)));
        arguments.addAll(List.of(options));
        var output = new ByteArrayOutputStream();
        var capture = new PrintStream(output, true, StandardCharsets.UTF_8);
        var out = System.out;
        var err = System.err;
        System.setOut(capture);
        System.setErr(capture);
        try {
            DumpLogSegments.main(arguments.toArray(String[]::new));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws InterruptedException {
        scheduler.shutdown();
    }
}
