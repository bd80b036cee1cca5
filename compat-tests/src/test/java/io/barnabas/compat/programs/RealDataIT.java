package io.barnabas.compat.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.barnabas.compat.cluster.ChildBroker;
import io.barnabas.compat.cluster.Product;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.GroupState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * The main job: over a million lines go in through the stock console producer and kcat at once, while a group of three
 * stock console consumers takes them out, all of them processes of their own.
 */
@Timeout(300)
class RealDataIT {
    private static final String TOPIC = "index";
    private static final String GROUP = "readers";
    private static final int PARTITIONS = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    @Test
    void aMillionLinesThroughBarnabas() throws Exception {
        everyLineComesOutOnceAndInOrder(Product.BARNABAS);
    }

    @Test
    @Tag("long")
    void aMillionLinesThroughApacheKafka() throws Exception {
        everyLineComesOutOnceAndInOrder(Product.APACHE_KAFKA);
    }

    private void everyLineComesOutOnceAndInOrder(Product product) throws Exception {
        InThisJvm.quiet();
        TextLines input = TextLines.packageIndexOrMadeUp();
        Path first = folder.resolve("first.tsv");
        Path second = folder.resolve("second.tsv");
        TextLines.write(input.half(0), first);
        TextLines.write(input.half(1), second);
        try (var broker = ChildBroker.started(product, folder.resolve("broker"), Map.of());
                var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
            List<ChildProcess> consumers = consumers(broker);
            try {
                awaitMembers(admin, consumers);
                produce(broker, first, second);
                Waiting.until("every line has come out", PATIENCE, () -> {
                    long lines = 0;
                    for (ChildProcess consumer : consumers) {
                        lines += consumer.lines();
                    }
                    return lines >= input.lines().size();
                });
                for (ChildProcess consumer : consumers) {
                    consumer.terminate(PATIENCE);
                }
            } finally {
                consumers.forEach(ChildProcess::close);
            }
            assertEquals(
                    input.lines().size(),
                    LogEnds.of(admin, TOPIC).values().stream()
                            .mapToLong(end -> end)
                            .sum(),
                    "records in the logs");
            tally(consumers).assertExactly(input, PARTITIONS);
        }
    }

    private List<ChildProcess> consumers(ChildBroker broker) throws Exception {
        List<ChildProcess> consumers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            consumers.add(ChildProcess.java(
                    folder,
                    "consumer-" + i,
                    null,
                    Program.CONSOLE_CONSUMER,
                    List.of(
                            "--bootstrap-server",
                            broker.bootstrapServers(),
                            "--topic",
                            TOPIC,
                            "--group",
                            GROUP,
                            "--from-beginning",
                            "--formatter-property",
                            "print.partition=true",
                            "--formatter-property",
                            "print.offset=true",
                            "--formatter-property",
                            "print.key=true")));
        }
        return consumers;
    }

    /** Waits until each of the three has its two partitions. */
    private static void awaitMembers(Admin admin, List<ChildProcess> consumers) throws InterruptedException {
        Waiting.until("the group has three members with two partitions each", PATIENCE, () -> {
            for (ChildProcess consumer : consumers) {
                if (!consumer.isAlive()) {
                    consumer.succeed(PATIENCE);
                    throw new AssertionError("a consumer ended by itself");
                }
            }
            if (admin.listGroups().all().get().stream()
                    .noneMatch(group -> group.groupId().equals(GROUP))) {
                return false;
            }
            ConsumerGroupDescription group = admin.describeConsumerGroups(List.of(GROUP))
                    .all()
                    .get(60, TimeUnit.SECONDS)
                    .get(GROUP);
            return group.groupState() == GroupState.STABLE
                    && group.members().size() == 3
                    && group.members().stream()
                            .allMatch(member ->
                                    member.assignment().topicPartitions().size() == 2);
        });
    }

    /** Both halves at the same time; without kcat both through the console producer. */
    private void produce(ChildBroker broker, Path first, Path second) throws Exception {
        try (var java = consoleProducer(broker, "producer-java", first);
                var other = Kcat.present()
                        ? ChildProcess.start(
                                folder,
                                "producer-kcat",
                                second,
                                List.of(
                                        Kcat.PATH.toString(),
                                        "-b",
                                        broker.bootstrapServers(),
                                        "-P",
                                        "-t",
                                        TOPIC,
                                        "-K",
                                        "\t",
                                        "-X",
                                        "enable.idempotence=true"))
                        : consoleProducer(broker, "producer-java-2", second)) {
            java.succeed(PATIENCE);
            other.succeed(PATIENCE);
        }
    }

    private ChildProcess consoleProducer(ChildBroker broker, String name, Path input) throws Exception {
        return ChildProcess.java(
                folder,
                name,
                input,
                Program.CONSOLE_PRODUCER,
                List.of(
                        "--bootstrap-server",
                        broker.bootstrapServers(),
                        "--topic",
                        TOPIC,
                        "--reader-property",
                        "parse.key=true",
                        "--reader-property",
                        "key.separator=\t"));
    }

    /** Reads lines such as {@code Partition:4	Offset:17	key	value}. */
    private static Tally tally(List<ChildProcess> consumers) throws Exception {
        Tally tally = new Tally();
        for (ChildProcess consumer : consumers) {
            Tally.Reader reader = tally.reader();
            try (var lines = Files.lines(consumer.out(), UTF_8)) {
                lines.forEach(line -> {
                    String[] fields = line.split("\t", 4);
                    reader.read(
                            Integer.parseInt(fields[0].substring("Partition:".length())),
                            Long.parseLong(fields[1].substring("Offset:".length())),
                            fields[2],
                            fields[3]);
                });
            }
        }
        return tally;
    }
}
