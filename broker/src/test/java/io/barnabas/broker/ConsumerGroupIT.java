package io.barnabas.broker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import io.barnabas.broker.testing.TestBroker;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Stock consumers and Admin in groups of the classic protocol. */
class ConsumerGroupIT {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final long DEADLINE_MS = 40_000;

    @TempDir
    Path logDir;

    private TestBroker broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        broker = TestBroker.start(logDir);
        admin = Admin.create(broker.clientSettings());
    }

    @AfterEach
    void stop() {
        admin.close(Duration.ofSeconds(5));
        broker.close();
    }

    @Test
    void threeMembersShareAndCommitAndAfterARestartTheNextOneResumes() throws Exception {
        create("shared", 6);
        produce("shared", 6, 0, 300);
        Set<String> seen = new HashSet<>();
        List<KafkaConsumer<String, String>> members = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                var member = consumer("three", Map.of());
                member.subscribe(List.of("shared"));
                members.add(member);
            }
            // What a member read before the others came is read again by its new owner, as it was not committed.
            pollUntil(
                    members,
                    seen,
                    () -> members.stream()
                                    .allMatch(member -> member.assignment().size() == 2)
                            && members.stream()
                                            .mapToLong(ConsumerGroupIT::positions)
                                            .sum()
                                    == 300);
            assertEquals(300, seen.size());
            members.forEach(KafkaConsumer::commitSync);

            var described =
                    admin.describeConsumerGroups(List.of("three")).all().get().get("three");
            assertEquals(GroupState.STABLE, described.groupState());
            assertEquals(3, described.members().size());
            assertEquals(
                    Set.of("three"),
                    new HashSet<>(admin.listGroups().all().get().stream()
                            .map(group -> group.groupId())
                            .toList()));
        } finally {
            members.forEach(member -> member.close());
        }

        restart();
        assertEquals(
                300,
                committed("three").values().stream()
                        .mapToLong(OffsetAndMetadata::offset)
                        .sum());
        produce("shared", 6, 300, 60);
        Set<String> resumed = new HashSet<>();
        try (var member = consumer("three", Map.of())) {
            member.subscribe(List.of("shared"));
            pollUntil(List.of(member), resumed, () -> resumed.size() >= 60);
        }
        assertEquals(60, resumed.size());
        assertTrue(resumed.contains("v300") && resumed.contains("v359"));
    }

    @Test
    void aMemberThatGoesLeavesItsPartitionsToTheOther() throws Exception {
        create("handover", 4);
        try (var stays = consumer("pair", Map.of());
                var goes = consumer("pair", Map.of())) {
            stays.subscribe(List.of("handover"));
            goes.subscribe(List.of("handover"));
            pollUntil(
                    List.of(stays, goes),
                    new HashSet<>(),
                    () -> stays.assignment().size() == 2 && goes.assignment().size() == 2);
            goes.close();
            pollUntil(List.of(stays), new HashSet<>(), () -> stays.assignment().size() == 4);
        }
    }

    @Test
    void aMemberThatDiesIsMissedAfterItsSessionTimeout() throws Exception {
        create("dying", 2);
        var settings = Map.<String, Object>of("session.timeout.ms", 6_000, "heartbeat.interval.ms", 1_000);
        try (var stays = consumer("mortals", settings);
                var dies = consumer(
                        "mortals",
                        Map.of(
                                "session.timeout.ms",
                                6_000,
                                "heartbeat.interval.ms",
                                1_000,
                                "max.poll.interval.ms",
                                2_000,
                                "group.instance.id",
                                "static-1"))) {
            stays.subscribe(List.of("dying"));
            dies.subscribe(List.of("dying"));
            pollUntil(
                    List.of(stays, dies),
                    new HashSet<>(),
                    () -> stays.assignment().size() == 1 && dies.assignment().size() == 1);
            // Not polled any more, a static member stops its heartbeats without leaving.
            pollUntil(List.of(stays), new HashSet<>(), () -> stays.assignment().size() == 2);
        }
    }

    @Test
    void aStaticMemberComesBackToItsPartitionsWithoutARebalance() throws Exception {
        create("fixed", 2);
        Map<String, Object> first = Map.of("group.instance.id", "one");
        Map<String, Object> second = Map.of("group.instance.id", "two");
        var one = consumer("statics", first);
        try (var two = consumer("statics", second)) {
            one.subscribe(List.of("fixed"));
            two.subscribe(List.of("fixed"));
            pollUntil(
                    List.of(one, two),
                    new HashSet<>(),
                    () -> one.assignment().size() == 1 && two.assignment().size() == 1);
            var before = one.assignment();
            int generation = two.groupMetadata().generationId();
            one.close();
            try (var again = consumer("statics", first)) {
                again.subscribe(List.of("fixed"));
                pollUntil(List.of(again, two), new HashSet<>(), () -> !again.assignment()
                        .isEmpty());
                assertEquals(before, again.assignment());
                assertEquals(generation, two.groupMetadata().generationId());
            }
            admin.removeMembersFromConsumerGroup(
                            "statics", new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("one"))))
                    .all()
                    .get();
            pollUntil(List.of(two), new HashSet<>(), () -> two.assignment().size() == 2);
        }
    }

    @Test
    void aConsumerThatAssignsItselfCommitsWithoutMembership() throws Exception {
        create("alone", 1);
        var partition = new TopicPartition("alone", 0);
        try (var consumer = consumer("simple", Map.of())) {
            consumer.assign(List.of(partition));
            assertNull(consumer.committed(Set.of(partition)).get(partition));
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(7, "my note")));
            assertEquals(
                    new OffsetAndMetadata(7, "my note"),
                    consumer.committed(Set.of(partition)).get(partition));
        }
        assertEquals(7, committed("simple").get(partition).offset());
    }

    @Test
    void administratorsResetAndDeleteOffsetsAndGroups() throws Exception {
        create("managed", 1);
        create("other", 1);
        var partition = new TopicPartition("managed", 0);
        var other = new TopicPartition("other", 0);
        produce("managed", 1, 0, 10);
        try (var member = consumer("reset", Map.of())) {
            member.subscribe(List.of("managed"));
            var seen = new HashSet<String>();
            pollUntil(List.of(member), seen, () -> seen.size() == 10);
            member.commitSync();
            assertCause(
                    GroupNotEmptyException.class,
                    () -> admin.deleteConsumerGroups(List.of("reset")).all().get());
            assertCause(GroupSubscribedToTopicException.class, () -> admin.deleteConsumerGroupOffsets(
                            "reset", Set.of(partition))
                    .all()
                    .get());
        }
        admin.alterConsumerGroupOffsets(
                        "reset", Map.of(partition, new OffsetAndMetadata(3), other, new OffsetAndMetadata(0)))
                .all()
                .get();
        assertEquals(3, committed("reset").get(partition).offset());
        admin.deleteConsumerGroupOffsets("reset", Set.of(other)).all().get();
        assertEquals(Set.of(partition), committed("reset").keySet());
        try (var member = consumer("reset", Map.of())) {
            member.subscribe(List.of("managed"));
            var seen = new HashSet<String>();
            pollUntil(List.of(member), seen, () -> seen.size() >= 7);
            assertEquals(7, seen.size());
        }
        admin.deleteConsumerGroups(List.of("reset")).all().get();
        assertCause(
                GroupIdNotFoundException.class,
                () -> admin.describeConsumerGroups(List.of("reset")).all().get());
        assertCause(
                GroupIdNotFoundException.class,
                () -> admin.deleteConsumerGroups(List.of("reset")).all().get());
    }

    @Test
    void offsetsOfADeletedTopicAreGone() throws Exception {
        create("short-lived", 1);
        var partition = new TopicPartition("short-lived", 0);
        try (var consumer = consumer("remembers", Map.of())) {
            consumer.assign(List.of(partition));
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(5)));
        }
        admin.deleteTopics(List.of("short-lived")).all().get();
        create("short-lived", 1);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        while (!committed("remembers").isEmpty()) {
            assertTrue(System.nanoTime() < deadline, "The offset outlived its topic");
        }
    }

    private void restart() throws Exception {
        stop();
        start();
    }

    private void create(String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all()
                .get();
    }

    private void produce(String topic, int partitions, int from, int count) {
        var settings = broker.clientSettings();
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = from; i < from + count; i++) {
                producer.send(new ProducerRecord<>(topic, i % partitions, null, "v" + i));
            }
        }
    }

    private KafkaConsumer<String, String> consumer(String group, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(broker.clientSettings());
        settings.put("group.id", group);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        settings.put("heartbeat.interval.ms", 200);
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    /** One thread polls all in turn: each poll is short, so that rebalances proceed. */
    private static void pollUntil(
            List<KafkaConsumer<String, String>> consumers, Set<String> seen, BooleanSupplier done) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        while (!done.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() < deadline,
                    () -> "Still waiting; seen " + seen.size() + ", assigned "
                            + consumers.stream().map(KafkaConsumer::assignment).toList());
            for (var consumer : consumers) {
                consumer.poll(POLL).forEach(record -> seen.add(record.value()));
            }
        }
    }

    private static long positions(KafkaConsumer<String, String> member) {
        return member.assignment().stream().mapToLong(member::position).sum();
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(String group) throws Exception {
        return admin.listConsumerGroupOffsets(Map.of(group, new ListConsumerGroupOffsetsSpec()))
                .partitionsToOffsetAndMetadata(group)
                .get();
    }

    private static void assertCause(Class<? extends Throwable> type, ThrowingCall call) {
        var failure = assertThrows(ExecutionException.class, call::run);
        assertInstanceOf(type, failure.getCause());
    }

    private interface ThrowingCall {
        void run() throws Exception;
    }
}
