package io.barnabas.compat.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.barnabas.compat.cluster.BrokerPair;
import io.barnabas.compat.cluster.ChildBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Groups of clients that are not written in Java share a topic, and one of them leaves in the middle: every record is
 * read, and what they committed is there for kafka-consumer-groups. Apache Kafka goes through the same at the same time.
 */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OtherClientGroupsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PARTITIONS = 6;
    private static final int RECORDS = 1_000;

    @TempDir
    static Path folder;

    private static BrokerPair brokers;

    @BeforeAll
    static void start() {
        InThisJvm.quiet();
        brokers = BrokerPair.started(folder.resolve("brokers"), Map.of("offsets.topic.num.partitions", "3"));
    }

    @AfterAll
    static void stop() {
        brokers.close();
    }

    /** The command line of a member that prints what it reads, one record per line, and leaves on SIGTERM. */
    @FunctionalInterface
    private interface Client {
        List<String> member(String bootstrapServers, String group, String topic);
    }

    @Test
    void twoOfKcat() {
        assumeTrue(Kcat.present(), "kcat is not installed");
        share("kcat", 2, Kcat::member);
    }

    @Test
    void threeOfKafkaJs() throws Exception {
        var missing = KafkaJs.missing();
        assumeTrue(missing.isEmpty(), missing::get);
        share("kafkajs", 3, KafkaJs::member);
    }

    private static void share(String name, int members, Client client) {
        brokers.both(broker -> {
            try {
                share(broker, name, members, client);
            } catch (Exception e) {
                throw new IllegalStateException(name + " at " + broker.product(), e);
            }
            return "";
        });
    }

    private static void share(ChildBroker broker, String name, int members, Client client) throws Exception {
        Path home = Files.createDirectories(folder.resolve(name + "-" + broker.product()));
        List<ChildProcess> all = new ArrayList<>();
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1)))
                    .all()
                    .get(30, SECONDS);
            for (int i = 0; i < members; i++) {
                all.add(ChildProcess.start(
                        home, "member-" + i, null, client.member(broker.bootstrapServers(), name, name)));
            }
            untilSettled(admin, name, members);
            produce(broker, name, 0, RECORDS / 2);
            untilRead(all, RECORDS / 2);
            produce(broker, name, RECORDS / 2, RECORDS * 3 / 4);
            // kcat commits what it has taken but does not print it any more when it is told to end.
            untilRead(all, RECORDS * 3 / 4);
            all.get(0).terminate(PATIENCE);
            produce(broker, name, RECORDS * 3 / 4, RECORDS);
            untilRead(all, RECORDS);
            untilSettled(admin, name, members - 1);
            for (ChildProcess member : all) {
                assertTrue(member.lines() > 0, "each member was given something");
            }
            for (ChildProcess member : all.subList(1, members)) {
                member.terminate(PATIENCE);
            }
            untilSettled(admin, name, 0);
            assertEquals(
                    RECORDS,
                    admin
                            .listConsumerGroupOffsets(name)
                            .partitionsToOffsetAndMetadata()
                            .get(30, SECONDS)
                            .values()
                            .stream()
                            .mapToLong(OffsetAndMetadata::offset)
                            .sum());
        } finally {
            all.forEach(ChildProcess::close);
        }
        try (var session = new Session(broker)) {
            Outcome told = session.run(Program.CONSUMER_GROUPS, "--describe", "--group", name);
            List<String> lags = told.out()
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.split(" +")[5])
                    .toList();
            assertEquals(Collections.nCopies(PARTITIONS, "0"), lags, told.toString());
        }
    }

    /** Until the group is stable with so many members that all have partitions, or has nobody. */
    private static void untilSettled(Admin admin, String group, int members) throws InterruptedException {
        Waiting.until(group + " has " + members + " members", PATIENCE, () -> {
            var described = admin.describeConsumerGroups(List.of(group))
                    .describedGroups()
                    .get(group);
            try {
                var now = described.get(30, SECONDS);
                return now.groupState() == (members == 0 ? GroupState.EMPTY : GroupState.STABLE)
                        && now.members().size() == members
                        && now.members().stream()
                                .noneMatch(member ->
                                        member.assignment().topicPartitions().isEmpty());
            } catch (ExecutionException notYet) {
                return false;
            }
        });
    }

    private static void produce(ChildBroker broker, String topic, int from, int to) {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            IntStream.range(from, to)
                    .forEach(i -> producer.send(new ProducerRecord<>(topic, i % PARTITIONS, "key", "record " + i)));
        }
    }

    /** Until all records up to this one have been printed by one member or another. */
    private static void untilRead(List<ChildProcess> members, int records) throws InterruptedException {
        Set<String> wanted =
                IntStream.range(0, records).mapToObj(i -> "record " + i).collect(Collectors.toSet());
        Waiting.until(records + " records are read", PATIENCE, () -> {
            Set<String> missing = new HashSet<>(wanted);
            for (ChildProcess member : members) {
                Files.readAllLines(member.out()).forEach(missing::remove);
            }
            return missing.isEmpty();
        });
    }
}
