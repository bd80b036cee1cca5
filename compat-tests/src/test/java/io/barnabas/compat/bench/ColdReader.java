package io.barnabas.compat.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic whose pages are not in memory over and over, at a gigabit a second. In a process of its own that gets only the time
 * that nobody else wants, as if it ran elsewhere: neither its garbage nor its use of the few cores must hold up the producer whose
 * latency is measured.
 */
final class ColdReader {
    /** A gigabit's worth: faster, and on few cores the reader itself is what the producer waits for. */
    private static final int MOST_RECORDS_PER_S = 120_000;

    private static final int WARM_RECORDS = 2 * MOST_RECORDS_PER_S;
    private static final int STOP_S = 60;

    private final Process process;
    private final BufferedReader said;

    private ColdReader(Process process) {
        this.process = process;
        said = process.inputReader();
    }

    /** Returns when it has read for a while: its own start is not what is measured. */
    static ColdReader start(Contender contender, String topic, int partitions, long records) throws IOException {
        var command = new ArrayList<>(List.of(
                "chrt",
                "--idle",
                "0",
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
        command.add(ColdReader.class.getName());
        command.addAll(List.of(
                contender.bootstrapServers(),
                contender.dataDir().toString(),
                topic,
                Integer.toString(partitions),
                Long.toString(records)));
        var reader = new ColdReader(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
        if (reader.said.readLine() == null) {
            throw new IllegalStateException("the reader of cold data has ended by itself");
        }
        return reader;
    }

    /** Ends it. @return how many records it has read since it was started */
    long stop() throws IOException, InterruptedException {
        process.getOutputStream().close();
        var read = said.readLine();
        if (!process.waitFor(STOP_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the reader of cold data does not end");
        }
        return Long.parseLong(read);
    }

    /** Until standard input ends. */
    public static void main(String... arguments) throws IOException {
        var dataDir = Path.of(arguments[1]);
        String topic = arguments[2];
        int partitions = Integer.parseInt(arguments[3]);
        long records = Long.parseLong(arguments[4]);
        var over = new AtomicBoolean();
        var watch = new Thread(() -> over.set(hasEnded(System.in)));
        watch.setDaemon(true);
        watch.start();
        long read = 0;
        while (!over.get()) {
            forgetPages(dataDir, topic);
            read += readAll(arguments[0], topic, partitions, records, read, over);
        }
        System.out.println(read);
    }

    private static boolean hasEnded(InputStream in) {
        try {
            in.readAllBytes();
        } catch (IOException e) {
            // Gone all the same.
        }
        return true;
    }

    private static long readAll(
            String bootstrapServers, String topic, int partitions, long mostRecords, long before, AtomicBoolean over) {
        long records = 0;
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers, "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(Clients.partitions(topic, partitions));
            consumer.seekToBeginning(Clients.partitions(topic, partitions));
            long startedNs = System.nanoTime();
            while (records < mostRecords && !over.get()) {
                boolean warm = before + records >= WARM_RECORDS;
                records += consumer.poll(Duration.ofSeconds(1)).count();
                if (!warm && before + records >= WARM_RECORDS) {
                    System.out.println("reading");
                }
                long dueNs = startedNs + records * 1_000_000_000L / MOST_RECORDS_PER_S;
                LockSupport.parkNanos(Math.max(0, dueNs - System.nanoTime()));
            }
        }
        return records;
    }

    /** Writes the topic's segments out and drops them from the page cache. */
    static void forgetPages(Path dataDir, String topic) throws IOException {
        try (var files = Files.walk(dataDir)) {
            for (var file : files.filter(
                            path -> path.getParent().getFileName().toString().startsWith(topic + "-")
                                    && path.toString().endsWith(".log"))
                    .toList()) {
                new ProcessBuilder(
                                "dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none")
                        .redirectErrorStream(true)
                        .start()
                        .waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
